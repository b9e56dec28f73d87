/** The wall clock steps back between two starts: ids and fences go on from where they were, and delays are what they say. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { timeOfId } from '../../src/core/id.ts';
import { ask, checkEnded, type JobView } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { startWebApp, type WebApp } from './web-app.ts';

const hour = 3_600_000;
const ahead = {
  NODE_OPTIONS: `--require=${fileURLToPath(new URL('clock-ahead.cjs', import.meta.url))}`,
  HATSTAND_TEST_CLOCK_AHEAD: String(hour),
};

let app: WebApp;
let folder = '';
let server: ServerProcess;
beforeAll(async () => {
  app = await startWebApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hatstand-clock-'));
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
    server = await startServer(folder, { env: ahead });
    const before = [];
    for (let n = 0; n < 5; n++) before.push((await push()).id);
    const lastBefore = await checkEnded(server.address, before.at(-1) ?? '');
    expect(timeOfId(lastBefore.id)).toBeGreaterThan(Date.now() + hour / 2);
    const delayed = (await push({ delay: '1s' })).id;
    await server.kill(how);

    server = await startServer(folder);
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
  server = await startServer(folder);
  await push();
  await server.kill('SIGTERM');
  server = await startServer(folder);
  await server.kill('SIGTERM');
  expect(server.lines.join('\n')).toContain('server.stopped');
  expect(server.lines.join('\n')).not.toContain('clock.behind');
});
