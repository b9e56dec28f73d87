import { describe, expect, it } from 'vitest';
import type { JobOptions, NewJob } from '../core/job.ts';
import { cancelMoves } from '../core/transitions.ts';
import type { Store } from '../ports/store/store.ts';
import type { Scrubbed, UpkeepStore } from '../ports/store/upkeep.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { ask, controlled, duty, node } from './engine.suite.ts';

/** A store whose scrubs answer these steps in turn. */
function scrubbing(...steps: readonly Scrubbed[]): { readonly store: Store; readonly cursors: (string | null)[] } {
  const cursors: (string | null)[] = [];
  const scrub: UpkeepStore['scrub'] = async (cursor) => {
    const step = steps[cursors.length % steps.length];
    cursors.push(cursor);
    return step ?? expect.fail('no step');
  };
  return { store: altered(openMemory(), { upkeep: { scrub } }), cursors };
}

/** A job that no node here runs. */
const elsewhere = (more: Partial<JobOptions> = {}): NewJob => ({ ...ask(more), worker: 'nobody' });

const steps: readonly Scrubbed[] = [
  { next: 'a', checked: 600, repaired: {} },
  { next: 'b', checked: 600, repaired: { counts: 2, orphans: 1 } },
  { next: null, checked: 5, repaired: { counts: 3 } },
];

describe('the scrubber', () => {
  it('looks at about a thousand in a round, goes on where it was, begins again at the end, and tells what it repaired', async () => {
    const { store, cursors } = scrubbing(...steps);
    const told: unknown[] = [];
    const warn = (name: string, fields?: unknown): void => void (name === 'store.repaired' && told.push(fields));
    const engine = node(store, controlled().executor, 1, { log: { ...silent, warn } });
    for (let i = 0; i < 3; i++) await duty(engine, 'scrub').tick();
    expect(cursors).toEqual([null, 'a', 'b', null, 'a']);
    expect(told).toEqual([{ counts: 2, orphans: 1 }, { counts: 3 }, { counts: 2, orphans: 1 }]);
  });
});

describe('promoting', () => {
  it('goes on until all that wait for a job have been told', async () => {
    const store = openMemory();
    const engine = node(store, controlled().executor);
    const [awaited] = await store.jobs.push([elsewhere()]);
    if (awaited?.kind !== 'pushed') return expect.fail();
    const after = { jobs: [awaited.id], onFailure: 'start' } as const;
    await store.jobs.push(Array.from({ length: 3_500 }, () => elsewhere({ after })));
    await store.jobs.change(awaited.id, cancelMoves);
    await duty(engine, 'promote').tick();
    expect((await store.jobs.count())[0]?.counts).toMatchObject({ scheduled: 0, queued: 3_500 });
  });

  it('leaves off when its node stops, and leaves the rest to others', async () => {
    let steps = 0;
    const promote = async (limit: number): Promise<number> => {
      steps += 1;
      if (steps === 3) void engine.stop(0);
      return limit;
    };
    const engine = node(altered(openMemory(), { jobs: { promote } }), controlled().executor);
    await engine.start();
    await duty(engine, 'promote').tick();
    expect(steps).toBe(3);
  });

  it('asks no more once it has found little', async () => {
    const store = openMemory();
    let steps = 0;
    const promote = async (limit: number): Promise<number> => {
      steps += 1;
      return store.jobs.promote(limit);
    };
    const engine = node(altered(store, { jobs: { promote } }), controlled().executor);
    const [awaited] = await store.jobs.push([elsewhere()]);
    if (awaited?.kind !== 'pushed') return expect.fail();
    await store.jobs.push([elsewhere({ after: { jobs: [awaited.id], onFailure: 'start' } })]);
    await store.jobs.change(awaited.id, cancelMoves);
    await duty(engine, 'promote').tick();
    expect([steps, (await store.jobs.count())[0]?.counts.queued]).toEqual([1, 1]);
  });
});

describe('an examination', () => {
  it('goes through everything that it can in about a second, and sums up', async () => {
    const { store } = scrubbing(...steps);
    const engine = node(store, controlled().executor);
    const { next, checked, repaired } = await engine.upkeep.examine(null);
    expect([next, checked, repaired]).toEqual([null, 1_205, { counts: 5, orphans: 1 }]);
  });

  it('tells where to go on when there is more', async () => {
    const { store, cursors } = scrubbing({ next: 'on', checked: 1, repaired: {} });
    let time = 0;
    const clock = { now: () => time, monotonic: () => (time += 400), after: () => () => undefined, soon: () => undefined };
    const engine = node(store, controlled().executor, 1, { clock });
    expect(await engine.upkeep.examine('here')).toMatchObject({ next: 'on', checked: 3 });
    expect(cursors).toEqual(['here', 'on', 'on']);
  });
});
