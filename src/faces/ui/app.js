/** Finds the page for the address, keeps it fresh, and shows what went wrong. */
import { getJson } from './api.js';
import { el, setText, visible } from './dom.js';
import { jobPage } from './job.js';
import { jobsPage } from './jobs.js';
import { nodesPage } from './nodes.js';
import { pushPage } from './push.js';
import { queuesPage } from './queues.js';

const refreshEvery = 2_000;
const base = document.documentElement.dataset.base;
const main = document.getElementById('main');
const banner = document.getElementById('banner');

/** The page shown now. `refresh` may be missing; `stopped` tells a page that was left to do nothing more. */
let page = { refresh: undefined, stopped: true, failed: false };

/** What pages may ask of the frame. */
const frame = {
  base,
  link: (path, text, props = {}) => el('a', { href: `${base}${path}`, 'data-link': true, ...props }, text),
  go(path, { replace = false } = {}) {
    history[replace ? 'replaceState' : 'pushState'](null, '', `${base}${path}`);
    show();
  },
  title: (text) => {
    document.title = `${visible(text)} · Hatstand`;
  },
  /** Shows an error until the next success. */
  fail(error, more = '') {
    banner.hidden = false;
    setText(banner, `${error.message}${more}`);
  },
  succeed() {
    banner.hidden = true;
    setText(banner, '');
  },
  /** Runs what a button asks for; its error goes to the banner. */
  async act(action) {
    try {
      await action();
      frame.succeed();
    } catch (error) {
      // Whether it was done the reader sees once the server is back.
      if (error.code === 'unreachable') page.failed = true;
      frame.fail(error);
    }
  },
};

function route(path) {
  const job = /^\/jobs\/(\d+)$/.exec(path);
  if (path === '' || path === '/' || path === '/jobs') return ['jobs', jobsPage(frame)];
  if (path === '/jobs/new') return ['push', pushPage(frame)];
  if (job !== null) return ['jobs', jobPage(frame, job[1])];
  if (path === '/queues') return ['queues', queuesPage(frame)];
  if (path === '/nodes') return ['nodes', nodesPage(frame)];
  return [
    '',
    {
      title: 'Not found',
      view: el('section', { class: 'empty' }, el('h1', {}, 'There is no such page'), frame.link('/jobs', 'To the jobs')),
    },
  ];
}

function show() {
  page.stopped = true;
  frame.succeed();
  const [name, shown] = route(location.pathname.slice(base.length));
  page = shown;
  page.stopped = false;
  frame.title(page.title);
  for (const link of document.querySelectorAll('[data-page]')) {
    if (link.dataset.page === name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  main.replaceChildren(page.view);
  void refresh();
}

/** Asks whether a server that was away is back, for pages that show nothing of its own. */
const lookForServer = () => getJson('/stats');

/** The next refresh begins only after the last one was answered. */
let timer;
async function refresh() {
  clearTimeout(timer);
  const current = page;
  const look = current.refresh ?? (current.failed ? lookForServer : undefined);
  if (!document.hidden && look !== undefined) {
    try {
      await look();
      if (!current.stopped && current.failed) frame.succeed();
      current.failed = false;
    } catch (error) {
      if (current.stopped) return;
      current.failed = true;
      frame.fail(error, error.code === 'unreachable' ? ' Trying again…' : '');
    }
  }
  if (current === page) timer = setTimeout(refresh, refreshEvery);
}
frame.refresh = refresh;

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-link]');
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  show();
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
});
addEventListener('popstate', show);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh();
});

/** What nobody can read is told where everybody sees it, with where to look. */
function tellUnreadable(count) {
  const notice = document.getElementById('unreadable');
  notice.hidden = count === 0;
  const records = count === 1 ? '1 record cannot be read and is' : `${count} records cannot be read and are`;
  setText(notice, `${records} set aside. “hatstand doctor” and GET /v1/unreadable tell which and why.`);
}

show();
getJson('/stats').then(
  ({ version, durability, survives, unreadable }) => {
    tellUnreadable(unreadable);
    const server = document.getElementById('server');
    server.textContent = `${version} · ${durability}`;
    server.title = survives;
  },
  () => {},
);
