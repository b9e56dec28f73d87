/** The store's clock: what all its times are measured by. It starts at the newest time the file knows and never goes back. */
import type { Millis } from '../../core/duration.ts';

export interface StoreClock {
  /** Whole Unix milliseconds. */
  now(): number;
  /** Whole Unix microseconds, for fences. */
  micros(): number;
  /** For tests: lets the clock run ahead. */
  advance(by: Millis): void;
}

/** @param newest the newest time in the file, in Unix milliseconds */
export function openClock(newest: number): StoreClock {
  let start = Math.max(Date.now(), newest) - performance.now();
  return {
    now: () => Math.floor(start + performance.now()),
    micros: () => Math.floor((start + performance.now()) * 1_000),
    advance(by) {
      start += by;
    },
  };
}
