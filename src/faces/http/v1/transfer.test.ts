import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noLimit } from '../../../core/limit.ts';
import { cancelMoves } from '../../../core/transitions.ts';
import { partOf, putOf } from '../../../stores/conformance/definitions.ts';
import { all, asked, attemptsOf } from '../../../stores/conformance/subject.ts';
import { failed, openServer, succeeded, type TestServer } from '../server.suite.ts';

let from: TestServer;
let to: TestServer;
beforeEach(async () => {
  [from, to] = [await openServer(), await openServer()];
});
afterEach(() => Promise.all([from.close(), to.close()]));

const headers = { 'content-type': 'application/x-ndjson' };
const exported = async (server: TestServer): Promise<readonly string[]> =>
  (await server.ask('GET', '/v1/export')).text.trimEnd().split('\n');
const imported = async (lines: readonly string[]) => to.ask('POST', '/v1/import', { body: `${lines.join('\n')}\n`, headers });
const nothing = {
  restored: 0,
  existed: 0,
  queues: 0,
  limits: 0,
  limitsKept: 0,
  definitions: 0,
  definitionsKept: 0,
  queuesKept: 0,
  queuesKeptNames: [],
  failed: 0,
  faults: [],
};

async function fill(): Promise<void> {
  await from.ask('PATCH', '/v1/queues/mail', { body: { paused: true, concurrency: 3, rate: { max: 2, per: '1s' } } });
  await from.push({ name: 'ends', payload: { big: 1 }, headers: { 'X-A': '1' } });
  const job = await from.start();
  await from.settle(job, failed(500, 'no'));
  await from.ask('POST', `/v1/jobs/${job.id}/restart`);
  await from.settle(await from.start(), succeeded('done\n"ü"'));
  await from.push({ name: 'waits' });
  await from.store.definitions.put([putOf('a', { kind: 'script', state: 'words', due: 'never' })]);
  await from.store.definitions.gather([partOf('a', '"part"', { kind: 'script' })]);
  await from.store.jobs.push([asked({ queue: 'mail', worker: 'http', start: { delay: 60_000 } })]);
}

