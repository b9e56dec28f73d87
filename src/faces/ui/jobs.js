/** The list: a filter kept in the address, tabs by state, rows that change in place. */
import { getJson } from './api.js';
import { countsBeside } from './counts.js';
import { el, length, relative, setState, setText, setTitle, stateBadge, states, timeOf } from './dom.js';
import { waitingFor } from './waiting.js';

const pageSize = 50;
const mostPerRequest = 500;

/** Orders ids as numbers; they have more digits than a number can hold. */
const compareIds = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
const withoutState = (q) =>
  q
    .replace(/(^|\s)state:\S*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
const stateIn = (q) => /(?:^|\s)state:(\S+)/.exec(q)?.[1] ?? '';

export function jobsPage(frame) {
  const address = new URLSearchParams(location.search);
  const q = address.get('q') ?? '';
  const cursor = address.get('cursor');
  const rows = new Map();
  /** The newest job on show: newer ones wait behind a button, so that nothing moves under the reader. */
  let top = null;
  let newer = 0;

  const pathFor = (filter, from) => {
    const search = new URLSearchParams();
    if (filter !== '') search.set('q', filter);
    if (from) search.set('cursor', from);
    return `/jobs${search.size === 0 ? '' : `?${search}`}`;
  };

  const input = el('input', {
    id: 'filter',
    type: 'search',
    value: q,
    placeholder: 'state:failed queue:mail name:send* created:<2h',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'filter-fault',
  });
  const fault = el('p', { id: 'filter-fault', class: 'fault', role: 'alert', hidden: true });
  const form = el(
    'form',
    {
      role: 'search',
      class: 'filter',
      onsubmit: (event) => {
        event.preventDefault();
        frame.go(pathFor(input.value.trim(), null));
        document.getElementById('filter').focus();
      },
    },
    el('label', { for: 'filter' }, 'Filter'),
    input,
    el('button', {}, 'Apply'),
  );

  const rest = withoutState(q);
  const tabs = ['', ...states].map((state) => {
    const count = el('span', { class: 'count' });
    const link = frame.link(pathFor(`${state === '' ? '' : `state:${state}`} ${rest}`.trim(), null), '', {
      class: 'tab',
      'aria-current': stateIn(q) === state ? 'true' : undefined,
    });
    link.append(state || 'all', count);
    return { state, link, count };
  });

  const counted = el('p', { id: 'counted', class: 'hint', hidden: true });
  const pill = el('button', { type: 'button', class: 'pill', hidden: true, onclick: showNewer });
  const body = el('tbody');
  const table = el(
    'table',
    { class: 'jobs' },
    el('caption', { class: 'hidden' }, 'Jobs, newest first'),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'State'),
        el('th', { scope: 'col' }, 'Job'),
        el('th', { scope: 'col', class: 'wide' }, 'Sent to'),
        el('th', { scope: 'col', class: 'wide' }, 'Queue'),
        el('th', { scope: 'col', class: 'number wide' }, 'Attempt'),
        el('th', { scope: 'col', class: 'number' }, 'Pushed'),
        el('th', { scope: 'col', class: 'number wide' }, 'Ran'),
      ),
    ),
    body,
  );
  const content = el('div', { class: 'table', hidden: true }, table);
  const empty = el('section', { class: 'empty', hidden: true });
  const first = frame.link(pathFor(q, null), '← Newest', { hidden: cursor === null });
  const next = frame.link('/jobs', 'Older →', { hidden: true });
  const pager = el('nav', { class: 'pager', 'aria-label': 'Pages of the list' }, first, next);

  async function refresh() {
    const [page, stats] = await Promise.allSettled([getJson(requestPath()), getJson('/stats')]);
    if (stats.status === 'rejected') throw stats.reason;
    showCounts(stats.value);
    const refused = page.status === 'rejected' && page.reason.status >= 400 && page.reason.status < 500;
    fault.hidden = !refused;
    input.setAttribute('aria-invalid', String(refused));
    if (refused) setText(fault, page.reason.message);
    else if (page.status === 'rejected') throw page.reason;
    else showPage(page.value, stats.value.total);
  }

  function requestPath() {
    const limit = Math.min(mostPerRequest, pageSize + newer);
    return `/jobs?${new URLSearchParams({ q, limit, ...(cursor === null ? {} : { cursor }) })}`;
  }

  function showCounts(stats) {
    const { jobs, total, note } = countsBeside(rest, stats);
    for (const { state, count } of tabs) setText(count, String(state === '' ? total : jobs[state]));
    counted.hidden = note === '';
    setText(counted, note);
  }

  function showPage(page, total) {
    if (rows.size === 0) top = null;
    const known = top === null ? page.jobs : page.jobs.filter((job) => compareIds(job.id, top) <= 0);
    newer = page.jobs.length - known.length;
    const shown = known.slice(0, pageSize);
    top ??= shown[0]?.id ?? null;
    pill.hidden = newer === 0;
    setText(pill, `${newer}${newer >= mostPerRequest - pageSize ? '+' : ''} new ${newer === 1 ? 'job' : 'jobs'} – show`);
    if (newer < mostPerRequest - pageSize || shown.length > 0) patchRows(shown);
    content.hidden = shown.length === 0 && rows.size === 0;
    showEmpty(content.hidden, total, page.next);
    // A page that was asked to be longer has its cursor further down; the one of the plain page is kept.
    if (newer === 0) showNext(page.next);
  }

  function showNext(nextCursor) {
    next.hidden = nextCursor === null;
    if (nextCursor !== null) next.setAttribute('href', `${frame.base}${pathFor(q, nextCursor)}`);
  }

  function patchRows(jobs) {
    const kept = new Set(jobs.map((job) => job.id));
    for (const [id, row] of rows) {
      if (kept.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
    let before = body.firstElementChild;
    for (const job of jobs) {
      const row = rows.get(job.id) ?? makeRow(frame, job.id);
      rows.set(job.id, row);
      row.update(job);
      if (row.element === before) before = before.nextElementSibling;
      else body.insertBefore(row.element, before);
    }
  }

  function showNewer() {
    top = null;
    newer = 0;
    void frame.refresh();
    input.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  let emptyKind = '';
  function showEmpty(isEmpty, total, nextCursor) {
    empty.hidden = !isEmpty;
    const kind = !isEmpty ? '' : q === '' && total === 0 ? 'none' : nextCursor === null ? 'no match' : 'looking';
    if (kind === emptyKind) return;
    emptyKind = kind;
    if (kind === 'none') empty.replaceChildren(...firstPush(frame));
    else if (kind === 'no match')
      empty.replaceChildren(
        el('h2', {}, 'No jobs match'),
        el('p', {}, 'Nothing meets ', el('code', {}, q || 'this page'), '.'),
        frame.link('/jobs', 'Show all jobs', { class: 'button' }),
      );
    else empty.replaceChildren(el('h2', {}, 'None among the jobs looked at'), el('p', {}, 'There are older ones: go on with “Older”.'));
  }

  const view = el(
    'section',
    { class: 'page' },
    el('h1', { class: 'hidden' }, 'Jobs'),
    form,
    fault,
    el('nav', { class: 'tabs', 'aria-label': 'By state', 'aria-describedby': 'counted' }, ...tabs.map((tab) => tab.link)),
    counted,
    content,
    empty,
    pager,
    el('div', { class: 'pill-place', 'aria-live': 'polite' }, pill),
  );
  return { title: q === '' ? 'Jobs' : `Jobs: ${q}`, view, refresh };
}

function makeRow(frame, id) {
  const badge = stateBadge('');
  const name = frame.link(`/jobs/${id}`, '', { class: 'name' });
  const waitsFor = el('span');
  const trouble = el('bdi');
  const waits = el('span', { class: 'waits', hidden: true }, waitsFor, trouble);
  const target = el('td', { class: 'wide target' });
  const queue = el('td', { class: 'wide' });
  const attempt = el('td', { class: 'number wide' });
  const pushed = el('td', { class: 'number' });
  const ran = el('td', { class: 'number wide' });
  const element = el(
    'tr',
    {},
    el('td', {}, badge),
    el('td', { class: 'job' }, name, el('span', { class: 'id' }, id), waits),
    target,
    queue,
    attempt,
    pushed,
    ran,
  );
  return {
    element,
    update(job) {
      setState(badge, job.state);
      setText(name, job.name || 'unnamed');
      const waiting = waitingFor(job);
      const error = job.state === 'scheduled' || job.state === 'failed' ? job.error : '';
      const gap = waiting === '' || error === '' ? '' : ' · ';
      const why = `${waiting}${gap}${error}`;
      waits.hidden = why === '';
      setText(waitsFor, `${waiting}${gap}`);
      setText(trouble, error);
      setTitle(waits, why);
      setText(target, job.worker === 'http' ? job.url : `function ${job.worker}`);
      setTitle(target, job.url);
      setText(queue, job.queue);
      setText(attempt, job.attempt === 0 ? '–' : `${job.attempt} of ${job.attempts}`);
      setText(pushed, relative(job.createdAt));
      pushed.title = job.createdAt;
      setText(
        ran,
        job.startedAt === null ? '–' : length((job.endedAt === null ? Date.now() : timeOf(job.endedAt)) - timeOf(job.startedAt)),
      );
    },
  };
}

/** What a new server shows: how to push the first job. */
function firstPush(frame) {
  const line = [
    `curl ${location.origin}/v1/jobs \\`,
    `  -H 'Content-Type: application/json' \\`,
    ...(sessionStorage.length === 0 ? [] : [`  -H 'Authorization: Bearer <token>' \\`]),
    `  -d '{"url":"http://127.0.0.1:8000/mail","name":"welcome","payload":{"to":"ada@example.org"}}'`,
  ].join('\n');
  return [
    el('h2', {}, 'No jobs yet'),
    el('p', {}, 'A job is POSTed to a web app of yours, and what it answers is kept here. Push the first one:'),
    el('pre', { tabindex: '0' }, line),
    frame.link('/jobs/new', 'or push one from here', { class: 'button' }),
  ];
}
