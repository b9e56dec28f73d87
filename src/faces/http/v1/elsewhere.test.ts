import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeChanges } from '../../../../test/support/changes.ts';
import { openMemory } from '../../../stores/memory/index.ts';
import { type Answer, openServer, type TestServer } from '../server.suite.ts';

interface Proof {
  readonly holder: string;
  readonly fence: string;
  readonly capability: string;
}

interface Attempt {
  readonly proof: Proof;
  readonly about: unknown;
  readonly job: { readonly id: string; readonly payload: unknown } & Readonly<Record<string, unknown>>;
}

let ahead = 0;
let server: TestServer;
beforeEach(async () => {
  ahead = 0;
  server = await openServer({}, openMemory({ clock: { now: () => Date.now() + ahead } }));
});
afterEach(() => server.close());

let operations = 0;
const asked = (fields: object = {}): object => ({ holder: 'py', operation: `${++operations}`, workers: ['resize'], wait: '0s', ...fields });

const post = (path: string, body: object): Promise<Answer> => server.ask('POST', path, { body });
const attemptsIn = ({ status, json, text }: Answer): readonly Attempt[] => {
  expect(status, text).toBe(200);
  return json['attempts'] as readonly Attempt[];
};
const claim = async (fields: object = {}): Promise<readonly Attempt[]> => attemptsIn(await post('/v1/jobs/claim', asked(fields)));

async function push(fields: object = {}): Promise<string> {
  const { json, status, text } = await post('/v1/jobs', { worker: 'resize', payload: { n: 1.0 }, ...fields });
  expect(status, text).toBe(201);
  return String(json['id']);
}

async function claimOne(fields: object = {}): Promise<Attempt> {
  await push();
  const [attempt] = await claim(fields);
  return attempt ?? expect.fail('nothing was claimed');
}

const report = ({ job, proof }: Attempt, fields: object = {}): Promise<Answer> => post(`/v1/jobs/${job.id}/report`, { proof, ...fields });
const settle = ({ job, proof }: Attempt, fields: object = { outcome: 'succeeded' }): Promise<Answer> =>
  post(`/v1/jobs/${job.id}/settle`, { proof, ...fields });
const get = async (id: string): Promise<Readonly<Record<string, unknown>>> => (await server.ask('GET', `/v1/jobs/${id}`)).json;

/** Takes back what has not been heard of. */
async function pass(millis: number): Promise<number> {
  ahead += millis;
  return (await server.store.nodes.bury(60_000, 60_000)).attempts;
}

