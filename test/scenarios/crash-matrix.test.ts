/**
 * Kill -9 at each step of a job's life, enumerated: every failpoint, at its first and at a later passing. After a restart
 * every acknowledged job is there, ends, and has exactly one accepted result.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failpoints } from '../../src/failpoint.ts';
import { ask, checkEnded } from './history.ts';
import { startServer } from './server-process.ts';
import { startWebApp, type WebApp } from './web-app.ts';

const jobsPerCase = 12;
const passings = [1, 3];

let app: WebApp;
beforeAll(async () => {
  app = await startWebApp();
});
afterAll(() => app.close());

/** Pushes jobs, some of them flaky, then restarts those that ended, until the server dies or nothing is left to do. */
async function keepBusy(address: string, acknowledged: string[], name: string): Promise<void> {
  const push = async (n: number): Promise<void> => {
    const url = `${app.address}/${n % 2 === 0 ? 'ok' : 'flaky'}`;
    const body = { url, payload: { n }, retry: { attempts: 5, backoff: '20ms', maxBackoff: '50ms' }, idempotencyKey: `${name}-${n}` };
    const answer = await ask(address, 'POST', '/v1/jobs', body);
    if (answer?.status === 201) acknowledged.push(answer.body.id);
  };
  // One by one, so that each step is a transaction of its own and is passed often.
  for (let n = 0; n < jobsPerCase; n++) await push(n);
  for (const id of [...acknowledged]) {
    await ask(address, 'GET', `/v1/jobs/${id}/wait?timeout=10s`);
    await ask(address, 'POST', `/v1/jobs/${id}/restart`);
  }
}

describe('kill -9', () => {
  for (const point of failpoints) {
    for (const passing of passings) {
      it(`at ${point}, passing ${passing}: nothing acknowledged is lost`, async () => {
        const folder = await mkdtemp(join(tmpdir(), 'hatstand-crash-'));
        const acknowledged: string[] = [];
        const doomed = await startServer(folder, { failpoint: `${point}@${passing}=kill` });
        await keepBusy(doomed.address, acknowledged, point);
        expect(await doomed.ended, `the failpoint ${point} was not reached`).toBe('SIGKILL');

        const server = await startServer(folder);
        try {
          for (const id of acknowledged) {
            await checkEnded(server.address, id);
            expect(app.runs.get(id)).toBeGreaterThan(0);
          }
          // A client that got no answer repeats its push with its key: each key has one job.
          const repeated: string[] = [];
          await keepBusy(server.address, repeated, point);
          const stats = (await ask(server.address, 'GET', '/v1/stats')) as unknown as { body: { total: number } };
          expect(stats.body.total).toBe(jobsPerCase);
        } finally {
          await server.kill('SIGTERM');
          await rm(folder, { recursive: true });
        }
      });
    }
  }
});
