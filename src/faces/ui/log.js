/** The log of a job, as it grows. */
import { getJson } from './api.js';
import { el, localTime, setText } from './dom.js';

/** More lines than this are not kept of a job, and not shown. */
const most = 1_000;

/** @param {string} id of the job */
export function logSection(id) {
  const lines = el('ol', { class: 'log', tabindex: '0', 'aria-label': 'Log' });
  const note = el('p', { class: 'note', hidden: true });
  const section = el('section', { hidden: true }, el('h2', {}, 'Log'), lines, note);
  /** Behind what is shown; `null`: nothing is. */
  let place = null;
  /** The state of the job when all of its lines were there; `null`: they never were. */
  let whole = null;

  async function more() {
    const page = await getJson(`/jobs/${id}/lines?limit=${most}${place === null ? '' : `&after=${place}`}`);
    place = page.next;
    // Who reads the newest lines goes on reading them.
    const isAtEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
    lines.append(...page.lines.map(lineRow));
    while (lines.childElementCount > most) lines.firstElementChild.remove();
    if (isAtEnd) lines.scrollTop = lines.scrollHeight;
    section.hidden = lines.childElementCount === 0;
    note.hidden = page.dropped === 0;
    setText(note, `${page.dropped} lines are not kept: the newest are.`);
    return page;
  }

  return {
    section,
    /** @param job as it is now */
    async refresh({ state, fence }) {
      const now = `${state} ${fence}`;
      if (whole === now && state !== 'running' && state !== 'stopping') return;
      let page = await more();
      while (page.more) page = await more();
      whole = page.state === state ? now : null;
    },
  };
}

function lineRow({ at, level, text, fields }) {
  const facts = fields === null ? null : el('span', { class: 'id' }, ` ${JSON.stringify(fields)}`);
  return el('li', { 'data-level': level }, el('time', { datetime: at }, localTime(at)), ` ${level} `, el('span', {}, text), facts);
}