describe('a claim', () => {
  it('gives jobs of its workers, each with a proof, and their payloads exactly', async () => {
    const id = await push({ payload: { n: 1 } });
    await push({ worker: 'other' });
    const { text, json } = await post('/v1/jobs/claim', asked({ max: 5 }));
    expect(text).toContain('"payload":{"n":1}');
    expect(json['attempts']).toMatchObject([
      {
        proof: { holder: 'py', fence: expect.stringMatching(/^\d+$/), capability: expect.stringMatching(/^[\w-]{43}$/) },
        ...{ attemptTtl: '30s', owner: '', about: null },
        job: { id, worker: 'resize', state: 'running', attempt: 1, holder: 'py@elsewhere' },
      },
    ]);
  });

  it('waits for a job, and ends when it comes', async () => {
    const waiting = claim({ wait: '30s' });
    const id = await push();
    expect(await waiting).toMatchObject([{ job: { id } }]);
  });

  it('takes from its queues alone', async () => {
    await push({ queue: 'far' });
    expect(await claim({ queues: ['near'] })).toEqual([]);
    expect(await claim({ queues: ['near', 'far'] })).toHaveLength(1);
  });

  it('gives the same attempts when it is repeated, and no more', async () => {
    await push();
    await push();
    const once = asked();
    const first = attemptsIn(await post('/v1/jobs/claim', once));
    expect(attemptsIn(await post('/v1/jobs/claim', once))).toEqual(first);
    expect(attemptsIn(await post('/v1/jobs/claim', { ...once, max: 0 }))).toEqual(first);
    expect(await claim({ max: 9 })).toHaveLength(1);
  });

  it('of a client that has left claims nothing, and the job goes to the next one', async () => {
    const leaving = new AbortController();
    const gone = request(`${server.url}/v1/jobs/claim`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked({ wait: '30s' })),
      signal: leaving.signal,
    });
    const { changed, seen } = makeChanges();
    let connections = 0;
    server.app.server.on('connection', (socket) => {
      connections += 1;
      changed();
      socket.once('close', () => {
        connections -= 1;
        changed();
      });
    });
    gone.catch(() => undefined);
    await seen(() => connections === 1);
    leaving.abort();
    await expect(gone).rejects.toThrow();
    await seen(() => connections === 0);
    const id = await push();
    expect(await claim()).toMatchObject([{ job: { id, attempt: 1, lost: 0 } }]);
  });

  it.each([
    [{ workers: ['http'] }, 'workers.0'],
    [{ workers: ['client'] }, 'workers.0'],
    [{ workers: [] }, 'workers'],
    [{ holder: 'a b' }, 'holder'],
    [{ holder: 'node.boot.1@elsewhere' }, 'holder'],
    [{ operation: '' }, 'operation'],
    [{ max: 101 }, 'max'],
    [{ wait: '6m' }, 'wait'],
    [{ attemptTtl: '999ms' }, 'attemptTtl'],
    [{ attemptTtl: '25h' }, 'attemptTtl'],
    [{ worker: 'resize' }, undefined],
  ])('refuses %j', async (fields, field) => {
    const { status, json } = await post('/v1/jobs/claim', asked(fields));
    expect(status, JSON.stringify(json)).toBe(400);
    if (field !== undefined) expect(String(json['field'])).toBe(field);
  });

  it('of a worker that may not be known is answered as a push to it', async () => {
    await server.close();
    server = await openServer({
      admit: (job) => (job.worker === 'secret' ? Promise.reject(new Error('no')) : Promise.resolve(job)),
    });
    expect((await post('/v1/jobs/claim', asked({ workers: ['resize'] }))).status).toBe(200);
    expect((await post('/v1/jobs/claim', asked({ workers: ['secret'] }))).status).toBe(500);
  });
});

