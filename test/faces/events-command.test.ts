/** `hatstand events` and `hatstand workers`. */
import { once } from 'node:events';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { openServer, type TestServer } from '../../src/faces/http/server.suite.ts';
import { openMemory } from '../../src/stores/memory/index.ts';
import { collectLines } from '../support/lines.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { type Ran, run, start } from './command.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer({}, openMemory());
  onTestFinished(() => server.close());
});

const hatstand = (...args: readonly string[]): Promise<Ran> => run(args, { HATSTAND_ADDRESS: server.url });

function tail(address: string, ...args: readonly string[]) {
  const child = start(['events', 'tail', ...args], { HATSTAND_ADDRESS: address });
  onTestFinished(() => void child.kill());
  const ended = once(child, 'close').then(([code]) => code as number);
  return { ended, lines: collectLines([child.stdout], ended), notes: collectLines([child.stderr], ended) };
}

it('publishes an event, with the jobs that it causes, and one under a known key once', async () => {
  await server.ask('POST', '/v1/triggers', { body: { type: '@event', arguments: 'io.files:CREATED:image:class', worker: 'w' } });
  const args = ['events', 'publish', 'io.files', 'CREATED', 'a1', '--doc', '{"class": "image"}', '--key', 'a1/1'];
  const first = await hatstand(...args);
  expect([first.code, first.out]).toEqual([0, expect.stringMatching(/^\d+\n$/)]);
  const again = await hatstand(...args, '--json');
  expect(JSON.parse(again.out)).toMatchObject({ kind: 'known', jobs: [] });
  expect(await hatstand('events', 'publish', 'io.files', 'CREATED')).toMatchObject({ code: 2 });
  expect(await hatstand('events', 'publish', 'io.files', 'MADE', 'a1')).toMatchObject({ code: 2 });
  expect(await hatstand('events', 'publish', 'io.files', 'CREATED', 'a1', '--doc', '{')).toMatchObject({ code: 2 });
});

it('tells what an event would push, and pushes nothing', async () => {
  const rule = { type: '@event', arguments: 'io.files:CREATED', worker: 'w', message: { size: 128 } };
  for (const id of ['now', 'paused']) await server.ask('POST', '/v1/triggers', { body: { ...rule, id } });
  await server.ask('POST', '/v1/triggers/paused/pause');
  await server.ask('POST', '/v1/triggers', { body: { ...rule, id: 'later', debounce: '1m' } });
  const { code, out, err } = await hatstand('events', 'preview', 'io.files', 'CREATED', 'a1');
  expect([
    code,
    out
      .trimEnd()
      .split('\n')
      .slice(1)
      .sort()
      .map((line) => line.split(/ {2,}/)),
  ]).toEqual([
    0,
    [
      ['later', 'its window'],
      ['now', 'a job for w', '{"size":128}'],
    ],
  ]);
  expect(err).toContain('1 triggers match it, and are paused');
  const { json } = await server.ask('POST', '/v1/events/preview', { body: { type: 'io.files', verb: 'CREATED', id: 'a1' } });
  expect(JSON.parse((await hatstand('events', 'preview', 'io.files', 'CREATED', 'a1', '--json')).out)).toEqual(json);
  expect((await server.ask('GET', '/v1/jobs')).json['jobs']).toEqual([]);
});

it('publishes many from stdin, as an array or a line for each', async () => {
  const event = (id: number) => ({ type: 'orders', verb: 'UPDATED', id: String(id) });
  const ndjson = [1, 2, 3].map((id) => `${JSON.stringify(event(id))}\n`).join('');
  for (const sent of [ndjson, JSON.stringify([event(1), event(2), event(3)])]) {
    const { code, out } = await run(['events', 'publish', '-', '--json'], { HATSTAND_ADDRESS: server.url }, sent);
    expect([code, out.trimEnd().split('\n').length]).toEqual([0, 3]);
  }
});

it('publishes what comes as it comes, more than one request may have, and tells how much of it when something is wrong', async () => {
  const lines = Array.from({ length: 2_500 }, (_, id) => `{"type":"orders","verb":"NOTIFIED","id":"${id}"}\n`).join('');
  const all = await run(['events', 'publish', '-', '--json'], { HATSTAND_ADDRESS: server.url }, lines);
  expect([all.code, all.out.trimEnd().split('\n').length]).toEqual([0, 2_500]);
  const some = await run(['events', 'publish', '-', '--json'], { HATSTAND_ADDRESS: server.url }, `${lines}{"type":\n`);
  expect([some.code, some.out.trimEnd().split('\n').length]).toEqual([2, 2_500]);
  expect(some.err).toContain('2500 events before that are told.');
});

it('follows events of topics, and ends after as many as are asked for', async () => {
  const { ended, lines } = tail(server.url, 'io.*', '--after', await newestPlace(), '-c', '2');
  for (const [type, id] of [
    ['io.files', 'a'],
    ['orders', 'b'],
    ['io.mail', 'c'],
  ]) {
    await server.ask('POST', '/v1/events', { body: { type, verb: 'CREATED', id, doc: { n: 1 } } });
  }
  expect(await ended).toBe(0);
  expect(lines.lines).toEqual(['io.files CREATED a {"n":1}', 'io.mail CREATED c {"n":1}']);
});

it('goes on where it was when its connection was lost, and says so; what it has missed is told', async () => {
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  const { lines, notes } = tail(`http://127.0.0.1:${proxy.port}`, '--json', '--after', await newestPlace());
  const publish = (id: string) => server.ask('POST', '/v1/events', { body: { type: 'io.files', verb: 'UPDATED', id } });
  await publish('before');
  await lines.line(/"before"/);
  proxy.cut();
  await publish('meanwhile');
  await notes.line(/Connecting again/);
  await lines.line(/"meanwhile"/);
  expect(lines.lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['before', 'meanwhile']);
  const elsewhere = tail(server.url, '--json', '--after', '7..1.another', '-c', '1');
  await elsewhere.lines.line(/"gap":"rewound"/);
});

it('lists workers, with what waits for them', async () => {
  await server.ask('POST', '/v1/jobs', { body: { worker: 'report' } });
  const { out, code } = await hatstand('workers');
  expect([code, out.split('\n').map((line) => line.split(/ {2,}/))]).toEqual([
    0,
    [['WORKER', 'STATE', 'AT ONCE', 'RUNNING', 'WAITING', 'NODES'], ['report', 'unserved', '0', '0', '1', '-'], ['']],
  ]);
  const { json } = await server.ask('GET', '/v1/workers');
  expect(JSON.parse((await hatstand('workers', '--json')).out)).toEqual(json);
});

async function newestPlace(): Promise<string> {
  const { newest } = await server.store.journal.entries(0, 1);
  return `${newest.seq}..${newest.at.toString(36)}.${newest.store}`;
}
