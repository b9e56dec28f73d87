/** The wall clock steps while a server runs, or between two starts: `at` and what is shown follow it, delays are what they say, and ids and fences only rise. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { timeOfId } from '../../src/core/id.ts';
import { ask, checkEnded, type JobView } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { startWebApp, type WebApp } from './web-app.ts';

const hour = 3_600_000;
const year = 365 * 24 * hour;
const preload = `--require=${fileURLToPath(new URL('clock-ahead.cjs', import.meta.url))}`;

let app: WebApp;
let folder = '';
let server: ServerProcess;

/** The wall clock of servers is so far ahead from now on. */
const setAhead = (by: number): void => writeFileSync(join(folder, 'clock'), String(by));

/** On a machine whose clock can be set. */
async function start(): Promise<ServerProcess> {
  server = await startServer(join(folder, 'data'), { env: { NODE_OPTIONS: preload, HATSTAND_TEST_CLOCK: join(folder, 'clock') } });
  return server;
}
beforeAll(async () => {
  app = await startWebApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hatstand-clock-'));
  setAhead(0);
});
afterEach(async () => {
  await server.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

async function push(more: object = {}): Promise<JobView> {
  const answer = await ask(server.address, 'POST', '/v1/jobs', { url: `${app.address}/ok`, ...more });
  expect(answer).toMatchObject({ status: 201 });
  return answer?.body ?? expect.fail('no answer');
}

const newestFence = ({ history }: JobView): bigint => BigInt(history[0]?.fence ?? 0);

for (const how of ['SIGTERM', 'SIGKILL'] as const) {
  it(`nothing goes back after ${how}`, async () => {
    setAhead(hour);
    await start();
    const before = [];
    for (let n = 0; n < 5; n++) before.push((await push()).id);
    const lastBefore = await checkEnded(server.address, before.at(-1) ?? '');
    expect(timeOfId(lastBefore.id)).toBeGreaterThan(Date.now() + hour / 2);
    const delayed = (await push({ delay: '1s' })).id;
    await server.kill(how);

    setAhead(0);
    await start();
    expect(JSON.parse(await server.line(/"msg":"clock\.behind"/))).toMatchObject({
      level: 'warn',
      seconds: expect.closeTo(hour / 1_000, -2),
    });
    await checkEnded(server.address, delayed);

    const after = [];
    for (let n = 0; n < 5; n++) after.push((await push()).id);
    const ids = [...before, delayed, ...after].map(BigInt);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => (a < b ? -1 : 1)));

    const fence = newestFence(await checkEnded(server.address, lastBefore.id));
    await ask(server.address, 'POST', `/v1/jobs/${lastBefore.id}/restart`);
    const again = await checkEnded(server.address, lastBefore.id);
    expect(again.run).toBe(2);
    expect(newestFence(again)).toBeGreaterThan(fence);
    expect(newestFence(await checkEnded(server.address, after[0] ?? ''))).toBeGreaterThan(fence);

    // A second of delay is a second, not an hour and one.
    const pushed = performance.now();
    await checkEnded(server.address, (await push({ delay: '500ms' })).id);
    expect(performance.now() - pushed).toBeGreaterThanOrEqual(495);
  });
}

it('says nothing about a clock that is right', async () => {
  await start();
  await push();
  await server.kill('SIGTERM');
  await start();
  await server.kill('SIGTERM');
  expect(server.lines.join('\n')).toContain('server.stopped');
  expect(server.lines.join('\n')).not.toContain('"msg":"clock.');
});

/** What the doctor warns of. */
async function warnings(): Promise<readonly string[]> {
  const answer = await fetch(`${server.address}/v1/doctor`, { method: 'POST' });
  const { warnings } = (await answer.json()) as { readonly warnings: readonly string[] };
  return warnings;
}

async function found(filter: string): Promise<readonly string[]> {
  const answer = await fetch(`${server.address}/v1/jobs?q=${encodeURIComponent(filter)}`);
  const { jobs } = (await answer.json()) as { readonly jobs: readonly { readonly id: string }[] };
  return jobs.map(({ id }) => id);
}

const inTime = 3_000;
const aboutNow = (ahead: number) => expect.toSatisfy((text: string) => Math.abs(Date.parse(text) - Date.now() - ahead) < 5_000);

