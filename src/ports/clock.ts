import type { Millis } from '../core/duration.ts';

/** Time as this process sees it. What stores compare is their own. */
export interface Clock {
  /** Unix milliseconds, for people; may jump. */
  now(): number;
  /** Never goes back; for measuring. */
  monotonic(): Millis;
  /** Calls back once, not before the delay; a hint, never the truth. Returns how to forget it. */
  after(delay: Millis, call: () => void): () => void;
  /** Calls back in the next round of the event loop, behind what is ready to be read. */
  soon(call: () => void): void;
}
