/** Elements without HTML text: whatever a job carries is put in as text. */

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [props] `class`, attributes; `on…` listens; `undefined`, `null` and `false` are left out
 * @param {...(Node | string | null | undefined)} children
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else element.setAttribute(name, value === true ? '' : read.has(name) ? visible(String(value)) : String(value));
  }
  element.append(
    ...children
      .filter((child) => child !== null && child !== undefined)
      .map((child) => (typeof child === 'string' ? visible(child) : child)),
  );
  return element;
}

/** Attributes that people are shown or told. */
const read = new Set(['title', 'aria-label']);

/** Those of core/invisible.ts; line breaks and tabs stay. */
const invisible =
  /(?![\t\n\r])[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** The text with what nobody sees, and what turns the order of a line round, by its number, as JSON would write it: `\u202e`. */
export const visible = (text) => text.replace(invisible, escaped);

const escaped = (character) =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** Sets the text only when it differs, so that a selection inside survives a refresh. */
export function setText(element, text) {
  const shown = visible(text);
  if (element.textContent !== shown) element.textContent = shown;
}

/** What is shown of an element when somebody points at it. */
export function setTitle(element, text) {
  element.title = visible(text);
}

export const endedStates = ['succeeded', 'failed', 'canceled'];
export const states = ['scheduled', 'queued', 'running', 'stopping', ...endedStates];

/** The state as icon, word and colour. */
export function stateBadge(state) {
  const badge = el('span', { class: 'state' });
  setState(badge, state);
  return badge;
}

export function setState(badge, state) {
  if (badge.dataset.state === state) return;
  badge.dataset.state = state;
  badge.textContent = state;
}

/** `3 s`, `12 min`, `5 h`, `8 d`. */
export function length(millis) {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  for (const [size, unit] of units) {
    if (millis >= size)
      return `${millis < size * 10 && unit !== 's' ? Math.floor((millis / size) * 10) / 10 : Math.floor(millis / size)} ${unit}`;
  }
  return `${Math.max(0, Math.round(millis))} ms`;
}

const unitMillis = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** A duration of /v1, such as `1m3s412ms`, as `length` shows it. */
export function shortDuration(text) {
  const parts = [...text.matchAll(/(\d+)(ms|[dhms])/g)];
  return length(parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMillis[unit], 0));
}

/** Milliseconds of a time as /v1 answers it. */
export const timeOf = (iso) => new Date(iso).getTime();

/** How long ago, or how soon; it stays on one line. */
export function relative(iso) {
  const millis = Date.now() - timeOf(iso);
  if (Math.abs(millis) < 1_000) return 'now';
  return (millis >= 0 ? `${length(millis)} ago` : `in ${length(-millis)}`).replaceAll(' ', '\u00a0');
}

/** Local time, to the millisecond. */
export function localTime(iso) {
  const time = new Date(iso);
  const two = (number, width = 2) => String(number).padStart(width, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${two(time.getMilliseconds(), 3)}`;
}

/** A question that must be answered before something is done. Resolves to whether it was confirmed. */
export function confirmed(question, verb, dangerous = false) {
  return new Promise((resolve) => {
    const yes = el('button', { type: 'button', class: dangerous ? 'danger' : 'primary', onclick: () => dialog.close('yes') }, verb);
    const no = el('button', { type: 'button', onclick: () => dialog.close('no') }, 'Keep as it is');
    const dialog = el(
      'dialog',
      { 'aria-labelledby': 'question' },
      el('p', { id: 'question' }, question),
      el('div', { class: 'actions' }, no, yes),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}
