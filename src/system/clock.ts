import type { Clock } from '../ports/clock.ts';

/** setTimeout takes at most this; a longer delay would fire at once. */
const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, call) {
    const timer = setTimeout(call, Math.min(Math.max(0, delay), longestTimer));
    return () => clearTimeout(timer);
  },
};
