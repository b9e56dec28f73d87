/** Workers elsewhere whose programs, servers and connections are killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Claim, type Client, makeClient, type RunningWorker } from '../../src/client.ts';
import { collectLines, type Lines } from '../support/lines.ts';
import { freePort } from '../support/ports.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const python = fileURLToPath(new URL('../../examples/workers-elsewhere/worker.py', import.meta.url));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hatstand-elsewhere-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

async function started(flags: readonly string[] = []): Promise<ServerProcess> {
  const server = await startServer(folder, { flags });
  onTestFinished(async () => void (await server.kill('SIGKILL')));
  return server;
}

const until = (worker: RunningWorker): RunningWorker => {
  onTestFinished(() => worker.stop(0));
  return worker;
};

interface PythonWorker {
  readonly child: ChildProcess;
  readonly output: Lines;
}

async function startPython(address: string, holder: string): Promise<PythonWorker> {
  const child = spawn('python3', [python, '--address', address, '--ttl', '1', '--holder', holder], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = collectLines([child.stdout, child.stderr], once(child, 'exit'));
  await output.line(/asks .* for jobs/);
  return { child, output };
}

const claimOf = (operation: string): Claim => ({ holder: 'tester', operation, workers: ['work'], wait: 30_000 });
const stateOf = async (client: Client, id: string): Promise<string> => (await client.jobs.get(id)).state;

describe('a worker elsewhere', () => {
  it('that is killed gives its job to another one after its deadline', { timeout: 60_000 }, async () => {
    const { address } = await started();
    const client = makeClient({ address });
    const first = await startPython(address, 'first');
    const { id } = await client.jobs.push({ worker: 'nap', payload: { steps: 30 }, timeout: null });
    await first.output.line(/^nap .* begins/);
    first.child.kill('SIGKILL');
    const killedAt = performance.now();
    await startPython(address, 'second');
    const job = await client.jobs.wait(id, 30_000);
    expect(job).toMatchObject({ state: 'succeeded', attempt: 1, lost: 1, holder: 'second@elsewhere' });
    const [attempt] = (await client.jobs.get(id)).history.filter(({ end }) => end === 'lost');
    expect(attempt).toMatchObject({ holder: 'first@elsewhere' });
    expect(performance.now() - killedAt).toBeLessThan(20_000);
  });

  it('goes on when its server is killed under its poll, and under its job', { timeout: 60_000 }, async () => {
    const port = await freePort();
    const flags = ['--addr', `127.0.0.1:${port}`];
    const before = await started(flags);
    const client = makeClient({ address: before.address });
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    until(
      client.worker('work', { attemptTtl: '10s', log: null }, async (_, { id }) => {
        begun.push(id);
        if (begun.length === 1) await gate.promise;
        return begun.length;
      }),
    );
    const first = await client.jobs.push({ worker: 'work', timeout: null });
    await expect.poll(() => begun, { timeout: 20_000 }).toEqual([first.id]);
    await before.kill('SIGKILL');
    await started(flags);
    // Nobody has taken it back: its deadline is its own.
    expect(await stateOf(client, first.id)).toBe('running');
    const second = await client.jobs.push({ worker: 'work' });
    expect(await client.jobs.wait(second.id, 20_000)).toMatchObject({ state: 'succeeded', attempt: 1, lost: 0 });
    gate.resolve();
    expect(await client.jobs.wait(first.id, 20_000)).toMatchObject({ state: 'succeeded', attempt: 1, lost: 0 });
    expect(begun).toEqual([first.id, second.id]);
  });

  it('gets the same attempts when the answer to its claim was cut off', { timeout: 60_000 }, async () => {
    const { address } = await started();
    const direct = makeClient({ address });
    const proxy = await startProxy(Number(new URL(address).port));
    onTestFinished(() => proxy.close());
    const client = makeClient({ address: `http://127.0.0.1:${proxy.port}` });
    const { id } = await direct.jobs.push({ worker: 'work' });
    proxy.swallowReplies();
    const lost = client.attempts.claim(claimOf('once'));
    await expect.poll(() => stateOf(direct, id), { timeout: 20_000 }).toBe('running');
    proxy.cut();
    await expect(lost).rejects.toMatchObject({ code: 'unconfirmed' });
    proxy.restore();
    const [attempt, ...others] = await client.attempts.claim(claimOf('once'));
    expect(others).toEqual([]);
    expect(attempt?.job).toMatchObject({ id, attempt: 1, lost: 0 });
    expect(await direct.attempts.settle(id, attempt?.proof ?? expect.fail(), { outcome: 'succeeded' })).toEqual({
      kind: 'settled',
      ended: true,
    });
  });

  it('whose server stops is told so at once, and asks another time', { timeout: 60_000 }, async () => {
    const server = await started();
    const client = makeClient({ address: server.address });
    const polls = Array.from({ length: 100 }, (_, at) => client.attempts.claim(claimOf(`${at}`)).catch((error: unknown) => error));
    await expect
      .poll(async () => (await client.nodes.list())[0]?.serves, { timeout: 20_000 })
      .toContainEqual({ worker: 'work', queues: 'any' });
    const stoppedAt = performance.now();
    const ended = server.kill('SIGTERM');
    for (const answer of await Promise.all(polls))
      expect(answer).toMatchObject({ code: expect.stringMatching(/shutting_down|unconfirmed|unreachable/) });
    expect(await ended).toBe('0');
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  });
});

describe('with Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('claims at one node, is woken by what another pushes, and settles at a third', { timeout: 60_000 }, async () => {
    const nodes = await Promise.all(Array.from({ length: 3 }, () => started(['--store', redis.url])));
    const [one, two, three] = nodes.map(({ address }) => makeClient({ address }));
    if (one === undefined || two === undefined || three === undefined) return expect.fail();
    const waiting = one.attempts.claim(claimOf('a'));
    await expect
      .poll(async () => (await two.nodes.list()).some(({ serves }) => serves?.some(({ worker }) => worker === 'work')), { timeout: 20_000 })
      .toBe(true);
    const { id, unserved } = await two.jobs.push({ worker: 'work' });
    expect(unserved).toBe(false);
    const [attempt] = await waiting;
    expect(attempt?.job.id).toBe(id);
    if (attempt === undefined) return;
    await nodes[0]?.kill('SIGKILL');
    expect(await two.attempts.report(id, attempt.proof, { progress: 0.5 })).toEqual({ state: 'running', pushed: [] });
    expect(await three.attempts.settle(id, attempt.proof, { outcome: 'succeeded', output: 1 })).toEqual({ kind: 'settled', ended: true });
    expect(await two.jobs.get(id)).toMatchObject({ state: 'succeeded', lost: 0 });
  });
});
