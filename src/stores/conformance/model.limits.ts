/** Limits in random histories. */
import fc from 'fast-check';
import type { LimitSettings } from '../../core/limit.ts';
import { signs, unit } from './model.new-jobs.ts';
import { frees, is, type Plans, type Weighted, weigh } from './model.turn.ts';

export interface LimitCall {
  readonly kind: 'limit';
  readonly name: string;
  /** `null`: it goes. */
  readonly settings: AskedSettings | null;
}

/** `resumesIn`: in so many units; `null`: it is not paused. */
interface AskedSettings extends Omit<LimitSettings, 'pausedUntil'> {
  readonly resumesIn: number | null;
}

const settings: fc.Arbitrary<AskedSettings> = fc.record({
  concurrency: fc.option(fc.constantFrom(0, 1, 1, 2), { freq: 2 }),
  rate: fc.option(fc.record({ max: fc.constantFrom(1, 2, 4), per: fc.constant(4 * unit) }), { freq: 2 }),
  resumesIn: fc.option(fc.constantFrom(0, 1, 3), { freq: 4 }),
});

export const limitCalls: readonly Weighted<LimitCall>[] = [
  weigh(
    1,
    fc.record({
      kind: is('limit'),
      name: fc.constantFrom('worker:w', 'worker:*', 'domain:d', 'l', signs, '*'),
      settings: fc.option(settings, { freq: 2 }),
    }),
  ),
];

export const limitPlans: Plans<LimitCall> = {
  async limit(world, { name, settings: asked }) {
    const { store } = world.opened;
    if (asked === null) return frees(() => store.limits.remove(name));
    const { resumesIn, ...bounds } = asked;
    const pausedUntil = resumesIn === null ? null : world.askedTime((await store.upkeep.time()).now, resumesIn);
    return frees(async () => {
      const answer = await store.limits.configure(name, { ...bounds, pausedUntil });
      return answer.kind === 'tooMany'
        ? answer
        : { ...answer, limit: { ...answer.limit, pausedUntil: world.time(answer.limit.pausedUntil) } };
    });
  },
};