describe('a report', () => {
  it('holds the attempt for longer, and tells of it', async () => {
    const attempt = await claimOne({ attemptTtl: '10s' });
    expect(await pass(9_000)).toBe(0);
    const lines = [
      { number: 2, level: 'warn', text: 'two' },
      { number: 1, level: 'info', text: 'one', fields: { a: 1 }, ago: '3s' },
    ];
    const told = await report(attempt, { attemptTtl: '20s', progress: { done: 0.5 }, lines });
    expect([told.status, told.json]).toEqual([200, { state: 'running', pushed: [] }]);
    expect(await pass(19_000)).toBe(0);
    expect(await get(attempt.job.id)).toMatchObject({ state: 'running', progress: { done: 0.5 } });
    // Repeated, it tells nothing twice.
    await report(attempt, { lines });
    const log = (await server.ask('GET', `/v1/jobs/${attempt.job.id}/lines`)).json;
    expect(log).toMatchObject({
      dropped: 0,
      lines: [
        { number: 1, text: 'one', fields: { a: 1 } },
        { number: 2, text: 'two' },
      ],
    });
    expect(await pass(31_000)).toBe(1);
    expect(await get(attempt.job.id)).toMatchObject({ state: 'queued', lost: 1 });
  });

  it('learns that the job is canceled, and that the attempt is lost', async () => {
    const attempt = await claimOne();
    await server.ask('POST', `/v1/jobs/${attempt.job.id}/cancel`);
    expect((await report(attempt)).json).toMatchObject({ state: 'stopping' });
    expect(await pass(31_000)).toBe(1);
    expect((await report(attempt)).json).toMatchObject({ status: 409, code: 'attempt_lost', job: attempt.job.id });
    expect((await settle(attempt)).json).toMatchObject({ status: 409, code: 'attempt_lost' });
    expect(await get(attempt.job.id)).toMatchObject({ state: 'canceled' });
  });

  it('pushes jobs that say whose they are, in the domain of its job', async () => {
    await push({ domain: 'acme' });
    const [attempt] = await claim();
    if (attempt === undefined) return expect.fail();
    const children = [
      { worker: 'child', payload: { n: 10 }, idempotencyKey: 'k' },
      { worker: 'child', domain: 'other' },
    ];
    const { json } = await report(attempt, { push: children });
    expect(json).toMatchObject({ state: 'running', pushed: [{ kind: 'pushed' }, { kind: 'pushed' }] });
    const again = (await report(attempt, { push: children.slice(0, 1) })).json;
    expect(again['pushed']).toEqual([{ ...(json['pushed'] as readonly object[])[0], kind: 'replayed' }]);
    const got = await claim({ workers: ['child'], max: 9 });
    expect(got).toMatchObject([
      { about: { parent: attempt.job.id }, job: { domain: 'acme', payload: { n: 10 } } },
      { about: { parent: attempt.job.id }, job: { domain: 'other' } },
    ]);
    const refused = await report(attempt, { push: [{ worker: 'child', retry: { backoff: '2h', maxBackoff: '1h' } }] });
    expect(refused.json).toMatchObject({ status: 400, push: 0 });
  });

  it('is refused when it is too long', async () => {
    const attempt = await claimOne();
    expect((await report(attempt, { progress: 'x'.repeat(17_000) })).json).toMatchObject({ code: 'too_large', field: 'progress' });
    const lines = Array.from({ length: 30 }, (_, at) => ({ number: at + 1, level: 'info', text: 'x'.repeat(8_000) }));
    expect((await report(attempt, { lines })).json).toMatchObject({ code: 'too_large', field: 'lines' });
    expect((await report(attempt, { lines: lines.slice(0, 1) })).status).toBe(200);
  });
});

