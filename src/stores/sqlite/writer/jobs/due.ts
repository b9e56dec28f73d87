/** When the next scheduled jobs are due: never later than the truth, so that looking is needed only then. */
import type { Millis } from '../../../../core/duration.ts';
import { steadyOf } from '../../file/rows/due.ts';
import type { StoreClock } from '../clock.ts';

export class DueHint {
  /** The least column of each kind (file/rows/due.ts). */
  #wall: number | null = null;
  #steady: number | null = null;

  /** @param due a job's column */
  expect(due: number): void {
    if (due < 0) this.#steady = Math.min(due, this.#steady ?? due);
    else this.#wall = Math.min(due, this.#wall ?? due);
  }

  /** What is the least column of each kind; `null`: there is none. */
  reset(wall: number | null, steady: number | null): void {
    [this.#wall, this.#steady] = [wall, steady];
  }

  /** How long until the next one is due, not negative; `null`: none is scheduled. */
  nextIn(clock: StoreClock): Millis | null {
    if (this.#wall === null && this.#steady === null) return null;
    const byWall = this.#wall === null ? Number.POSITIVE_INFINITY : this.#wall - clock.now();
    const bySteady = this.#steady === null ? Number.POSITIVE_INFINITY : steadyOf(this.#steady) - clock.steady();
    return Math.max(0, Math.min(byWall, bySteady));
  }

  /** Whether it promises that a job is due by then. */
  covers(due: number): boolean {
    const least = due < 0 ? this.#steady : this.#wall;
    return least !== null && least <= due;
  }
}
