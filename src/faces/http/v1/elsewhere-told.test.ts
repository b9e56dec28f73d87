/** What a node does beside keeping it with what its own attempts tell, it does with what is told from elsewhere. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { asked } from '../../../stores/conformance/subject.ts';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const post = async (path: string, body: object): Promise<Readonly<Record<string, unknown>>> => {
  const { status, json, text } = await server.ask('POST', path, { body });
  expect(status, text).toBeLessThan(300);
  return json;
};

/** Claims the one job of the worker; answers how something of it is told. */
async function claimed(): Promise<(verb: 'report' | 'settle', fields: object) => Promise<Readonly<Record<string, unknown>>>> {
  const { attempts } = await post('/v1/jobs/claim', { holder: 'py', operation: '1', workers: ['resize'], wait: '0s' });
  const [attempt] = attempts as readonly { readonly proof: object; readonly job: { readonly id: string } }[];
  const { proof, job } = attempt ?? expect.fail('nothing was claimed');
  return (verb, fields) => post(`/v1/jobs/${job.id}/${verb}`, { proof, ...fields });
}

it('children are as deep in a chain of events as their parent', async () => {
  await server.store.jobs.push([asked({ worker: 'resize', about: '{"depth":16}' })]);
  const tell = await claimed();
  const { pushed } = await tell('report', { push: [{ worker: 'thumbnail' }] });
  const [child] = pushed as readonly { readonly id: string }[];
  expect(JSON.parse((await server.store.jobs.get(child?.id ?? ''))?.about ?? '')).toMatchObject({ depth: 16 });
});

it('log lines are told as events when the push asked for it, the last ones with the result', async () => {
  await post('/v1/jobs', { worker: 'resize', forwardLogs: true });
  const tell = await claimed();
  await tell('report', { lines: [{ number: 1, level: 'info', text: 'half' }] });
  await tell('settle', { outcome: 'succeeded', lines: [{ number: 2, level: 'info', text: 'whole' }] });
  const { entries } = await server.store.journal.entries(0, 100);
  const docs = entries.flatMap(({ told }) => told.map(({ doc }) => JSON.parse(doc ?? '{}') as { readonly lines: readonly object[] }));
  expect(docs.map(({ lines }) => lines)).toMatchObject([[{ text: 'half' }], [{ text: 'whole' }]]);
});

it('a trigger that is found bad is stopped, and its job is not tried again', async () => {
  await post('/v1/triggers', { id: 'a', type: '@hourly', worker: 'resize', options: { retry: { attempts: 5 } } });
  await post('/v1/triggers/a/launch', {});
  const tell = await claimed();
  expect(await tell('settle', { outcome: 'failed', error: 'folder gone', badTrigger: true })).toMatchObject({ ended: true });
  expect((await server.ask('GET', '/v1/triggers/a')).json).toMatchObject({ status: 'bad', reason: 'folder gone' });
});

it('documents and messages may have as many members as they like', async () => {
  const many = Object.fromEntries(Array.from({ length: 129 }, (_, n) => [`k${n}`, n]));
  await post('/v1/events', { type: 'a', verb: 'UPDATED', id: 'x', doc: many, old: many });
  await post('/v1/triggers', { id: 'm', type: '@hourly', worker: 'resize', message: many });
});

const linesTold = async (): Promise<readonly (readonly object[])[]> => {
  const { entries } = await server.store.journal.entries(0, 100);
  return entries.flatMap(({ told }) => told.map(({ doc }) => (JSON.parse(doc ?? '{}') as { readonly lines: readonly object[] }).lines));
};

