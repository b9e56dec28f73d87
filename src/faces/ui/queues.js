/** Queues: what waits and runs in them, and the switch that pauses them. */
import { getJson, request } from './api.js';
import { confirmed, el, setState, setText, shortDuration } from './dom.js';
import { makeCells, makeTable } from './table.js';

const number = 'number';
const wide = 'number wide';

export function queuesPage(frame) {
  const counted = [
    ['Queued', number],
    ['Running', wide],
    ['Scheduled', wide],
    ['Failed', wide],
    ['Oldest waits', wide],
  ];
  const table = makeTable(
    [['Queue'], ['Now'], ...counted, ['Limits', 'wide']],
    ({ name }) => name,
    ({ name }) => makeRow(frame, name),
  );
  table.element.hidden = true;
  const empty = el(
    'section',
    { class: 'empty', hidden: true },
    el('h2', {}, 'No queues yet'),
    el('p', {}, 'A queue appears when the first job names it; jobs that name none are in “default”.'),
    frame.link('/jobs/new', 'Push a job', { class: 'button' }),
  );

  async function refresh() {
    const { queues } = await getJson('/queues');
    table.element.hidden = queues.length === 0;
    empty.hidden = queues.length > 0;
    table.show(queues);
  }
  return { title: 'Queues', view: el('section', { class: 'page' }, el('h1', {}, 'Queues'), table.element, empty), refresh };
}

function makeRow(frame, name) {
  const cells = makeCells({ queued: number, running: wide, scheduled: wide, failed: wide, oldest: wide, limits: 'wide' });
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
    setState(now, paused ? 'paused' : queue.closed ? 'closed' : 'open');
    setText(toggle, paused ? 'Resume' : 'Pause');
    toggle.setAttribute('aria-label', `${paused ? 'Resume' : 'Pause'} ${name}`);
    setText(cells.queued, String(queue.jobs.queued));
    setText(cells.running, String(queue.jobs.running + queue.jobs.stopping));
    setText(cells.scheduled, String(queue.jobs.scheduled));
    setText(cells.failed, String(queue.jobs.failed));
    setText(cells.oldest, queue.oldestWaiting === null ? '–' : shortDuration(queue.oldestWaiting));
    const limits = [
      queue.concurrency === null ? null : `${queue.concurrency} at once`,
      queue.rate === null ? null : `${queue.rate.max} per ${queue.rate.per}`,
    ];
    setText(cells.limits, limits.filter((limit) => limit !== null).join(', ') || 'none');
  }

  const link = frame.link(`/jobs?${new URLSearchParams({ q: `queue:${name}` })}`, name, { class: 'name' });
  const element = el('tr', {}, el('td', {}, link), el('td', {}, now), ...Object.values(cells), el('td', { class: number }, toggle));
  return { element, update };
}
