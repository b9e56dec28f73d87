/**
 * What the file remembers of the store's time, and what a step of the wall clock changes in it: a few numbers, and the windows
 * that are open. Scheduled jobs stay as they are written, however many there are (file/rows/due.ts).
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Millis } from '../../../core/duration.ts';
import { type JobId, timeOfId } from '../../../core/id.ts';
import type { KeptTime } from '../../../core/store-time.ts';
import { latestTime } from '../../../core/time.ts';
import { prepareRows } from '../file/database.ts';
import { steadyAheadKey } from '../file/rows/due.ts';
import type { Cell } from '../file/tape.ts';
import type { StoreClock } from './clock.ts';
import type { Hints } from './hints.ts';
import type { Journal } from './journal/journal.ts';

/** No fence was given beyond it, in Unix milliseconds. */
export const lastTimeKey = 'last_time';

/**
 * When the offset of the steady clock was known to be true, in Unix milliseconds, and the newest entry of the journal by then.
 * Entries before it may go by another offset, so their times say nothing about a clock that is behind them.
 */
export const knownAtKey = 'known_at';
export const knownEntryKey = 'known_entry';

/** When the wall clock leapt forward, by the steady clock; 0: it has not. */
const leaptAtKey = 'leapt_at';

/** Fences that run ahead of the wall clock are made sure of for so many microseconds at once: a transaction takes one. */
const reserved = 100_000;

/** @param lastId the greatest id ever given */
export function readTime(db: DatabaseSync, lastId: JobId): KeptTime {
  const keys = [lastTimeKey, steadyAheadKey, knownAtKey, knownEntryKey, leaptAtKey];
  const rows = prepareRows(db, `SELECT key, value FROM meta WHERE key IN ('${keys.join("', '")}')`).all();
  const kept = new Map(rows.map(([key, value]) => [key, within(value)]));
  const newest = prepareRows(db, 'SELECT seq, at FROM journal ORDER BY seq DESC LIMIT 1').get()?.map(within) ?? [];
  const [seq = 0, at = 0] = newest;
  const now = seq > (kept.get(knownEntryKey) ?? 0) ? at : (kept.get(knownAtKey) ?? 0);
  const madeAt = lastId === '0' ? 0 : timeOfId(lastId);
  // These are whole milliseconds, and fences were given within the last one.
  const micros = (Math.max(madeAt, kept.get(lastTimeKey) ?? 0, at, now) + 1) * 1_000;
  return { now, ahead: kept.get(steadyAheadKey) ?? 0, micros, leaptAt: kept.get(leaptAtKey) || null };
}

/** What no clock ever showed was damaged, and is not believed. */
const within = (value: Cell | undefined): number => (Math.abs(Number(value)) <= latestTime ? Number(value) : 0);

export interface TimeKeeper {
  /** In each transaction: writes only in the first one, after a step, and now and then while fences run ahead of the wall clock. */
  write(): void;
  /** The next transaction writes what is known, though nothing has stepped. */
  renew(): void;
  /** What was written is in the file. */
  commit(): void;
}

export interface TimeKeeperParts {
  readonly db: DatabaseSync;
  readonly clock: StoreClock;
  readonly journal: Journal;
  readonly hints: Hints;
}

export function makeTimeKeeper({ db, clock, journal, hints }: TimeKeeperParts): TimeKeeper {
  const keep = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  const move = db.prepare('UPDATE definitions SET opened_at = opened_at + ?1, closes_at = closes_at + ?1 WHERE opened_at IS NOT NULL');
  // What is due at once is due after the newest tick, which must not lie ahead then.
  const bringBack = db.prepare('UPDATE definitions SET fired_at = max(fired_at + ?1, ?2) WHERE fired_at > ?2');
  const keepOffset = db.prepare(
    `INSERT OR REPLACE INTO meta (key, value) VALUES ('${steadyAheadKey}', ?), ('${knownAtKey}', ?), ('${knownEntryKey}', ?), ('${leaptAtKey}', ?)`,
  );
  let isKnown = false;
  let sureUntil = 0;
  let written = 0;

  const followStep = (by: Millis): void => {
    move.run(by);
    if (by < 0) bringBack.run(by, clock.now());
    hints.defined();
  };

  return {
    write() {
      const by = clock.stepped();
      if (by !== 0) followStep(by);
      if (by !== 0 || !isKnown) keepOffset.run(clock.ahead(), clock.now(), journal.lastSeq, clock.leaptAt() ?? 0);
      written = sureUntil;
      if (clock.orderAhead() === 0 || clock.micros() < sureUntil) return;
      written = clock.micros() + reserved;
      keep.run(lastTimeKey, Math.ceil(written / 1_000));
    },
    renew() {
      isKnown = false;
    },
    commit() {
      clock.kept();
      isKnown = true;
      sureUntil = written;
    },
  };
}
