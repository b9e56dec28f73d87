/** The ticks of a schedule: the times at which it fires. All times are Unix milliseconds. */
import { nextAfter, type Schedule } from './schedule.ts';

/** Those from `from` to `until`, both included: the oldest ones, in order, at most so many. For a backfill, say. */
export function oldestTicks(schedule: Schedule, from: number, until: number, most: number): readonly number[] {
  const ticks: number[] = [];
  let next = nextAfter(schedule, from - 1);
  while (next !== null && next <= until && ticks.length < most) {
    ticks.push(next);
    next = nextAfter(schedule, next);
  }
  return ticks;
}

/** Those from `from` to `until`, both included: the newest ones, in order, at most so many. */
export function newestTicks(schedule: Schedule, from: number, until: number, most: number): readonly number[] {
  const ticks: number[] = [];
  let [before, guess] = [until + 1, 1_000];
  while (ticks.length < most) {
    const tick = newestBefore(schedule, from, before, guess);
    if (tick === null) break;
    // Most schedules are regular: the one before is about as far away.
    guess = Math.max(1_000, before - tick);
    before = tick;
    ticks.push(tick);
  }
  return ticks.reverse();
}

/** The newest one from `from` to `until`, both included; `null`: there is none. */
export const newestTick = (schedule: Schedule, from: number, until: number): number | null =>
  newestBefore(schedule, from, until + 1, 1_000);

/** Takes about as many looks at the schedule as the time to the tick has binary digits, however many ticks there are. */
function newestBefore(schedule: Schedule, from: number, before: number, guess: number): number | null {
  const oldestFrom = (time: number): number | null => {
    const next = nextAfter(schedule, time - 1);
    return next !== null && next < before ? next : null;
  };
  let reach = guess;
  let found = oldestFrom(Math.max(from, before - reach));
  while (found === null) {
    if (before - reach <= from) return null;
    reach *= 2;
    found = oldestFrom(Math.max(from, before - reach));
  }
  // It is `found`, or lies between that and `before`.
  let later = oldestFrom(found + 1);
  let end = before;
  while (later !== null) {
    found = later;
    const middle = found + Math.ceil((end - found) / 2);
    later = oldestFrom(middle);
    if (later === null) {
      end = middle;
      later = oldestFrom(found + 1);
    }
  }
  return found;
}
