/** The store's clock: what all its times are measured by (core/store-time.ts). */
import type { Millis } from '../../../core/duration.ts';
import { type KeptTime, type Readings, StoreTime } from '../../../core/store-time.ts';

/** Stands still within a transaction: all that happens in one step happens at one time. */
export interface StoreClock {
  /** What the wall clock shows, in whole Unix milliseconds. */
  now(): number;
  /** For intervals, in whole milliseconds: ahead of `now` by a constant that changes with each step of the wall clock. */
  steady(): number;
  /** For fences, in whole Unix microseconds: later with each transaction. */
  micros(): number;
  /** By how much `steady` is ahead of `now`. */
  ahead(): Millis;
  /** By how much `micros` is ahead of `now`, because the wall clock has stepped back. */
  orderAhead(): Millis;
  /** When the wall clock leapt forward, by `steady`; `null`: it has not, or it went back. */
  leaptAt(): number | null;
  /** In how long `now` may be what something is removed for; 0: it may be. */
  believedIn(): Millis;
  /** Goes on to the present; a transaction begins. */
  tick(): void;
  /** By how much the wall clock has stepped since `kept` was called; 0: it has not. */
  stepped(): Millis;
  /** What the step changes is in the file. */
  kept(): void;
  /** For tests: lets both clocks run ahead. */
  advance(by: Millis): void;
  /** For tests: lets the wall clock step. */
  step(by: Millis): void;
}

export function openClock(known: KeptTime): StoreClock {
  let [passed, steppedBy] = [0, 0];
  const read = (): Readings => ({ wall: Date.now() + passed + steppedBy, monotonic: performance.now() + passed });
  const time = new StoreTime(read(), known);
  // The wall clock may have stepped back before this process began.
  let stepped = known.ahead - time.ahead;
  const tick = (): void => {
    stepped += time.tick(read());
  };
  return {
    now: () => time.now,
    steady: () => time.steady,
    micros: () => time.micros,
    ahead: () => time.ahead,
    orderAhead: () => time.orderAhead,
    leaptAt: () => time.leaptAt,
    believedIn: () => time.believedIn,
    tick,
    stepped: () => stepped,
    kept() {
      stepped = 0;
    },
    advance(by) {
      passed += by;
      tick();
    },
    step(by) {
      steppedBy += by;
    },
  };
}
