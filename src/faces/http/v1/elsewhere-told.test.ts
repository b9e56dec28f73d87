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
