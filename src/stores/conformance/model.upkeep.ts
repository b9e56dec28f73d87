/** Upkeep in random histories. */
import fc from 'fast-check';
import { keeps, margin, unit } from './model.new-jobs.ts';
import { frees, is, type Plans, type Weighted, weigh } from './model.turn.ts';

/** In units; `null`: kept for good. */
export type UpkeepCall =
  | Sweep
  | { readonly kind: 'scrub'; readonly limit: number }
  /** A job that there is or was. */
  | { readonly kind: 'setAside' | 'discard'; readonly job: number };

interface Sweep {
  readonly kind: 'sweep';
  readonly ended: number | null;
  readonly keys: number;
  readonly journal: number | null;
  readonly output: number;
}

const kept = fc.option<number>(fc.nat(4));

export const upkeepCalls: readonly Weighted<UpkeepCall>[] = [
  weigh(
    1,
    fc.record({ kind: is('sweep'), ended: kept, keys: fc.nat(4), journal: fc.option<number>(fc.nat(6), { freq: 2 }), output: keeps }),
  ),
  weigh(1, fc.record({ kind: is('scrub'), limit: fc.constantFrom(1, 30, 1_000) })),
  weigh(1, fc.record({ kind: fc.constantFrom('setAside', 'setAside', 'discard'), job: fc.nat(6) })),
];

const recent = <T>(items: readonly T[], n: number): T | undefined => items.at(-1 - (n % items.length));

export const upkeepPlans: Plans<UpkeepCall> = {
  setAside: (world, { job }) => frees(() => world.opened.store.upkeep.setAside(recent(world.ids, job) ?? '', 'a reason')),
  discard: (world, { job }) => frees(() => world.opened.store.upkeep.discard(recent(world.ids, job) ?? '')),
  scrub: (world, { limit }) =>
    frees(
      () => world.opened.store.upkeep.scrub(null, limit),
      ({ repaired }) => repaired,
    ),
  sweep(world, { ended, keys, journal, output }) {
    const retention = {
      ended: ended === null ? null : ended * unit + margin,
      journal: journal === null ? 1_000_000 * unit : journal * unit + margin,
      told: null,
      idempotency: keys * unit + margin,
      output,
      limit: 1_000,
    };
    return frees(
      () => world.opened.store.upkeep.sweep(retention),
      // How many entries there are depends on what travels together.
      ({ entries: _, ...swept }) => swept,
    );
  },
};
