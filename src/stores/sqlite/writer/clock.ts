/** The store's clock: what all its times are measured by. It starts at the newest time the file knows and never goes back. */
import type { Millis } from '../../../core/duration.ts';

/** Stands still within a transaction: all that happens in one step happens at one time. */
export interface StoreClock {
  /** Whole Unix milliseconds. */
  now(): number;
  /** Whole Unix microseconds, for fences. */
  micros(): number;
  /** Goes on to the present; a transaction begins. */
  tick(): void;
  /** For tests: lets the clock run ahead. */
  advance(by: Millis): void;
}

/** @param newest the newest time in the file, in Unix milliseconds */
export function openClock(newest: number): StoreClock {
  let start = Math.max(Date.now(), newest) - performance.now();
  let present = start + performance.now();
  return {
    now: () => Math.floor(present),
    micros: () => Math.floor(present * 1_000),
    tick() {
      present = start + performance.now();
    },
    advance(by) {
      start += by;
      present += by;
    },
  };
}
