// The mixed load of a soak: what clients of every kind ask, each request at its time, however long the ones before take.
import { Agent, request } from 'node:http';
import { makeTold } from './told.mjs';

const queues = ['mail', 'reports', 'images', 'sync', 'default'];
/** Weight and path: what the web app does with a job. */
const paths = [
  [60, '/mail'],
  [10, '/report'],
  [10, '/flaky'],
  [8, '/fail'],
  [12, '/slow?ms=300'],
];
const sizes = [
  [90, 200],
  [8, 5_000],
  [2, 50_000],
];
const filters = [
  'state:failed,canceled',
  'state:queued,running',
  'queue:mail created:<1m',
  'cause:answer',
  'name:job-1* -state:succeeded',
  'state:succeeded queue:reports,images',
];
/** Jobs that may be read, canceled, restarted, deleted. */
const remembered = 2_000;
/** Requests that wait for answers; while there are so many, those that are due are left out, and told. */
const most = 100;

const oneOf = (values) => values[Math.floor(Math.random() * values.length)];

function weighted(rows) {
  let left = Math.random() * rows.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of rows) {
    left -= weight;
    if (left < 0) return value;
  }
  return rows.at(-1)[1];
}

/**
 * @param address of the server
 * @param app address of the web app
 * @param rate requests in a second
 */
