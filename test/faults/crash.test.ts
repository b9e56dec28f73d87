/**
 * Kill -9 of a node at each step of a job's life, enumerated as on the embedded store (scenarios/crash-matrix.test.ts). Here
 * another node takes over: every acknowledged job is there, ends, and has exactly one accepted result.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Failpoint, failpoints } from '../../src/failpoint.ts';
import { ask, checkEnded } from '../scenarios/history.ts';
import { busyJobs, keepBusy } from '../scenarios/keep-busy.ts';
import { startWebApp, type WebApp } from '../scenarios/web-app.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { makeNodes } from './nodes.ts';
import { isWhole } from './scale.ts';

let app: WebApp;
let redis: RedisServer;
beforeAll(async () => {
  app = await startWebApp();
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  await app.close();
});

const telling: readonly Failpoint[] = [
  'push.committed',
  'claim.before_commit',
  'claim.committed',
  'settle.before_commit',
  'settle.committed',
];
const points = isWhole ? failpoints : telling;
/** A node that starts claims what there is before it listens. */
const passings = isWhole ? [3, 6] : [3];

describe('kill -9', () => {
  const cases = points.flatMap((point) => passings.map((passing) => ({ point, passing })));

  it.concurrent.each(cases)(
    'of a node at $point, passing $passing: another one goes on',
    { timeout: 120_000 },
    async ({ point, passing }) => {
      const name = `${point}-${passing}`;
      const nodes = makeNodes({ store: redis.url, cluster: `crash-${name}` });
      const acknowledged: string[] = [];
      try {
        const doomed = await nodes.start([], `${point}@${passing}=kill`);
        await keepBusy(doomed.address, app, acknowledged, name);
        expect(await doomed.ended, `the failpoint ${point} was not reached`).toBe('SIGKILL');
        const heir = await nodes.start();
        for (const id of acknowledged) {
          await checkEnded(heir.address, id);
          expect(app.runs.get(id)).toBeGreaterThan(0);
        }
        await keepBusy(heir.address, app, [], name);
        const stats = (await ask(heir.address, 'GET', '/v1/stats')) as unknown as { body: { total: number } };
        expect(stats.body.total).toBe(busyJobs);
      } finally {
        await nodes.stop();
      }
    },
  );
});