describe('a result', () => {
  it('is kept exactly, with what is told last', async () => {
    const attempt = await claimOne();
    const body = `{"proof":${JSON.stringify(attempt.proof)},"outcome":"succeeded","output":{"big":12345678901234567890, "x":1.0},"lines":[{"number":1,"level":"info","text":"done"}]}`;
    const answer = await server.ask('POST', `/v1/jobs/${attempt.job.id}/settle`, { body });
    expect([answer.status, answer.json]).toEqual([200, { kind: 'settled', ended: true }]);
    expect(await get(attempt.job.id)).toMatchObject({ state: 'succeeded', output: '{"big":12345678901234567890, "x":1.0}' });
    expect((await server.ask('GET', `/v1/jobs/${attempt.job.id}/lines`)).json).toMatchObject({ lines: [{ text: 'done' }] });
  });

  it('may be told again when its answer was lost, and counts once', async () => {
    const attempt = await claimOne();
    await settle(attempt, { outcome: 'succeeded', output: 1 });
    expect((await settle(attempt, { outcome: 'succeeded', output: 1 })).json).toEqual({ kind: 'repeated', ended: true });
    expect((await settle(attempt, { outcome: 'failed', error: 'no' })).json).toMatchObject({ code: 'attempt_lost' });
    expect(await get(attempt.job.id)).toMatchObject({ state: 'succeeded', output: '1' });
  });

  it('that is a failure is tried again as the job’s policy says, unless it says no', async () => {
    await push({ retry: { attempts: 3, backoff: '1ms' } });
    const [first] = await claim();
    if (first === undefined) return expect.fail();
    const failed = { outcome: 'failed', error: 'no', cause: 'timeout', stack: 'here' };
    expect((await settle(first, failed)).json).toEqual({ kind: 'settled', ended: false });
    expect((await settle(first, failed)).json).toEqual({ kind: 'repeated', ended: false });
    ahead += 1_000;
    const [second] = await claim();
    if (second === undefined) return expect.fail();
    expect(second.job['attempt']).toBe(2);
    expect((await settle(first, failed)).json).toEqual({ kind: 'repeated', ended: false });
    expect((await settle(second, { ...failed, retry: false })).json).toEqual({ kind: 'settled', ended: true });
    expect(await get(second.job.id)).toMatchObject({
      state: 'failed',
      attempt: 2,
      error: 'no',
      cause: 'timeout',
      history: [{}, { end: 'failed' }],
    });
  });

  it('may be that it is handed back, skipped, or was ended without an error', async () => {
    const released = await claimOne();
    expect((await settle(released, { outcome: 'released' })).json).toEqual({ kind: 'settled', ended: false });
    const [again] = await claim();
    expect(again?.job).toMatchObject({ id: released.job.id, attempt: 1, lost: 0 });
    if (again === undefined) return;
    await settle(again, { outcome: 'skipped', error: 'nothing to do' });
    expect(await get(again.job.id)).toMatchObject({ state: 'canceled', reason: 'skipped', error: 'nothing to do' });
    const aborted = await claimOne();
    await settle(aborted, { outcome: 'succeeded', reason: 'aborted', outputText: 'as it is', outputCut: true });
    expect(await get(aborted.job.id)).toMatchObject({ state: 'succeeded', reason: 'aborted', output: 'as it is', outputCut: true });
  });

  it('that is long is kept up to its cap', async () => {
    const attempt = await claimOne();
    expect((await settle(attempt, { outcome: 'succeeded', output: 'é'.repeat(1024 * 1024) })).status).toBe(200);
    const { output, outputCut } = (await server.store.jobs.get(attempt.job.id))?.result ?? expect.fail();
    expect([Buffer.byteLength(output), outputCut]).toEqual([1024 * 1024 - 1, true]);
    const deep = await claimOne();
    expect(
      (await settle(deep, { outcome: 'succeeded', output: Object.fromEntries(Array.from({ length: 500 }, (_, at) => [at, at])) })).status,
    ).toBe(200);
  });

  it.each([
    [{ outcome: 'failed' }, 'error'],
    [{ outcome: 'succeeded', error: 'no' }, 'error'],
    [{ outcome: 'released', output: 1 }, 'output'],
    [{ outcome: 'skipped', retry: true }, 'retry'],
    [{ outcome: 'succeeded', output: 1, outputText: '1' }, 'outputText'],
    [{ outcome: 'done' }, 'outcome'],
  ])('is refused: %j', async (fields, field) => {
    const attempt = await claimOne();
    expect((await settle(attempt, fields)).json).toMatchObject({ status: 400, field });
    expect(await get(attempt.job.id)).toMatchObject({ state: 'running' });
  });
});

describe('a proof', () => {
  it('is of one attempt and one holder', async () => {
    const [mine, other] = [await claimOne(), await claimOne()];
    const wrong = [
      { ...mine.proof, capability: other.proof.capability },
      { ...mine.proof, holder: 'js' },
      { ...mine.proof, fence: other.proof.fence },
      { ...mine.proof, capability: 'x'.repeat(43) },
    ];
    for (const proof of wrong) {
      for (const verb of ['report', 'settle']) {
        const fields = verb === 'settle' ? { outcome: 'succeeded' } : {};
        expect((await post(`/v1/jobs/${mine.job.id}/${verb}`, { proof, ...fields })).json).toMatchObject({
          status: 403,
          code: 'forbidden',
        });
      }
    }
    expect((await post(`/v1/jobs/${other.job.id}/report`, { proof: mine.proof })).status).toBe(403);
    expect((await settle(mine)).status).toBe(200);
  });

  it('of an attempt before proves nothing of the one after it', async () => {
    const first = await claimOne();
    await pass(31_000);
    const [second] = await claim({ holder: 'py' });
    if (second === undefined) return expect.fail();
    expect(second.job.id).toBe(first.job.id);
    expect((await report({ ...first, proof: { ...first.proof, fence: second.proof.fence } })).status).toBe(403);
    expect((await report(first)).json).toMatchObject({ code: 'attempt_lost' });
    expect((await settle(second)).status).toBe(200);
  });

  it('holds at every node of the cluster', async () => {
    const other = await openServer({}, server.store);
    const attempt = await claimOne();
    const body = { proof: attempt.proof, outcome: 'succeeded' };
    expect((await other.ask('POST', `/v1/jobs/${attempt.job.id}/settle`, { body })).status).toBe(200);
    await other.app.close();
  });

  it('proves nothing of an attempt that a node holds', async () => {
    await server.push();
    const job = await server.start();
    const elsewhere = await claimOne();
    const proof = { ...elsewhere.proof, fence: job.fence, holder: job.holder };
    expect((await post(`/v1/jobs/${job.id}/settle`, { proof, outcome: 'succeeded' })).status).toBe(403);
  });
});

