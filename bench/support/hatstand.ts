/** What Hatstand is asked to do on any of its stores. */
import { setTimeout as pause } from 'node:timers/promises';
import { Hatstand } from '../../src/index.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { besideOthers } from './beside.ts';
import { type Abilities, timed } from './contestant.ts';
import { addInBulk, addInBursts, pushToStart } from './load.ts';
import { payload } from './payload.ts';

/** Does the work on a new store with nothing in it. */
export type WithStore = <T>(work: (hatstand: Hatstand, store: Store) => Promise<T>) => Promise<T>;

/** Does the work, and stops in any case, which closes the store. */
export async function onStore<T>(store: Store, work: (hatstand: Hatstand, store: Store) => Promise<T>): Promise<T> {
  const hatstand = new Hatstand({ store });
  try {
    return await work(hatstand, store);
  } finally {
    await hatstand.stop();
  }
}

/** Long enough for all threads of a node to come up, which peers do not have: what is measured is a node at work. */
const restAfterStart = 500;

async function start(hatstand: Hatstand): Promise<void> {
  await hatstand.start();
  await pause(restAfterStart);
}

/** Resolves once the store counts `jobs` succeeded ones. */
export async function succeeded(store: Store, jobs: number): Promise<void> {
  for (;;) {
    const counts = await store.jobs.count();
    if (counts.reduce((sum, { counts: of }) => sum + of.succeeded, 0) >= jobs) return;
    await pause(1);
  }
}

export function hatstandAbilities(withStore: WithStore): Abilities {
  return {
    add: (jobs = 0) => withStore((hatstand) => timed(() => addInBursts(jobs, (n) => hatstand.push('job', payload(n))))),

    bulkAdd: (jobs = 0) => withStore((hatstand) => timed(() => addInBulk(jobs, (batch) => hatstand.pushMany('job', batch.map(payload))))),

    /** One push of so many jobs, each with a payload of so many characters, beside small pushes and looks. */
    largePush: (jobs = 0, characters = 0) =>
      withStore(async (hatstand) => {
        await start(hatstand);
        const text = 'x'.repeat(characters);
        const payloads = Array.from({ length: jobs }, (_, at) => ({ at, text }));
        const first = await hatstand.push('other');
        return await besideOthers(() => hatstand.pushMany('job', payloads), [() => hatstand.push('other'), () => hatstand.get(first)]);
      }),

    process: (jobs = 0, concurrency = 1) =>
      withStore(async (hatstand, store) => {
        await addInBulk(jobs, (batch) => hatstand.pushMany('job', batch.map(payload)));
        const all = Promise.withResolvers<void>();
        let started = 0;
        await start(hatstand);
        return await timed(async () => {
          hatstand.worker('job', { concurrency }, () => {
            started += 1;
            if (started === jobs) all.resolve();
          });
          await all.promise;
          await succeeded(store, jobs);
        });
      }),

    addAndProcess: (jobs = 0, concurrency = 1) =>
      withStore(async (hatstand, store) => {
        const allStarted = Promise.withResolvers<void>();
        let started = 0;
        hatstand.worker('job', { concurrency }, () => {
          started += 1;
          if (started === jobs) allStarted.resolve();
        });
        await start(hatstand);
        return await timed(async () => {
          await addInBursts(jobs, (n) => hatstand.push('job', payload(n)));
          await allStarted.promise;
          await succeeded(store, jobs);
        });
      }),

    idleLatency: (samples = 0) =>
      withStore(async (hatstand) => {
        let started: () => void = () => undefined;
        hatstand.worker('job', { concurrency: 1 }, () => started());
        await start(hatstand);
        return await pushToStart(samples, (onStart) => {
          started = onStart;
          return hatstand.push('job', payload(1));
        });
      }),
  };
}
