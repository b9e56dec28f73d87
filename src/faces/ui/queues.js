/** Queues: what waits and runs in them, and the switch that pauses them. */
import { getJson, request } from './api.js';
import { confirmed, el, setText } from './dom.js';

export function queuesPage(frame) {
  const rows = new Map();
  const body = el('tbody');
  const column = (text, cls) => el('th', { scope: 'col', class: cls }, text);
  const head = el(
    'tr',
    {},
    column('Queue'),
    column('Now'),
    column('Queued', 'number'),
    column('Running', 'number wide'),
    column('Scheduled', 'number wide'),
    column('Failed', 'number wide'),
    column('Oldest waits', 'number wide'),
    column('Limits', 'wide'),
    column(el('span', { class: 'hidden' }, 'Actions')),
  );
  const content = el('div', { class: 'table', hidden: true }, el('table', {}, el('thead', {}, head), body));
  const empty = el(
    'section',
    { class: 'empty', hidden: true },
    el('h2', {}, 'No queues yet'),
    el('p', {}, 'A queue appears when the first job names it; jobs that name none are in “default”.'),
    frame.link('/jobs/new', 'Push a job', { class: 'button' }),
  );

  async function refresh() {
    const { queues } = await getJson('/queues');
    content.hidden = queues.length === 0;
    empty.hidden = queues.length > 0;
    for (const queue of queues) {
      const row = rows.get(queue.name) ?? makeRow(frame, queue.name);
      if (!rows.has(queue.name)) body.append(row.element);
      rows.set(queue.name, row);
      row.update(queue);
    }
  }
  return { title: 'Queues', view: el('section', { class: 'page' }, el('h1', {}, 'Queues'), content, empty), refresh };
}

function makeRow(frame, name) {
  const cells = Object.fromEntries(
    ['queued', 'running', 'scheduled', 'failed', 'oldest', 'limits'].map((key) => [
      key,
      el('td', { class: key === 'limits' ? 'wide' : key === 'queued' ? 'number' : 'number wide' }),
    ]),
  );
  const now = el('span', { class: 'state' });
  const toggle = el('button', { type: 'button', onclick: change });
  let paused = false;

  async function change() {
    const verb = paused ? 'resume' : 'pause';
    if (!paused && !(await confirmed(`Pause the queue ${name}? Running jobs finish; no other starts until it is resumed.`, 'Pause')))
      return;
    await frame.act(async () => {
      const { text } = await request('POST', `/queues/${encodeURIComponent(name)}/${verb}`);
      update(JSON.parse(text));
    });
  }

  function update(queue) {
    ({ paused } = queue);
    now.dataset.state = paused ? 'paused' : 'open';
    setText(now, paused ? 'paused' : 'open');
    setText(toggle, paused ? 'Resume' : 'Pause');
    toggle.setAttribute('aria-label', `${paused ? 'Resume' : 'Pause'} ${name}`);
    setText(cells.queued, String(queue.jobs.queued));
    setText(cells.running, String(queue.jobs.running + queue.jobs.stopping));
    setText(cells.scheduled, String(queue.jobs.scheduled));
    setText(cells.failed, String(queue.jobs.failed));
    setText(cells.oldest, queue.oldestWaiting?.replace(/(?<=[smhd])\d+ms$/, '') ?? '–');
    const limits = [
      queue.concurrency === null ? null : `${queue.concurrency} at once`,
      queue.rate === null ? null : `${queue.rate.max} per ${queue.rate.per}`,
    ];
    setText(cells.limits, limits.filter((limit) => limit !== null).join(', ') || 'none');
  }

  const link = frame.link(`/jobs?${new URLSearchParams({ q: `queue:${name}` })}`, name, { class: 'name' });
  const element = el('tr', {}, el('td', {}, link), el('td', {}, now), ...Object.values(cells), el('td', { class: 'number' }, toggle));
  return { element, update };
}
