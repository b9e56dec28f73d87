/** The form for a new job, empty or filled in from another one. The server checks it; what it refuses is told at the field. */
import { getJson, memberText, request } from './api.js';
import { el } from './dom.js';
import { makeFields, textArea, textInput } from './form.js';

export function pushPage(frame) {
  const asked = new URLSearchParams(location.search).get('from');
  // It becomes part of an address that is POSTed to, so it must be an id and nothing else.
  const from = asked !== null && /^\d{1,19}$/.test(asked) ? asked : null;
  const fields = makeFields();
  const { inputs, field, fault, value } = fields;
  /** Pushed again with the same key, a job is the one that is kept already. */
  let key = newKey();
  let worker = 'http';
  const isHttp = () => worker === 'http';

  const target = field(
    'url',
    'URL',
    'Where the payload is POSTed: http or https.',
    textInput({ inputmode: 'url', required: true, placeholder: 'http://127.0.0.1:8000/mail' }),
  );
  const headers = field('headers', 'Headers', 'One in each line, as Name: value.', textArea(3, { placeholder: 'X-Tenant: acme' }));
  const known = el('datalist', { id: 'workers' });
  const who = field(
    'worker',
    'Worker',
    'Who runs it; http POSTs it to a URL.',
    textInput({ list: 'workers', value: worker, oninput: () => choose(value('worker')) }),
  );
  const button = el('button', { class: 'primary' }, 'Push');
  const form = el(
    'form',
    {
      class: 'push',
      novalidate: true,
      onsubmit: push,
      oninput: () => {
        key = newKey();
      },
    },
    ...(from === null ? [who, known] : []),
    target,
    field('name', 'Name', 'For people and filters; may be empty.', textInput()),
    field(
      'payload',
      'Payload',
      'Any JSON; it arrives exactly as it is written here.',
      textArea(8, { placeholder: '{"to": "world"}', oninput: () => fault('payload', payloadFault()) }),
    ),
    headers,
    el(
      'div',
      { class: 'pair' },
      field('queue', 'Queue', 'Where it waits.', textInput({ placeholder: 'default' })),
      field('priority', 'Priority', 'Higher goes first.', textInput({ placeholder: '0', inputmode: 'numeric' })),
      field('timeout', 'Timeout', 'Of one attempt, such as 30s or 5m; none: no limit.', textInput({ placeholder: '30s' })),
      field('attempts', 'Attempts', 'Tries in all; 1: the first failure is final.', textInput({ placeholder: '20', inputmode: 'numeric' })),
      field('backoff', 'Backoff', 'The wait after the first failure; it doubles with each further one.', textInput({ placeholder: '1s' })),
      field('maxBackoff', 'Longest backoff', 'The wait never grows beyond this.', textInput({ placeholder: '1h' })),
      ...(from === null ? begin(field) : []),
    ),
    el('div', { class: 'actions' }, button),
  );

  function payloadFault() {
    if (value('payload') === '') return '';
    try {
      JSON.parse(value('payload'));
      return '';
    } catch (error) {
      return `This is not JSON: ${error.message}`;
    }
  }

  /** What can be said before the server is asked. */
  function check() {
    const url = fault('url', isHttp() && value('url') === '' ? 'A URL is needed, such as http://127.0.0.1:8000/mail.' : '');
    return [url, fault('payload', payloadFault()), fault('headers', headersOf(inputs.headers.value).fault)].every(Boolean);
  }

  /** The payload goes in as text: parsing and writing it again would change numbers. */
  function bodyText() {
    const rest = JSON.stringify({
      ...(isHttp() ? { url: value('url'), headers: headersOf(inputs.headers.value).headers } : from === null ? { worker } : {}),
      name: inputs.name.value,
      manual: true,
      ...given({
        queue: value('queue'),
        priority: numberOf(value('priority')),
        timeout: value('timeout') === 'none' ? null : value('timeout'),
        delay: from === null ? value('delay') : '',
        at: from === null ? value('at') : '',
        idempotencyKey: from === null ? key : '',
      }),
      retry: given({ attempts: numberOf(value('attempts')), backoff: value('backoff'), maxBackoff: value('maxBackoff') }),
    });
    // A copy that names no payload would keep its original's.
    const payload = value('payload') || (from === null ? '' : 'null');
    return payload === '' ? rest : `${rest.slice(0, -1)},"payload":${payload}}`;
  }

  async function push(event) {
    event.preventDefault();
    fields.clear();
    if (!check()) return fields.focusFault();
    button.disabled = true;
    await frame.act(send);
    button.disabled = false;
  }

  async function send() {
    try {
      // A copy keeps what the form does not show, such as its worker and rules.
      const answer = await request('POST', from === null ? '/jobs' : `/jobs/${from}/restart`, bodyText());
      frame.go(`/jobs/${JSON.parse(answer.text).id}`);
    } catch (error) {
      const at = fieldOf(error.field);
      if (at !== undefined) {
        fault(at, error.message);
        fields.focusFault();
      } else if (error.code === 'unreachable' && from === null) {
        throw Object.assign(error, { message: `${error.message} Push again when it is back: the job is kept once.` });
      } else throw error;
    }
  }

  /** `retry.attempts` is the field of attempts, `headers.X-Tenant` that of headers. */
  const fieldOf = (path) => path?.split('.').find((part) => Object.hasOwn(inputs, part));

  /** An empty one is http. */
  function choose(name) {
    worker = name || 'http';
    target.hidden = !isHttp();
    headers.hidden = !isHttp();
  }

  async function list() {
    const { workers } = await getJson('/workers');
    known.replaceChildren(...workers.map(({ name }) => el('option', { value: name })));
  }

  async function fill() {
    const { text: answer } = await request('GET', `/jobs/${from}`);
    const job = JSON.parse(answer);
    const { attempts, backoff, maxBackoff } = job.retry;
    choose(job.worker);
    const filled = { ...job, attempts, backoff, maxBackoff, timeout: job.timeout ?? 'none' };
    for (const name of ['url', 'name', 'queue', 'priority', 'timeout', 'attempts', 'backoff', 'maxBackoff']) {
      inputs[name].value = String(filled[name]);
      // Left empty it stays as it is.
      inputs[name].placeholder = inputs[name].value;
    }
    inputs.payload.value = job.payload === null ? '' : (memberText(answer, 'payload') ?? '');
    inputs.headers.value = Object.entries(job.headers)
      .map(([name, text]) => `${name}: ${text}`)
      .join('\n');
  }

  const title = from === null ? 'Push a job' : `Edit and run ${from}`;
  void frame.act(from === null ? list : fill);
  return { title, view: el('section', { class: 'page narrow' }, el('h1', {}, title), form) };
}

/** When it begins: a copy begins at once. */
const begin = (field) => [
  field('delay', 'Delay', 'Not before this long from now, such as 10s or 5m.', textInput({ placeholder: 'none' })),
  field(
    'at',
    'At',
    'Not before this time; in UTC when it names no zone. Not with a delay.',
    textInput({ placeholder: '2027-01-31T12:00:00Z' }),
  ),
];

const given = (values) => Object.fromEntries(Object.entries(values).filter(([, each]) => each !== ''));

/** What is no whole number goes to the server as it is, which says what there must be. */
const numberOf = (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text);

function headersOf(text) {
  // Also a header named __proto__ is one, until the server says something about it.
  const headers = Object.create(null);
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const [, name, value] = /^([^:]+?)\s*:\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) return { headers, fault: `“${line}” is not a header such as X-Tenant: acme.` };
    if (Object.keys(headers).some((each) => each.toLowerCase() === name.toLowerCase()))
      return { headers, fault: `The header ${name} stands there twice.` };
    headers[name] = value;
  }
  return { headers, fault: '' };
}

/** Also where the page is not served safely enough for `crypto.randomUUID`. */
const newKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-');
