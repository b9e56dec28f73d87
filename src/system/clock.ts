import { timerDelay } from '../core/duration.ts';
import type { Clock } from '../ports/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, call) {
    const timer = setTimeout(call, timerDelay(delay));
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
};
