/**
 * The time of a store that one process keeps, made of the two clocks of its machine. Three of its kinds are told apart:
 *
 * - `now` follows the wall clock: what is shown, and what is asked for by a time (`at`, a definition's tick).
 * - `steady` goes on as the monotonic clock does: what is an interval (delays, backoffs, leases, deadlines, windows, rates).
 * - `micros` never goes back: what orders (fences; ids do the same in their own way).
 *
 * As long as the wall clock does not step they are one and the same, and `steady` is ahead of `now` by a constant. A step
 * changes that constant and nothing else, so what is kept by either of them stays as it was written.
 */
import type { Millis } from './duration.ts';

/** Of the machine's clocks, at one moment. */
export interface Readings {
  /** Unix milliseconds. */
  readonly wall: number;
  readonly monotonic: Millis;
}

/** What a store remembers of its time, all of it true at one moment. */
export interface KeptTime {
  /** The newest `now` at which `ahead` was true, in Unix milliseconds: an earlier one would count a step once more. */
  readonly now: number;
  /** By how much `steady` was ahead of `now`, in whole milliseconds. */
  readonly ahead: Millis;
  /** At least the greatest `micros` that was used. */
  readonly micros: number;
  /** When the wall clock leapt forward, by `steady`; `null`: it has not, or it went back. */
  readonly leaptAt: number | null;
}

/** What a new store remembers. */
export const noTime: KeptTime = { now: 0, ahead: 0, micros: 0, leaptAt: null };

/** The two clocks drift apart by less between two steps; what is more has stepped. */
const drift: Millis = 100;
/** A wall clock that leaps forward by more may be wrong … */
const leap: Millis = 86_400_000;
/** … until it has stood by that for so long. */
const probation: Millis = 3_600_000;

/** Stands still between two ticks: all that happens in one step of the store happens at one time. */
export class StoreTime {
  #steady: number;
  #ahead: Millis;
  #micros: number;
  #monotonic: Millis;
  #leaptAt: number | null;

  constructor({ wall, monotonic }: Readings, kept: KeptTime) {
    // Behind what it knows the wall clock has stepped back meanwhile; ahead of it, time has passed.
    const back = kept.now - wall > drift ? Math.round(kept.now - wall) : 0;
    this.#ahead = kept.ahead + back;
    this.#steady = wall + this.#ahead;
    this.#micros = Math.max(kept.micros, this.#wallMicros());
    this.#monotonic = monotonic;
    this.#leaptAt = kept.leaptAt;
    if (kept.now > 0) this.#watchLeap(wall - kept.now);
  }

  /** Whole Unix milliseconds. */
  get now(): number {
    return this.steady - this.#ahead;
  }

  /** Whole milliseconds. */
  get steady(): number {
    return Math.floor(this.#steady);
  }

  /** Whole Unix microseconds; later ones from tick to tick. */
  get micros(): number {
    return this.#micros;
  }

  /** By how much `steady` is ahead of `now`: whole milliseconds, negative after a step forward. */
  get ahead(): Millis {
    return this.#ahead;
  }

  /** By how much what orders is ahead of the wall clock, which has stepped back; 0: it is not. */
  get orderAhead(): Millis {
    return Math.max(0, Math.floor(this.#micros / 1_000) - this.now);
  }

  /** When the wall clock leapt forward, by `steady`; `null`: it has not, or it went back. */
  get leaptAt(): number | null {
    return this.#leaptAt;
  }

  /** In how long what is removed for its age may be: nothing brings it back when the clock is put right. 0: it may be now. */
  get believedIn(): Millis {
    return this.#leaptAt === null ? 0 : Math.max(0, Math.ceil(this.#leaptAt + probation - this.#steady));
  }

  /** Goes on to the present. Answers by how much the wall clock has stepped, in whole milliseconds; 0: it has not. */
  tick({ wall, monotonic }: Readings): Millis {
    this.#steady += Math.max(0, monotonic - this.#monotonic);
    this.#monotonic = monotonic;
    const apart = wall - (this.#steady - this.#ahead);
    const step = Math.abs(apart) > drift ? Math.round(apart) : 0;
    this.#ahead -= step;
    this.#watchLeap(step);
    this.#micros = Math.max(this.#micros + 1, this.#wallMicros());
    return step;
  }

  #watchLeap(step: Millis): void {
    if (step > leap) this.#leaptAt = this.steady;
    else if (step < -leap) this.#leaptAt = null;
  }

  #wallMicros(): number {
    return Math.floor((this.#steady - this.#ahead) * 1_000);
  }
}
