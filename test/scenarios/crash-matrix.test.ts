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
import { busyJobs, keepBusy } from './keep-busy.ts';
import { startServer } from './server-process.ts';
import { startWebApp, type WebApp } from './web-app.ts';

const passings = [1, 3];

let app: WebApp;
beforeAll(async () => {
  app = await startWebApp();
});
afterAll(() => app.close());

describe('kill -9', () => {
  for (const point of failpoints) {
    for (const passing of passings) {
      it(`at ${point}, passing ${passing}: nothing acknowledged is lost`, async () => {
        const folder = await mkdtemp(join(tmpdir(), 'hatstand-crash-'));
        const acknowledged: string[] = [];
        const doomed = await startServer(folder, { failpoint: `${point}@${passing}=kill` });
        await keepBusy(doomed.address, app, acknowledged, point);
        expect(await doomed.ended, `the failpoint ${point} was not reached`).toBe('SIGKILL');

        const server = await startServer(folder);
        try {
          for (const id of acknowledged) {
            await checkEnded(server.address, id);
            expect(app.runs.get(id)).toBeGreaterThan(0);
          }
          // A client that got no answer repeats its push with its key: each key has one job.
          const repeated: string[] = [];
          await keepBusy(server.address, app, repeated, point);
          const stats = (await ask(server.address, 'GET', '/v1/stats')) as unknown as { body: { total: number } };
          expect(stats.body.total).toBe(busyJobs);
        } finally {
          await server.kill('SIGTERM');
          await rm(folder, { recursive: true });
        }
      });
    }
  }
});