describe('a clock that is set while the server runs', () => {
  it('forward: what was asked for by that time runs within three seconds, and a delay goes on', async () => {
    await start();
    const old = await push();
    const at = await push({ at: new Date(Date.now() + hour / 2).toISOString() });
    const delayed = await push({ delay: '30m' });
    const set = performance.now();
    setAhead(hour);
    await checkEnded(server.address, at.id);
    expect(performance.now() - set).toBeLessThan(inTime);
    expect(JSON.parse(await server.line(/"msg":"clock\.stepped"/))).toMatchObject({ seconds: expect.closeTo(3_600, -1) });
    expect(performance.now() - set).toBeLessThan(inTime + 2_000);
    expect(await ask(server.address, 'GET', `/v1/jobs/${delayed.id}`)).toMatchObject({
      body: { state: 'scheduled', dueAt: aboutNow(1.5 * hour) },
    });
    const fresh = await push();
    expect(fresh.createdAt).toEqual(aboutNow(hour));
    expect(await found('created:<30m')).toEqual([fresh.id]);
    expect(await found('created:>30m')).toContain(old.id);
    expect(await warnings()).toEqual([]);
  });

  it('back: what was asked for by a time waits for it, a delay does not, and the doctor tells', async () => {
    setAhead(hour);
    await start();
    const before = await push();
    const fence = newestFence(await checkEnded(server.address, before.id));
    const at = await push({ at: new Date(Date.now() + hour + 2_000).toISOString() });
    const delayed = await push({ delay: '2s' });
    const set = performance.now();
    setAhead(0);
    await checkEnded(server.address, delayed.id);
    expect(performance.now() - set).toBeLessThan(2_000 + inTime);
    expect(JSON.parse(await server.line(/"msg":"clock\.stepped"/))).toMatchObject({ seconds: expect.closeTo(-3_600, -1) });
    expect(JSON.parse(await server.line(/"msg":"clock\.behind"/))).toMatchObject({ seconds: expect.closeTo(3_600, -1) });
    expect(await ask(server.address, 'GET', `/v1/jobs/${at.id}`)).toMatchObject({ body: { state: 'scheduled', dueAt: aboutNow(hour) } });
    const after = await push();
    expect(after.createdAt).toEqual(aboutNow(0));
    expect(BigInt(after.id)).toBeGreaterThan(BigInt(delayed.id));
    expect(newestFence(await checkEnded(server.address, after.id))).toBeGreaterThan(fence);
    expect(await found('created:<30m')).toContain(after.id);
    expect(await warnings()).toEqual([
      expect.stringMatching(/is (59|60) minutes behind the time in its newest ids and fences.*timedatectl/),
    ]);
  });
});

it('says that nothing is removed for its age after a leap, and for how long', async () => {
  await start();
  await push();
  setAhead(40 * 24 * hour);
  expect(JSON.parse(await server.line(/"msg":"sweep\.held"/))).toMatchObject({ level: 'warn', seconds: expect.closeTo(3_600, -2) });
  expect(await warnings()).toEqual([expect.stringMatching(/nothing is removed for its age for (59|60) minutes more/)]);
  await server.kill('SIGKILL');
  await start();
  await server.line(/"msg":"sweep\.held"/);
});

it('one start with the clock years ahead leaves no later start there', async () => {
  setAhead(4 * year);
  await start();
  const far = await checkEnded(server.address, (await push()).id);
  const waiting = await push({ delay: '2s' });
  const scheduled = await push({ at: new Date(Date.now() + 4 * year + hour).toISOString() });
  await server.kill('SIGKILL');
  setAhead(0);
  for (const how of ['SIGKILL', 'SIGTERM'] as const) {
    await start();
    const fresh = await push();
    expect(fresh.createdAt).toEqual(aboutNow(0));
    const { history } = await checkEnded(server.address, fresh.id);
    expect(history[0]?.startedAt).toEqual(aboutNow(0));
    expect(BigInt(fresh.id)).toBeGreaterThan(BigInt(far.id));
    expect(newestFence(await checkEnded(server.address, fresh.id))).toBeGreaterThan(newestFence(far));
    await checkEnded(server.address, waiting.id);
    await checkEnded(server.address, (await push({ at: new Date(Date.now() + 500).toISOString() })).id);
    expect(await ask(server.address, 'GET', `/v1/jobs/${scheduled.id}`)).toMatchObject({ body: { state: 'scheduled' } });
    expect(await warnings()).toEqual([expect.stringMatching(/is 14(59|60) days behind/)]);
    await server.kill(how);
  }
});

for (const how of ['SIGTERM', 'SIGKILL'] as const) {
  it(`a step back is counted once, however often the server starts after ${how}`, async () => {
    setAhead(3 * hour);
    await start();
    const { id } = await push({ delay: '5h' });
    const due = Date.now() + 5 * hour;
    setAhead(2 * hour);
    await server.line(/"msg":"clock\.stepped"/);
    await server.kill(how);
    for (const ahead of [2 * hour, 2 * hour, 0, 0]) {
      setAhead(ahead);
      await start();
      const answer = await ask(server.address, 'GET', `/v1/jobs/${id}`);
      expect(answer?.body.state).toBe('scheduled');
      // What passed since the store last wrote cannot be told from a part of a step.
      expect(Math.abs(Date.parse(answer?.body.dueAt ?? '') - due - ahead)).toBeLessThan(60_000);
      await server.kill(how);
    }
  });
}
