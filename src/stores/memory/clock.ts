/** The time that the memory store compares. */
export interface StoreClock {
  /** Unix milliseconds, with fractions or without. */
  now(): number;
}

/** The wall clock as it was at the opening, and the monotonic clock from there. */
export function openClock(): StoreClock {
  const start = Date.now() - performance.now();
  return { now: () => start + performance.now() };
}