describe('an export', () => {
  it('has a first line, the queues, the jobs and a last line', async () => {
    await fill();
    const lines = (await exported(from)).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ kind }) => kind)).toEqual(['hatstand', 'queue', 'definition', 'job', 'job', 'job', 'end']);
    expect(lines[0]).toEqual({ kind: 'hatstand', format: 3, version: '1.2.3' });
    expect(lines[1]).toEqual({ kind: 'queue', name: 'mail', paused: true, closed: false, concurrency: 3, rate: { max: 2, per: 1_000 } });
    expect(lines[2]).toMatchObject({ definition: { key: 'a', state: 'words', window: { count: 1 } }, parts: ['"part"'] });
    expect(lines[3]).toMatchObject({ job: { name: 'ends', run: 2, payload: '{"big":1}' }, attempts: [{ run: 1, end: 'failed' }] });
    expect(lines[6]).toEqual({ kind: 'end', queues: 1, definitions: 1, jobs: 3 });
  });

  it('goes into another store and comes out of it the same; repeated, it changes nothing', async () => {
    await fill();
    const lines = await exported(from);
    const answer = await imported(lines);
    expect([answer.status, answer.json]).toEqual([200, { ...nothing, restored: 3, queues: 1, definitions: 1 }]);
    expect(await exported(to)).toEqual(lines);
    expect((await imported(lines)).json).toEqual({ ...nothing, existed: 3, queues: 1, definitionsKept: 1 });
    expect(await exported(to)).toEqual(lines);
  });

  it('leaves a queue that was configured here as it is', async () => {
    await fill();
    await to.ask('PATCH', '/v1/queues/mail', { body: { concurrency: 7 } });
    const lines = await exported(from);
    const kept = { queuesKept: 1, queuesKeptNames: ['mail'] };
    expect((await imported(lines)).json).toEqual({ ...nothing, restored: 3, definitions: 1, ...kept });
    expect((await imported(lines)).json).toEqual({ ...nothing, existed: 3, definitionsKept: 1, ...kept });
    expect((await to.store.queues.list()).find(({ name }) => name === 'mail')).toMatchObject({ paused: false, concurrency: 7, rate: null });
  });

  it('names the first hundred queues that stay as they are', async () => {
    const names = Array.from({ length: 101 }, (_, at) => `queue-${at}`);
    await Promise.all(names.map((name) => to.ask('PATCH', `/v1/queues/${name}`, { body: { concurrency: 7 } })));
    const lines = names.map((name) => JSON.stringify({ kind: 'queue', name, paused: true, concurrency: null, rate: null }));
    expect((await imported(lines)).json).toEqual({ ...nothing, queuesKept: 101, queuesKeptNames: names.slice(0, 100) });
  });

  it('goes on with what ran: it waits there, and runs again under a greater fence', async () => {
    await from.push({ name: 'runs' });
    await from.push({ name: 'stops' });
    const [runs, stops] = [await from.start(), await from.start()];
    await from.store.jobs.change(stops.id, cancelMoves);
    expect((await imported(await exported(from))).json).toMatchObject({ restored: 2 });
    expect(await to.store.jobs.get(stops.id)).toMatchObject({ state: 'canceled', reason: 'stopped' });
    expect(await attemptsOf(to.store, runs.id)).toMatchObject([{ fence: runs.fence, end: 'returned' }]);
    const again = await to.start();
    expect([again.id, again.attempt, BigInt(again.fence) > BigInt(runs.fence)]).toEqual([runs.id, 1, true]);
  });

  it('sets limits that are not there yet without looking at all of them, and keeps those that are', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `k${at}`);
    for (const name of names) await from.store.limits.configure(name, { ...noLimit, concurrency: 1 });
    await to.store.limits.configure('k1', { ...noLimit, concurrency: 2 });
    await to.store.limits.configure('k2', { ...noLimit, concurrency: 1 });
    const lines = await exported(from);
    const listed = vi.spyOn(to.store.limits, 'list');
    expect((await imported(lines)).json).toMatchObject({ limits: 29, limitsKept: 1, failed: 0 });
    expect((await imported(lines)).json).toMatchObject({ limits: 29, limitsKept: 1, failed: 0 });
    expect(listed).not.toHaveBeenCalled();
    expect(await to.store.limits.list()).toHaveLength(30);
  });

  it('goes on with what waits for its limit: it is ready there until its limit has it wait again', async () => {
    await from.store.limits.configure('worker:http', { ...noLimit, concurrency: 1 });
    await from.push({ name: 'runs' });
    await from.push({ name: 'waits' });
    const claimed = await from.start();
    const [waits] = (await from.store.jobs.list(all)).jobs.filter(({ id }) => id !== claimed.id);
    await expect(from.start()).rejects.toThrow();
    expect(await from.store.jobs.get(waits?.id ?? '')).toMatchObject({ state: 'queued', reason: 'limit worker:http' });
    expect((await imported(await exported(from))).json).toMatchObject({ restored: 2, limits: 1, failed: 0 });
    expect(await to.store.jobs.get(waits?.id ?? '')).toMatchObject({ state: 'queued', reason: '' });
    const again = await to.start();
    expect(again.id).toBe(claimed.id);
    await to.settle(again, succeeded());
    expect((await to.start()).id).toBe(waits?.id);
  });

  it('is in order when jobs come, go and end meanwhile', async () => {
    for (let i = 0; i < 40; i++) await from.push({ name: `job ${i}` });
    const [answer] = await Promise.all([
      from.ask('GET', '/v1/export'),
      ...Array.from({ length: 20 }, async () => from.settle(await from.start(), succeeded())),
      from.store.jobs.list(all).then(({ jobs }) => from.store.jobs.change(jobs.at(-1)?.id ?? '', cancelMoves)),
    ]);
    expect((await imported(answer.text.trimEnd().split('\n'))).json).toMatchObject({ restored: 40, failed: 0 });
  });
});