describe('a trigger of a client', () => {
  const launch = (fields: object = {}): Promise<Answer> => post('/v1/triggers/mine/launch', fields);
  beforeEach(async () => {
    expect((await post('/v1/triggers', { type: '@client', id: 'mine', message: { of: 'mine' } })).status).toBe(201);
  });

  it('makes a job that runs, and its client tells how it ends', async () => {
    const { status, json } = await launch({ holder: 'laptop', payload: 7 });
    expect(status).toBe(201);
    expect(json).toMatchObject({ state: 'running', worker: 'client', manual: true, holder: 'laptop@elsewhere', payload: 7, attempt: 1 });
    const attempt = { proof: json['proof'] as Proof, about: null, job: { id: String(json['id']), payload: 7 } };
    expect((await report(attempt, { progress: 0.5 })).json).toEqual({ state: 'running', pushed: [] });
    expect((await server.ask('GET', '/v1/triggers/mine')).json).toMatchObject({ live: 1, newest: { job: attempt.job.id } });
    expect((await settle(attempt, { outcome: 'failed', error: 'the network is down' })).json).toEqual({ kind: 'settled', ended: true });
    expect((await server.ask('GET', '/v1/triggers/mine')).json).toMatchObject({
      ...{ live: 0, failed: { job: attempt.job.id, error: 'the network is down' }, launched: { job: attempt.job.id } },
    });
  });

  it('of which nobody hears any more fails, and runs nowhere else', async () => {
    const { json } = await launch();
    expect(json).toMatchObject({ holder: 'client@elsewhere', payload: { of: 'mine' } });
    expect(await pass(31_000)).toBe(1);
    expect(await get(String(json['id']))).toMatchObject({ state: 'failed', reason: 'lost' });
  });

  it('begins its own job, whatever others wait', async () => {
    for (let i = 0; i < 3; i++) await push({ worker: 'client', manual: true });
    const { json, status } = await launch();
    expect([status, json['state']]).toEqual([201, 'running']);
    expect(await server.store.jobs.count()).toMatchObject([{ worker: 'client', counts: { queued: 3, running: 1 } }]);
  });

  it('cannot begin while its queue is paused', async () => {
    await server.ask('POST', '/v1/queues/default/pause');
    const { json } = await launch();
    expect(json).toMatchObject({ status: 409, code: 'conflict' });
    expect(await get(String(json['job']))).toMatchObject({ state: 'canceled' });
  });

  it('has a proof that others have not', async () => {
    await post('/v1/triggers', { type: '@in', arguments: '1h', id: 'hourly', worker: 'resize' });
    expect((await post('/v1/triggers/hourly/launch', {})).json).toMatchObject({ state: 'queued', proof: null });
  });
});

describe('workers that are served elsewhere', () => {
  it('count as served while somebody polls for them', async () => {
    const pushed = (await post('/v1/jobs', { worker: 'nobody' })).json;
    expect(pushed).toMatchObject({ unserved: true });
    await Promise.all([claim({ workers: ['resize'], wait: '30s' }), push({ worker: 'resize' })]);
    expect((await post('/v1/jobs', { worker: 'resize' })).json).toMatchObject({ unserved: false });
  });
});
