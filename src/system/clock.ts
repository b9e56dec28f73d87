import { longestTimer } from '../core/duration.ts';
import type { Clock } from '../ports/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, call) {
    const timer = setTimeout(call, Math.min(Math.max(0, delay), longestTimer));
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
};
