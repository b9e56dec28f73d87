/** One job: its fields, what went in and came out, its attempts, and what may be done with it. */
import { memberText, request } from './api.js';
import { confirmed, el, endedStates, length, localTime, relative, setState, setText, stateBadge, timeOf, visible } from './dom.js';
import { logSection } from './log.js';
import { waitingFor } from './waiting.js';
import { explanation, meaningOf } from './words.js';

/** Longer texts are cut on the page and given as a file. */
const longestShown = 65_536;

export function jobPage(frame, id) {
  const badge = stateBadge('');
  const name = el('h1', {}, `Job ${id}`);
  const actions = el('div', { class: 'actions' });
  const fields = el('dl', { class: 'fields' });
  const failure = el('p', { class: 'failure', hidden: true });
  const payload = textSection('Payload', `${id}-payload.json`);
  const output = textSection('Output', `${id}-output.txt`);
  const log = logSection(id);
  const history = el('tbody');
  const attempts = el(
    'section',
    { hidden: true },
    el('h2', {}, 'Attempts'),
    el('div', { class: 'table' }, el('table', {}, attemptsHead(), history)),
  );
  const content = el(
    'div',
    { hidden: true },
    failure,
    fields,
    payload.section,
    output.section,
    log.section,
    attempts,
    explanation('attempt', 'run', 'holder', 'lost', 'returned', 'fence', 'cause', 'unserved'),
  );
  const missing = el('section', { class: 'empty', hidden: true });
  let shown = '';
  let attemptsShown = '';

  const path = `/jobs/${id}`;
  const after = (answer) => {
    const made = JSON.parse(answer.text);
    if (made.id !== id) frame.go(`/jobs/${made.id}`);
    else void frame.refresh();
  };
  const can = {
    cancel: async () => {
      if (await confirmed(`Cancel job ${id}?`, 'Cancel the job', true))
        await frame.act(async () => after(await request('POST', `${path}/cancel`)));
    },
    restart: async () => {
      if (await confirmed(`Run job ${id} again? It starts from its first attempt; its history is kept.`, 'Restart'))
        await frame.act(async () => after(await request('POST', `${path}/restart`)));
    },
    copy: async () => {
      if (await confirmed(`Push a new job like ${id}?`, 'Run a copy'))
        await frame.act(async () => after(await request('POST', `${path}/restart`, '{"copy":true}')));
    },
    remove: async () => {
      if (!(await confirmed(`Delete job ${id} with its history? This cannot be undone.`, 'Delete', true))) return;
      await frame.act(async () => {
        await request('DELETE', path);
        frame.go('/jobs');
      });
    },
  };

  async function refresh() {
    let text;
    try {
      ({ text } = await request('GET', path));
    } catch (error) {
      if (error.code !== 'not_found') throw error;
      return showMissing(error);
    }
    const job = JSON.parse(text);
    missing.hidden = true;
    head.hidden = false;
    content.hidden = false;
    showJob(job, text);
    await log.refresh(job);
    if (text === shown) return;
    shown = text;
    payload.show(memberText(text, 'payload') ?? 'null', job.payload === null);
    output.show(job.output, job.output === '', job.outputCut);
    showAttempts(job.history);
  }

  function showMissing(error) {
    frame.title(`No job ${id}`);
    head.hidden = true;
    content.hidden = true;
    missing.hidden = false;
    missing.replaceChildren(
      el('h2', {}, `No job ${id}`),
      el('p', {}, error.message),
      frame.link('/jobs', 'To the jobs', { class: 'button' }),
    );
  }

  function showJob(job, text) {
    frame.title(`${job.name || 'Job'} ${job.state}`);
    setText(name, job.name || 'unnamed');
    if (badge.dataset.state !== job.state) showActions(job);
    setState(badge, job.state);
    failure.hidden = job.error === '';
    setText(failure, job.error);
    showFields(fields, fieldsOf(job, memberText(text, 'progress')));
  }

  function showActions(job) {
    const ended = endedStates.includes(job.state);
    const button = (text, action, cls) => el('button', { type: 'button', class: cls, onclick: action }, text);
    actions.replaceChildren(
      ...(ended ? [button('Restart', can.restart)] : []),
      button('Run a copy', can.copy),
      frame.link(`/jobs/new?from=${id}`, 'Edit and run', { class: 'button' }),
      ...(ended ? [button('Delete', can.remove, 'danger')] : []),
      ...(ended || job.state === 'stopping' ? [] : [button('Cancel', can.cancel, 'danger')]),
    );
  }

  function showAttempts(entries) {
    const text = JSON.stringify(entries);
    if (text === attemptsShown) return;
    attemptsShown = text;
    attempts.hidden = entries.length === 0;
    history.replaceChildren(...entries.map(attemptRow));
  }

  const head = el('div', { class: 'head' }, el('div', {}, badge, name, el('span', { class: 'id' }, id)), actions);
  return { title: `Job ${id}`, view: el('section', { class: 'page' }, head, missing, content), refresh };
}