it('a log line is told once, however often it is reported, and not by who holds the attempt no more', async () => {
  await post('/v1/jobs', { worker: 'resize', forwardLogs: true });
  const tell = await claimed();
  const [first, second, third] = [1, 2, 3].map((number) => ({ number, level: 'info', text: `line ${number}` }));
  await tell('report', { lines: [first] });
  await tell('report', { lines: [first] });
  await tell('report', { lines: [first, second] });
  await tell('settle', { outcome: 'succeeded', lines: [second, third] });
  await tell('settle', { outcome: 'succeeded', lines: [second, third] });
  expect(await linesTold()).toMatchObject([[{ text: 'line 1' }], [{ text: 'line 2' }], [{ text: 'line 3' }]]);
  const zombie = await tell('report', { lines: [{ number: 9, level: 'info', text: 'zombie' }] }).catch((error: unknown) => error);
  expect(String(zombie)).toContain('attempt_lost');
  expect(await linesTold()).toHaveLength(3);
});

it('a trigger may ask for the log lines of its jobs, and take that back', async () => {
  const { options } = await post('/v1/triggers', {
    id: 'f',
    type: '@hourly',
    worker: 'resize',
    options: { forwardLogs: true, queue: 'q' },
  });
  expect(options).toMatchObject({ forwardLogs: true, queue: 'q' });
  await post('/v1/triggers/f/launch', {});
  const tell = await claimed();
  await tell('settle', { outcome: 'succeeded', lines: [{ number: 1, level: 'info', text: 'of a trigger' }] });
  expect(await linesTold()).toMatchObject([[{ text: 'of a trigger' }]]);
  const change = (fields: object) => server.ask('PATCH', '/v1/triggers/f', { body: fields });
  expect((await change({ options: { queue: 'r' } })).json).toMatchObject({ options: { forwardLogs: true, queue: 'r' } });
  expect((await change({ options: { forwardLogs: false } })).json).toMatchObject({ options: { forwardLogs: false, queue: 'r' } });
});

it('what an attempt pushes may be as large as what anybody pushes, and keeps its text', async () => {
  await post('/v1/jobs', { worker: 'resize' });
  const { attempts } = await post('/v1/jobs/claim', { holder: 'py', operation: '2', workers: ['resize'], wait: '0s' });
  const [{ proof, job }] = attempts as readonly [{ readonly proof: object; readonly job: { readonly id: string } }];
  const report = (push: string) =>
    server.ask('POST', `/v1/jobs/${job.id}/report`, { body: `{"proof":${JSON.stringify(proof)},"push":${push}}` });
  const payload = `[12345678901234567890, "${'x'.repeat(60_000)}"]`;
  const { status, json } = await report(`[${Array.from({ length: 30 }, () => `{"worker":"w","payload":${payload}}`).join(',')}]`);
  expect(status, JSON.stringify(json)).toBe(200);
  const pushed = json['pushed'] as readonly { readonly id: string }[];
  expect(pushed).toHaveLength(30);
  expect((await server.store.jobs.get(pushed[29]?.id ?? ''))?.payload).toBe(payload);
  const wrong = await report(`[{"worker":"w","payload":"${'x'.repeat(50_000)}"},{"worker":"w","when":"now"}]`);
  expect([wrong.status, wrong.json['push']]).toEqual([400, 1]);
});

it('launches of one trigger at once get each its own job', async () => {
  await post('/v1/triggers', { id: 'c', type: '@client' });
  const launched = await Promise.all(Array.from({ length: 20 }, (_, n) => post('/v1/triggers/c/launch', { holder: `h${n}` })));
  expect(new Set(launched.map(({ id }) => id)).size).toBe(20);
  expect(launched.map(({ state, proof }) => [state, (proof as { readonly holder: string }).holder])).toEqual(
    launched.map((_, n) => ['running', `h${n}`]),
  );
});

it('null is told from no payload', async () => {
  await post('/v1/jobs', { worker: 'resize', payload: null });
  await post('/v1/jobs', { worker: 'resize' });
  const { attempts } = await post('/v1/jobs/claim', { holder: 'py', operation: '3', workers: ['resize'], wait: '0s', max: 2 });
  expect(attempts).toMatchObject([
    { hasPayload: true, job: { payload: null } },
    { hasPayload: false, job: { payload: null } },
  ]);
});