export async function startLoad(address, app, rate) {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const ids = [];
  let made = 0;
  let figures = fresh();
  const underWay = new Set();

  function remember(id) {
    ids[made++ % remembered] = id;
  }

  function ask(method, path, { body, type = 'application/json', headers = {}, expected = [200], long = false } = {}) {
    const began = performance.now();
    return new Promise((resolve) => {
      const over = (status, text) => {
        underWay.delete(sent);
        if (!long) figures.millis.push(performance.now() - began);
        figures.answered += 1;
        if (!expected.includes(status)) {
          const what = `${method} ${path.replace(/\d{6,}/g, '…').slice(0, 60)}: ${status}`;
          figures.unexpected.set(what, (figures.unexpected.get(what) ?? 0) + 1);
        }
        resolve(text);
      };
      const sent = request(address + path, { agent, method, headers: body === undefined ? headers : { 'content-type': type, ...headers } });
      underWay.add(sent);
      sent.once('response', (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece) => {
          if (text.length < 100_000) text += piece;
        });
        answer.once('error', (error) => over(error.message, ''));
        answer.once('end', () => over(answer.statusCode, text));
      });
      sent.once('error', (error) => over(error.message, ''));
      sent.end(body);
    });
  }

  const idOf = (text) => /"id":\s*"(\d+)"/.exec(text)?.[1];
  const job = (more = {}) => ({
    url: app + weighted(paths),
    payload: { to: 'ada@example.org', pad: 'x'.repeat(weighted(sizes)) },
    queue: oneOf(queues),
    name: `job-${made % 50}`,
    retry: { attempts: 3, backoff: '500ms' },
    ...more,
  });

  async function push(more, options = {}) {
    const id = idOf(await ask('POST', '/v1/jobs', { body: JSON.stringify(job(more)), expected: [201], ...options }));
    if (id !== undefined) remember(id);
  }

  /** To a function that writes lines; those of multiples of five are tried twice. */
  const talk = () => push({ url: undefined, worker: 'talk', payload: { lines: 1 + Math.floor(Math.random() * 40) } });

  /** The key of a newer push again and again: most of these jobs are there, some have been deleted. */
  const pushWithKey = () =>
    push({ name: 'keyed' }, { headers: { 'idempotency-key': `key-${Math.floor(made / 20)}` }, expected: [200, 201, 422] });

  async function pushMany() {
    const jobs = Array.from({ length: 20 }, () => JSON.stringify(job()));
    const lines = Math.random() < 0.5;
    const body = lines ? jobs.join('\n') : `[${jobs.join(',')}]`;
    const text = await ask('POST', '/v1/jobs', { body, type: lines ? 'application/x-ndjson' : 'application/json' });
    for (const [, id] of text.matchAll(/"id":\s*"(\d+)"/g)) remember(id);
  }

  async function pushToHq() {
    const { url, payload, name } = job();
    const form = Math.random() < 0.3;
    const text = await ask('POST', '/job', {
      body: form ? new URLSearchParams({ url, name, payload: JSON.stringify(payload) }).toString() : JSON.stringify({ url, name, payload }),
      type: form ? 'application/x-www-form-urlencoded' : 'application/json',
    });
    const id = idOf(text);
    if (id !== undefined) remember(id);
  }

  const some = (method, path, expected, more = {}) => ask(method, path.replace('ID', oneOf(ids) ?? '1'), { expected, ...more });

  async function list() {
    const q = encodeURIComponent(oneOf(filters));
    const text = await ask('GET', `/v1/jobs?limit=50&q=${q}&order=${oneOf(['newest', 'oldest'])}`);
    const cursor = /"next":\s*"([^"]+)"\s*\}\s*$/.exec(text)?.[1];
    if (cursor !== undefined) await ask('GET', `/v1/jobs?limit=50&q=${q}&order=newest&cursor=${cursor}`, { expected: [200, 400] });
  }

  const pauseAndResume = async () => {
    await ask('POST', '/v1/queues/images/pause');
    await ask('POST', '/v1/queues/images/resume');
  };

  const told = makeTold(ask, address, app);
  await told.begin();

  /** Weight and action. */
  const mix = [
    ...told.mix,
    [3, talk],
    [3, () => some('GET', '/v1/jobs/ID/lines?limit=50', [200, 404])],
    [24, () => push()],
    [3, () => push({ delay: `${1 + Math.floor(Math.random() * 20)}s` })],
    [4, pushWithKey],
    [1, pushMany],
    [10, pushToHq],
    [12, () => some('GET', '/v1/jobs/ID', [200, 404])],
    [4, () => some('GET', '/job/ID', [200, 422])],
    [2, () => some('GET', '/v1/jobs/ID/attempts', [200, 404])],
    [6, () => some('GET', '/v1/jobs/ID/wait?timeout=2s', [200, 404], { long: true })],
    [6, list],
    [2, () => ask('GET', `/job?limit=50&status=${oneOf(['waiting', 'success', 'failure'])}`)],
    [1, () => ask('GET', `/job?limit=50&name=${encodeURIComponent(oneOf(['job-1.$', 'job-(2|3)']))}`)],
    [5, () => some('POST', '/v1/jobs/ID/cancel', [200, 404, 409])],
    [1, () => some('POST', '/job/ID/stop', [200, 422])],
    [4, () => some('POST', '/v1/jobs/ID/restart', [200, 404, 409])],
    [1, () => some('POST', '/v1/jobs/ID/restart', [201, 404, 409], { body: '{"copy":true}' })],
    [3, () => some('DELETE', '/v1/jobs/ID', [204, 404, 409])],
    [2, () => some('DELETE', '/job/ID', [200, 422])],
    [3, () => ask('GET', '/v1/stats')],
    [1, () => ask('GET', '/stats')],
    [1, () => ask('GET', '/v1/queues')],
    [1, () => ask('GET', '/v1/nodes')],
    [1, () => ask('GET', '/readyz')],
    [0.5, () => ask('GET', '/ui/')],
    [0.2, pauseAndResume],
    [0.2, () => ask('GET', '/v1/export', { long: true })],
    [0.1, () => ask('POST', '/v1/doctor', { long: true })],
  ];

  let due = performance.now();
  const timer = setInterval(() => {
    for (; due <= performance.now(); due += 1_000 / rate) {
      if (underWay.size < most) void weighted(mix)();
      else figures.leftOut += 1;
    }
  }, 10);

  return {
    /** Since this was last asked. */
    figures() {
      const told = figures;
      figures = fresh();
      return told;
    },
    stop() {
      clearInterval(timer);
      told.stop();
      for (const each of underWay) each.destroy();
      agent.destroy();
    },
  };
}

const fresh = () => ({ millis: [], answered: 0, leftOut: 0, unexpected: new Map() });