/** @param progress as the text that it is */
function fieldsOf(job, progress) {
  const time = (iso) => (iso === null ? null : `${localTime(iso)} (${relative(iso)})`);
  const headers = Object.entries(job.headers).map(([name, value]) => `${name}: ${value}`);
  const lasted = job.startedAt !== null && job.endedAt !== null ? length(timeOf(job.endedAt) - timeOf(job.startedAt)) : null;
  return [
    [job.worker === 'http' ? 'Sent to' : 'Worker', job.worker === 'http' ? job.url : job.worker],
    ['Waits', waitingFor(job)],
    ['Status', job.statusCode === null ? null : String(job.statusCode)],
    ['Cause', job.cause],
    ['Reason', job.reason],
    [
      'Attempt',
      `${job.attempt} of ${job.attempts}${job.run > 1 ? `, run ${job.run}` : ''}${job.lost > 0 ? `, holder lost ${job.lost} time(s)` : ''}`,
    ],
    ['Progress', job.progressAt === null ? null : `${shortened(progress ?? 'null')} (${relative(job.progressAt)})`],
    ['Pushed', time(job.createdAt)],
    ['Due', job.dueAt === job.createdAt ? null : time(job.dueAt)],
    ['Started', time(job.startedAt)],
    ['Ended', time(job.endedAt)],
    ['Ran', lasted],
    ['Queue', job.queue],
    ['Domain', job.domain],
    ['Comment', job.comment],
    ['Headers', headers.join('\n')],
    ['Priority', `${job.priority}${job.manual ? ', manual' : ''}`],
    ['Timeout', job.timeout ?? 'none'],
    ['Retry', job.attempts === 1 ? 'one attempt' : `${job.attempts} attempts, ${job.retry.backoff} doubling up to ${job.retry.maxBackoff}`],
    ['Rules', `${job.rules}; when its holder is lost: ${job.onLost}`],
    ['Start before', job.startBefore],
    ['After', job.after === null ? null : `${job.after.jobs.join(', ')}; ${job.after.left} left`],
    ['Unique', job.unique === null ? null : `${job.unique.scope}, until ${job.unique.until}`],
    ['Holder', job.holder],
    ['Fence', job.fence === '0' ? null : job.fence],
  ].filter(([, value]) => value !== null && value !== '');
}

const shortened = (text) => (text.length > 1_000 ? `${text.slice(0, 1_000)}…` : text);

/** Changes texts in place; makes the list anew only when its fields differ. */
function showFields(list, fields) {
  const names = fields.map(([name]) => name).join();
  if (list.dataset.names !== names) {
    list.dataset.names = names;
    list.replaceChildren(...fields.map(([name]) => el('div', {}, el('dt', { title: meaningOf(name.toLowerCase()) }, name), el('dd'))));
  }
  fields.forEach(([, value], at) => {
    setText(list.children[at].lastElementChild, value);
  });
}

/** A text as it is, but for what nobody would see; a long one is cut. The whole is there as a file. */
function textSection(title, file) {
  const pre = el('pre', { tabindex: '0', 'aria-label': title });
  const note = el('p', { class: 'note', hidden: true });
  const section = el('section', { hidden: true }, el('h2', {}, title), pre, note);
  let address = null;
  return {
    section,
    show(text, nothing, cutByServer = false) {
      section.hidden = nothing;
      const isLong = text.length > longestShown;
      const head = isLong ? text.slice(0, longestShown) : text;
      setText(pre, head);
      const remarks = [];
      if (isLong) remarks.push(`The first ${longestShown} of ${text.length} characters are shown. `);
      if (visible(head) !== head) remarks.push('What nobody would see is shown by its number, such as \\u200b. ');
      if (remarks.length > 0) {
        if (address !== null) URL.revokeObjectURL(address);
        address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
        remarks.push(el('a', { href: address, download: file }, 'Download all'), '. ');
      }
      if (cutByServer) remarks.push('The worker answered more than is kept.');
      note.hidden = remarks.length === 0;
      note.replaceChildren(...remarks);
    },
  };
}

function attemptsHead() {
  const column = (text, cls) => el('th', { scope: 'col', class: cls, title: meaningOf(text.toLowerCase()) }, text);
  return el(
    'thead',
    {},
    el(
      'tr',
      {},
      column('Attempt'),
      column('End'),
      column('Status', 'number'),
      column('Started', 'number wide'),
      column('Ran', 'number'),
      column('Holder', 'wide'),
      column('Answer', 'answer'),
    ),
  );
}

function attemptRow(attempt) {
  const ran = attempt.endedAt === null ? '–' : length(timeOf(attempt.endedAt) - timeOf(attempt.startedAt));
  const answer = attempt.error || attempt.output;
  const head = answer.length > 2_000 ? `${answer.slice(0, 2_000)}…` : answer;
  const text = attempt.stack === '' ? head : `${head}\n\n${attempt.stack}`;
  return el(
    'tr',
    {},
    el('td', {}, `${attempt.attempt}${attempt.run > 1 ? ` (run ${attempt.run})` : ''}`),
    el('td', {}, stateBadge(attempt.end)),
    el('td', { class: 'number' }, String(attempt.statusCode ?? attempt.cause ?? '–')),
    el('td', { class: 'number wide', title: attempt.startedAt }, localTime(attempt.startedAt)),
    el('td', { class: 'number' }, ran),
    el('td', { class: 'wide id' }, attempt.holder),
    el(
      'td',
      { class: 'answer' },
      text.length > 120 || text !== head ? el('details', {}, el('summary', {}, `${head.slice(0, 100)}…`), el('pre', {}, text)) : text,
    ),
  );
}
