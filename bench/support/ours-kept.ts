/** Hatstand on one file that is kept from call to call. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { settleMoves } from '../../src/core/transitions.ts';
import { Hatstand, type JobState } from '../../src/index.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { type Abilities, contestant, timed } from './contestant.ts';
import { addInBursts } from './load.ts';
import { payload } from './payload.ts';

const states: readonly JobState[] = ['succeeded', 'failed', 'queued'];
const noResult = { statusCode: null, output: '', outputCut: false, error: '', cause: null, stack: '' };

async function open(folder: string): Promise<Abilities> {
  const store = await openSqlite({ path: join(folder, 'hatstand') });
  const hatstand = new Hatstand({ store });
  let finished = 0;
  let started: () => void = () => undefined;
  hatstand.worker('job', { concurrency: 200 }, () => started());
  await hatstand.start();
  const ids: string[] = [];

  return {
    /** Pushes jobs and runs them to their end. */
    finish: (jobs = 0) =>
      timed(async () => {
        finished += jobs;
        const all = Promise.withResolvers<void>();
        let count = 0;
        started = () => {
          count += 1;
          if (count === jobs) all.resolve();
        };
        await addInBursts(jobs, async (n) => {
          const { id } = await hatstand.push('job', payload(n));
          if (n % 1_000 === 0) ids.push(id);
        });
        await all.promise;
        while ((await store.jobs.count()).reduce((sum, { counts }) => sum + counts.succeeded, 0) < finished) await pause(1);
      }),

    /** Milliseconds for each page of fifty by state, the newest and from anywhere. */
    list: async (pages = 0) => {
      const times: number[] = [];
      for (let i = 0; i < pages; i++) {
        const any = states[i % states.length] ?? 'succeeded';
        const from = i % 2 === 0 ? null : (ids[Math.floor((i / pages) * ids.length)] ?? null);
        const since = performance.now();
        await store.jobs.list({
          filter: [{ field: 'state', not: false, any: [any] }],
          match: null,
          order: 'newest',
          from,
          limit: 50,
          brief: true,
          lookAt: null,
        });
        times.push(performance.now() - since);
      }
      return times;
    },

    /** Milliseconds for each claim of fifty jobs, to its commit. */
    claim: async (claims = 0) => {
      const times: number[] = [];
      for (let i = 0; i < claims; i++) {
        await hatstand.pushMany(
          'other',
          Array.from({ length: 50 }, (_, n) => payload(n)),
        );
        const since = performance.now();
        const { jobs } = await store.jobs.claim({
          operation: `bench-${finished}-${i}`,
          holder: 'bench',
          wants: () => [{ worker: 'other', queues: 'any', slots: 50 }],
          attemptTtl: 60_000,
        });
        times.push(performance.now() - since);
        if (jobs.length !== 50) throw new Error(`${jobs.length} jobs were claimed, not 50`);
        finished += jobs.length;
        await Promise.all(jobs.map((job) => store.jobs.settle(job, settleMoves(job, { kind: 'succeeded', result: noResult }, 0))));
      }
      return times;
    },
  };
}

await contestant(open);
