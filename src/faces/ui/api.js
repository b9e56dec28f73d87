/** Talks to /v1. A refusal is thrown as a Problem. */
import { el } from './dom.js';

const tokenKey = 'hatstand-token';

export class Problem extends Error {
  /** @param field at fault, such as `retry.attempts`; it may be none */
  constructor(status, code, message, field) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/** @returns {Promise<{ status: number, text: string }>} the answer's text as it came */
export async function request(method, path, body) {
  const answer = await send(method, path, body);
  if (answer.status !== 401) return answer;
  await askToken();
  return request(method, path, body);
}

export async function getJson(path) {
  return JSON.parse((await request('GET', path)).text);
}

async function send(method, path, body) {
  const headers = {};
  const token = sessionStorage.getItem(tokenKey);
  // What no header can carry is no server's token.
  if (token !== null && !/^[\x21-\x7e]*$/.test(token)) return { status: 401, text: '' };
  if (token !== null) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response;
  let text;
  try {
    response = await fetch(`/v1${path}`, { method, headers, body });
    text = await response.text();
  } catch {
    const known = method === 'GET' ? 'The server cannot be reached.' : 'The server does not answer; it is not known whether this was done.';
    throw new Problem(0, 'unreachable', known);
  }
  if (response.ok || response.status === 401) return { status: response.status, text };
  throw problemOf(response.status, text);
}

function problemOf(status, text) {
  try {
    const problem = JSON.parse(text);
    return new Problem(status, problem.code ?? '', problem.detail ?? problem.title ?? text, problem.field);
  } catch {
    return new Problem(status, '', `The server answered ${status}${text === '' ? '' : `: ${text}`}`);
  }
}

let asking = null;

/** One question, however many requests wait for it. */
function askToken() {
  asking ??= new Promise((resolve) => {
    const wrong = sessionStorage.getItem(tokenKey) !== null;
    const input = el('input', {
      type: 'password',
      id: 'token',
      autocomplete: 'current-password',
      required: true,
      'aria-describedby': 'token-hint',
    });
    const form = el(
      'form',
      { method: 'dialog' },
      el('h2', {}, 'Token'),
      el(
        'p',
        { id: 'token-hint' },
        wrong ? 'That is not the token of this server. Try again.' : 'This server wants its token. It is kept until this tab is closed.',
      ),
      el('label', { for: 'token' }, 'Token'),
      input,
      el('div', { class: 'actions' }, el('button', { class: 'primary' }, 'Sign in')),
    );
    const dialog = el('dialog', {}, form);
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    dialog.addEventListener('close', () => {
      sessionStorage.setItem(tokenKey, input.value.trim());
      dialog.remove();
      asking = null;
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
  return asking;
}

/** The text of one member of the object in `text`, exactly as it stands there; parsing it would lose digits. */
export function memberText(text, name) {
  let depth = 0;
  let key = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') {
      const end = endOfString(text, i);
      if (depth === 1 && key === null && text[end] === ':') {
        key = JSON.parse(text.slice(i, end));
        if (key === name) return text.slice(end + 1, endOfValue(text, end + 1));
      }
      i = end - 1;
    } else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    else if (char === ',' && depth === 1) key = null;
  }
  return null;
}

function endOfString(text, start) {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

function endOfValue(text, start) {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (char === '"') i = endOfString(text, i) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      if (depth === 0) return i;
      depth -= 1;
    } else if (char === ',' && depth === 0) return i;
  }
  return text.length;
}
