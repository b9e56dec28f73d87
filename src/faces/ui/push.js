/** The form for a new job, empty or filled in from another one. */
import { memberText, request } from './api.js';
import { el } from './dom.js';

export function pushPage(frame) {
  const asked = new URLSearchParams(location.search).get('from');
  // It becomes part of an address that is POSTed to, so it must be an id and nothing else.
  const from = asked !== null && /^\d{1,19}$/.test(asked) ? asked : null;
  const inputs = {};
  const field = (name, label, hint, input) => {
    inputs[name] = input;
    input.id = name;
    const fault = el('p', { class: 'fault', id: `${name}-fault`, role: 'alert', hidden: true });
    input.setAttribute('aria-describedby', `${name}-hint ${name}-fault`);
    return el(
      'div',
      { class: 'field' },
      el('label', { for: name }, label),
      input,
      el('p', { class: 'hint', id: `${name}-hint` }, hint),
      fault,
    );
  };
  const text = (props = {}) => el('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...props });
  const area = (rows, props = {}) => el('textarea', { rows, autocomplete: 'off', spellcheck: 'false', ...props });

  const form = el(
    'form',
    { class: 'push', novalidate: true, onsubmit: push },
    field(
      'url',
      'URL',
      'Where the payload is POSTed: http or https.',
      text({ inputmode: 'url', required: true, placeholder: 'http://127.0.0.1:8000/mail' }),
    ),
    field('name', 'Name', 'For people and filters; may be empty.', text()),
    field(
      'payload',
      'Payload',
      'Any JSON; sent exactly as it is written here.',
      area(8, { placeholder: '{"to": "world"}', oninput: () => fault('payload', payloadFault()) }),
    ),
    field('headers', 'Headers', 'One in each line, as Name: value.', area(3, { placeholder: 'X-Tenant: acme' })),
    el(
      'div',
      { class: 'pair' },
      field('queue', 'Queue', 'default when empty.', text({ placeholder: 'default' })),
      field('timeout', 'Timeout', 'Such as 30s or 5m; none: no limit.', text({ value: '30s' })),
    ),
    el('div', { class: 'actions' }, el('button', { class: 'primary' }, 'Push')),
  );

  function fault(name, message) {
    const place = form.querySelector(`#${name}-fault`);
    place.hidden = message === '';
    place.textContent = message;
    inputs[name].setAttribute('aria-invalid', String(message !== ''));
    return message === '';
  }

  function payloadFault() {
    const value = inputs.payload.value.trim();
    if (value === '') return '';
    try {
      JSON.parse(value);
      return '';
    } catch (error) {
      return `This is not JSON: ${error.message}`;
    }
  }

  function headerLines() {
    const headers = {};
    for (const line of inputs.headers.value.split('\n')) {
      if (line.trim() === '') continue;
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`“${line.trim()}” is not a header such as X-Tenant: acme.`);
      headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
    }
    return headers;
  }

  function checkAll() {
    const url = fault('url', inputs.url.value.trim() === '' ? 'A URL is needed, such as http://127.0.0.1:8000/mail.' : '');
    const payload = fault('payload', payloadFault());
    let headers = '';
    try {
      headerLines();
    } catch (error) {
      headers = error.message;
    }
    return url && payload && fault('headers', headers);
  }

  /** The payload goes in as text: parsing and writing it again would change numbers. */
  function bodyText() {
    const timeout = inputs.timeout.value.trim();
    const fields = {
      url: inputs.url.value.trim(),
      name: inputs.name.value,
      headers: headerLines(),
      timeout: timeout === '' || timeout === 'none' ? null : timeout,
      manual: true,
      ...(inputs.queue.value.trim() === '' ? {} : { queue: inputs.queue.value.trim() }),
    };
    const rest = JSON.stringify(fields);
    // A copy that names no payload would keep its original's.
    const payload = inputs.payload.value.trim() || (from === null ? '' : 'null');
    return payload === '' ? rest : `${rest.slice(0, -1)},"payload":${payload}}`;
  }

  async function push(event) {
    event.preventDefault();
    for (const name of Object.keys(inputs)) fault(name, '');
    if (!checkAll()) {
      form.querySelector('[aria-invalid="true"]').focus();
      return;
    }
    await frame.act(async () => {
      // A copy keeps what the form does not show: worker rules, retries, priority.
      const answer =
        from === null ? await request('POST', '/jobs', bodyText()) : await request('POST', `/jobs/${from}/restart`, bodyText());
      frame.go(`/jobs/${JSON.parse(answer.text).id}`);
    });
  }

  async function fill() {
    const { text: answer } = await request('GET', `/jobs/${from}`);
    const job = JSON.parse(answer);
    inputs.url.value = job.url;
    inputs.name.value = job.name;
    inputs.queue.value = job.queue;
    inputs.timeout.value = job.timeout ?? 'none';
    inputs.payload.value = job.payload === null ? '' : (memberText(answer, 'payload') ?? '');
    inputs.headers.value = Object.entries(job.headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n');
  }

  const title = from === null ? 'Push a job' : `Edit and run ${from}`;
  if (from !== null) void frame.act(fill);
  return { title, view: el('section', { class: 'page narrow' }, el('h1', {}, title), form) };
}
