/**
 * What the file remembers of the store's time, and what a step of the wall clock changes in it: a few numbers, and the windows
 * that are open. Scheduled jobs stay as they are written, however many there are (file/rows/due.ts).
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Millis } from '../../../core/duration.ts';
import { type JobId, timeOfId } from '../../../core/id.ts';
import type { KeptTime } from '../../../core/store-time.ts';
import { prepareRows } from '../file/database.ts';
import { steadyAheadKey } from '../file/rows/due.ts';
import type { StoreClock } from './clock.ts';
import type { Hints } from './hints.ts';

/** No fence was given beyond it, in Unix milliseconds. */
export const lastTimeKey = 'last_time';

/** Fences that run ahead of the wall clock are made sure of for so many microseconds at once: a transaction takes one. */
const reserved = 100_000;

/** @param lastId the greatest id ever given */
export function readTime(db: DatabaseSync, lastId: JobId): KeptTime {
  const [ahead, lastTime, newest] =
    prepareRows(
      db,
      `SELECT (SELECT value FROM meta WHERE key = '${steadyAheadKey}'), (SELECT value FROM meta WHERE key = '${lastTimeKey}'),
        (SELECT at FROM journal ORDER BY seq DESC LIMIT 1)`,
    )
      .get()
      ?.map(Number) ?? [];
  const madeAt = lastId === '0' ? 0 : timeOfId(lastId);
  // These are whole milliseconds, and fences were given within the last one.
  return { now: newest ?? 0, ahead: ahead ?? 0, micros: (Math.max(madeAt, lastTime ?? 0, newest ?? 0) + 1) * 1_000 };
}

export interface TimeKeeper {
  /** In each transaction: writes only after a step, and now and then while fences run ahead of the wall clock. */
  write(): void;
  /** What was written is in the file. */
  commit(): void;
}

export interface TimeKeeperParts {
  readonly db: DatabaseSync;
  readonly clock: StoreClock;
  readonly hints: Hints;
}

export function makeTimeKeeper({ db, clock, hints }: TimeKeeperParts): TimeKeeper {
  const keep = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  const move = db.prepare('UPDATE definitions SET opened_at = opened_at + ?1, closes_at = closes_at + ?1 WHERE opened_at IS NOT NULL');
  // What is due at once is due after the newest tick, which must not lie ahead then.
  const bringBack = db.prepare('UPDATE definitions SET fired_at = max(fired_at + ?1, ?2) WHERE fired_at > ?2');
  let sureUntil = 0;
  let written = 0;

  const followStep = (by: Millis): void => {
    keep.run(steadyAheadKey, clock.ahead());
    move.run(by);
    if (by < 0) bringBack.run(by, clock.now());
    hints.defined();
  };

  return {
    write() {
      const by = clock.stepped();
      if (by !== 0) followStep(by);
      written = sureUntil;
      if (clock.orderAhead() === 0 || clock.micros() < sureUntil) return;
      written = clock.micros() + reserved;
      keep.run(lastTimeKey, Math.ceil(written / 1_000));
    },
    commit() {
      clock.kept();
      sureUntil = written;
    },
  };
}
