import type { Readings } from '../../core/store-time.ts';

/** The clocks of the machine, as the memory store reads them. */
export interface StoreClock {
  /** Never goes back: Unix milliseconds, with fractions or without, as if the wall clock had never stepped. */
  now(): number;
  /** The wall clock, in Unix milliseconds. Default: the same. */
  wall?(): number;
}

export const systemClock: StoreClock = { now: () => performance.timeOrigin + performance.now(), wall: () => Date.now() };

export function readingsOf(clock: StoreClock): Readings {
  const monotonic = clock.now();
  return { wall: clock.wall?.() ?? monotonic, monotonic };
}
