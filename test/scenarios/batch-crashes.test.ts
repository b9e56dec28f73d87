/**
 * Kill -9 at each step in which a batch is made and ends. After a restart whoever had no answer asks for it again: it has all its jobs,
 * each once, and pushes one job for its end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { ask } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { startWebApp, type WebApp } from './web-app.ts';

/** One more than the store keeps in one step. */
const inTwoSteps = 1_001;

/** Of making: each of the two steps. Of the end: the result of the only job, the claim and the result of what is pushed for it. */
const cases = [
  ...['push.before_commit', 'push.committed', 'push.kept'].flatMap((point) => [1, 2].map((at) => ({ point, at, jobs: inTwoSteps }))),
  ...['settle.before_commit', 'settle.committed', 'settle.done', 'claim.committed'].flatMap((point) =>
    [1, 2].map((at) => ({ point, at, jobs: 1 })),
  ),
];

let app: WebApp;
beforeAll(async () => {
  app = await startWebApp();
});
afterAll(() => app.close());

interface BatchView {
  readonly status: string;
  readonly total: number;
  readonly succeeded: number;
  readonly callbacks: readonly { readonly job: string; readonly on: string }[];
}

async function batchAt({ address }: ServerProcess): Promise<BatchView | null> {
  const answer = await ask(address, 'GET', '/v1/batches/all');
  return answer?.status === 200 ? (answer.body as unknown as BatchView) : null;
}

describe('kill -9 of a server with a batch', () => {
  it.each(cases)('of $jobs jobs at $point, passing $at: all its jobs end, and one job follows', { timeout: 60_000 }, async (crash) => {
    const folder = await mkdtemp(join(tmpdir(), 'hatstand-batch-'));
    const job = { url: `${app.address}/ok` };
    const asked = { id: 'all', jobs: Array.from({ length: crash.jobs }, (_, n) => ({ ...job, payload: n })), on: { ended: job } };
    const doomed = await startServer(folder, { failpoint: `${crash.point}@${crash.at}=kill` });
    await ask(doomed.address, 'POST', '/v1/batches', asked);
    expect(await doomed.ended).toBe('SIGKILL');

    const server = await startServer(folder);
    try {
      const again = (await ask(server.address, 'POST', '/v1/batches', asked)) ?? expect.fail('no answer');
      expect([200, 201]).toContain(again.status);
      await until('the end of the batch', async () => (await batchAt(server))?.status === 'ended');
      await until('the job for its end', async () => (await batchAt(server))?.callbacks.length === 1);
      const batch = (await batchAt(server)) ?? expect.fail('no batch');
      expect(batch).toMatchObject({ total: crash.jobs, succeeded: crash.jobs, callbacks: [{ on: 'ended' }] });
      const ids = [...(again.body as unknown as { jobs: string[] }).jobs, batch.callbacks[0]?.job ?? ''];
      expect(new Set(ids).size).toBe(crash.jobs + 1);
      await ask(server.address, 'GET', `/v1/jobs/${ids.at(-1)}/wait?timeout=20s`);
      for (const id of ids) expect(app.runs.get(id), `runs of ${id}`).toBeGreaterThan(0);
      const stats = (await ask(server.address, 'GET', '/v1/stats')) as unknown as { readonly body: { readonly total: number } };
      expect(stats.body.total).toBe(crash.jobs + 1);
    } finally {
      await server.kill('SIGTERM');
      await rm(folder, { recursive: true });
    }
  });
});