describe('an import', () => {
  it('reads what was written before there were definitions and owners of jobs', async () => {
    await fill();
    const lines = (await exported(from)).filter((line) => !line.startsWith('{"kind":"definition"'));
    const older = lines.map((line) =>
      line.replace('"format":2', '"format":1').replace('"definitions":1,', '').replace('"owner":"","limit":"","about":null,', ''),
    );
    expect(older.join()).not.toMatch(/owner|definitions/);
    expect((await imported(older)).json).toEqual({ ...nothing, restored: 3, queues: 1 });
    const parsed = (those: readonly string[]): unknown => those.slice(1, -1).map((line) => JSON.parse(line));
    expect(parsed(await exported(to))).toEqual(parsed(lines));
  });

  it('refuses a member that stands twice, wherever it does', async () => {
    await fill();
    const [head = '', queue = '', definition = '', job = ''] = await exported(from);
    const wrong = [
      job.replace('"priority":0', '"priority":0,"priority":1'),
      job.replace('"priority":0', '"priority":0,"pri\\u006frity":1'),
      job.replace('"attempts":[{', '"attempts":[{"run":1,'),
      job.replace('"X-A":"1"', '"X-A":"1", "X-A" : "2"'),
      job.replace('{"kind":"job"', '{"kind":"queue","kind":"job"'),
      queue.replace('"max":2', '"max":1,"max":2'),
      definition.replace('"key":"a"', '"key":"b","key":"a"'),
      head.replace('"format":3', '"format":2,"format":3'),
    ];
    const { json } = await imported(wrong);
    expect(json).toMatchObject({ restored: 0, queues: 0, definitions: 0, failed: wrong.length });
    const faults = json['faults'] as readonly { readonly code: string; readonly detail: string }[];
    const names = ['priority', 'priority', 'run', 'X-A', 'kind', 'max', 'key', 'format'];
    expect(faults).toEqual(
      names.map((name, at) => ({ line: at + 1, code: 'invalid_request', detail: `"${name}" stands more than once.` })),
    );
    // What stands in a payload is its own.
    await from.store.jobs.push([asked({ worker: 'http', payload: '{"a":1,"a":2}' })]);
    expect((await imported(await exported(from))).json).toMatchObject({ failed: 0 });
  });

  it('tells wrong lines by their number, and takes in all others', async () => {
    await fill();
    const [head = '', queue = '', definition = '', first = '', second = '', third = ''] = await exported(from);
    const wrong = [
      '{"kind":"job"',
      '7',
      '{"kind":"nonsense"}',
      first.replace('"priority":0', '"priority":0.5'),
      first.replace('"run":2', '"ran":2'),
      first.replace(/"state":"succeeded"/, '"state":"queued"'),
      first.replace(/"id":"\d+"/, '"id":"9223372036854775807"'),
      first.replaceAll(/"fence":"\d+"/g, '"fence":"9223372036854775807"'),
      queue.replace('"concurrency":3', '"concurrency":0'),
      head.replace('"format":3', '"format":4'),
      definition.replace('"key":"a"', '"key":""'),
      definition.replace('"parts":[', '"parts":["1",'),
    ];
    const { json } = await imported([head, queue, ...wrong, '', first, second, third.replace('"worker":"http"', '"worker":"a b"')]);
    expect(json).toMatchObject({ restored: 2, existed: 0, queues: 1, failed: 13 });
    const faults = json['faults'] as readonly { readonly line: number; readonly detail: string }[];
    expect(faults.map(({ line }) => line)).toEqual([...wrong.map((_, at) => at + 3), 18]);
    expect(faults.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^Expected "," or "}", but came to its end/),
      expect.stringMatching(/^kind must be .* not nothing/),
      expect.stringMatching(/^kind must be .* not "nonsense"/),
      expect.stringMatching(/^job\.priority must be a whole number/),
      expect.stringMatching(/ran|run/),
      expect.stringMatching(/^state must be one that goes with/),
      expect.stringMatching(/^id must be an id made until now/),
      expect.stringMatching(/^fence must be a fence given until now/),
      expect.stringMatching(/^concurrency must be/),
      expect.stringMatching(/^format must be from 1 to 3, not 4/),
      expect.stringMatching(/^key must have 1 to 512 characters/),
      expect.stringMatching(/^parts must be the 1 parts of its window, not 2/),
      expect.stringMatching(/^worker must be 1 to 128 letters/),
    ]);
    expect((await to.store.queues.list()).find(({ name }) => name === 'mail')).toMatchObject({ paused: true, concurrency: 3 });
  });

  it('takes no definition of a trigger that is none, and none whose id cannot stand in an address', async () => {
    await fill();
    const [head = '', , definition = ''] = await exported(from);
    const asTrigger = definition.replace('"kind":"script"', '"kind":"trigger"');
    const { json } = await imported([head, asTrigger, asTrigger.replace('"key":"a"', '"key":"a b"')]);
    const faults = json['faults'] as readonly { readonly detail: string }[];
    expect(faults.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^body must be that of a trigger: its type/),
      expect.stringMatching(/^key must be 1 to 128 letters/),
    ]);
    expect((await to.ask('GET', '/v1/triggers')).json['triggers']).toEqual([]);
  });

  it('takes results of before, which tell neither causes nor stacks', async () => {
    await fill();
    const lines = (await exported(from)).map((line) => line.replaceAll(/,"cause":(null|"\w+"),"stack":"[^"]*"/g, ''));
    expect(lines.join('')).not.toContain('"cause"');
    expect((await imported(lines)).json).toMatchObject({ restored: 3, failed: 0 });
    const { jobs } = await to.store.jobs.list(all);
    expect(jobs.map(({ result }) => [result.cause, result.stack])).toEqual(jobs.map(() => [null, '']));
  });

  it('takes NDJSON alone, and no more than 10,000 lines', async () => {
    expect((await to.ask('POST', '/v1/import', { body: {} })).status).toBe(415);
    expect((await imported(Array.from({ length: 10_001 }, () => ''))).status).toBe(413);
    expect((await imported([])).json).toEqual(nothing);
  });

  it('is refused when the store is closed', async () => {
    await fill();
    const lines = await exported(from);
    await to.store.close();
    expect((await imported(lines)).status).toBe(503);
  });
});
