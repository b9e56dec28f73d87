/** Stores with planted flaws, which the comparison with the model must notice. */
import type fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Store } from '../../ports/store/store.ts';
import { openMemory } from '../memory/index.ts';
import { type Alterations, altered } from './altered.ts';
import type { History } from './model.commands.ts';
import { compareHistories } from './model.suite.ts';
import type { Opened } from './subject.ts';

/** A memory store whose clock runs on a little at every look, under another server id. */
export function openDrifting(flawed: (store: Store) => Alterations = () => ({})): Opened {
  let time = Date.UTC(2030, 5, 5);
  let looks = 0;
  const now = (): number => {
    looks += 1;
    time += (looks * 7) % 5;
    return time + 0.3;
  };
  const whole = openMemory({ clock: { now }, serverId: 513 });
  const advance = async (by: number): Promise<void> => {
    time += by;
  };
  return { store: altered(whole, flawed(whole)), advance, close: () => whole.close() };
}

/** Does calls that are made at once in the order of their ranks: each waits for as many microtasks as its rank. */
export const ranked = (store: Store, adds = 1, takes = 2): Alterations => ({
  jobs: {
    push: (jobs) => after(adds).then(() => store.jobs.push(jobs)),
    restore: (copies) => after(adds).then(() => store.jobs.restore(copies)),
    claim: (request) => after(takes).then(() => store.jobs.claim(request)),
  },
  definitions: {
    put: (puts, by) => after(adds).then(() => store.definitions.put(puts, by)),
    fire: (firings) => after(adds).then(() => store.definitions.fire(firings)),
    gather: (parts) => after(adds).then(() => store.definitions.gather(parts)),
    restore: (copies) => after(adds).then(() => store.definitions.restore(copies)),
  },
  journal: { publish: (step) => after(adds).then(() => store.journal.publish(step)) },
});

export async function after(microtasks: number): Promise<void> {
  for (let i = 1; i < microtasks; i++) await null;
}

/** The first history that differs ends it: most flaws show within some hundred, a few once within two thousand. */
async function expectDifference(flawed: (store: Store) => Alterations, histories: fc.Arbitrary<History>): Promise<void> {
  const all = { histories, runs: 12_000, firstIsEnough: true };
  await expect(compareHistories(async () => openDrifting(flawed), all)).rejects.toThrow('The store differs');
}

export type Flaws = readonly [does: string, flawed: (store: Store) => Alterations][];

/** Plants each flaw in a store, and says at the end how many were noticed. */
export function noticesAll(flaws: Flaws, histories: fc.Arbitrary<History>): void {
  const noticed: string[] = [];
  it.each(flaws)(
    'notices a store that %s',
    async (does, flawed) => {
      await expectDifference(flawed, histories);
      noticed.push(does);
    },
    120_000,
  );
  it(`notices ${flaws.length} of ${flaws.length} flaws`, () => expect(noticed).toEqual(flaws.map(([does]) => does)));
}
