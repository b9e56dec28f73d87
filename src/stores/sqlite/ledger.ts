/** What the writer's verbs share: the file, the clock, the ids, and what is kept in memory beside the file. */
import type { DatabaseSync } from 'node:sqlite';
import { type IdSource, makeIdSource, timeOfId } from '../../core/id.ts';
import { openClock, type StoreClock } from './clock.ts';
import { Counters, type Line } from './counters.ts';
import { prepareRows } from './database.ts';
import { Journal } from './journal.ts';

export interface Ledger {
  readonly db: DatabaseSync;
  readonly clock: StoreClock;
  /** The one in all its ids. */
  readonly serverId: number;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly journal: Journal;
  readonly due: DueHint;
  readonly claimed: ClaimedLines;
  /** Queues with a bound on running jobs: when one of theirs stops running, another may begin. */
  readonly limited: Set<string>;
}

/** When the next scheduled job is due: never later than the truth, so that looking is needed only then. */
export class DueHint {
  #next: number | null = null;

  get next(): number | null {
    return this.#next;
  }

  expect(at: number): void {
    if (this.#next === null || at < this.#next) this.#next = at;
  }

  reset(at: number | null): void {
    this.#next = at;
  }
}

export interface ClaimedLine {
  readonly line: Line;
  /** 1: of the manual lane. */
  readonly manual: number;
}

/**
 * The lines of claimed jobs. A job never changes its line, so this may forget and need not be undone; what it knows is
 * one read less when the attempt ends.
 */
export class ClaimedLines {
  readonly #lines = new Map<string, ClaimedLine>();

  keep(id: string, line: ClaimedLine): void {
    if (this.#lines.size >= remembered) this.#lines.clear();
    this.#lines.set(id, line);
  }

  get(id: string): ClaimedLine | undefined {
    return this.#lines.get(id);
  }

  forget(id: string): void {
    this.#lines.delete(id);
  }
}

const remembered = 50_000;

/** What the file remembers of what is no longer in it. */
export const metaKeys = { lastId: 'last_id', lastEvent: 'last_event', lastTime: 'last_time' } as const;

export function openLedger(db: DatabaseSync, serverId: number): Ledger {
  const ask = prepareRows(db, 'SELECT CAST(max((SELECT value FROM meta WHERE key = ?), coalesce(?, 0)) AS TEXT)');
  const newest = prepareRows(
    db,
    'SELECT (SELECT CAST(max(id) AS TEXT) FROM jobs), (SELECT max(seq) FROM events), (SELECT at FROM events ORDER BY seq DESC LIMIT 1)',
  ).get();
  const [lastId, lastEvent, lastTime] = [metaKeys.lastId, metaKeys.lastEvent, metaKeys.lastTime].map((key, index) =>
    String(ask.get(key, newest?.[index] ?? null)?.[0]),
  ) as [string, string, string];
  const counters = new Counters();
  counters.load(db);
  return {
    db,
    clock: openClock(Math.max(Number(lastTime), lastId === '0' ? 0 : timeOfId(lastId))),
    serverId,
    ids: makeIdSource(serverId, lastId),
    counters,
    journal: new Journal(db, Number(lastEvent)),
    due: new DueHint(),
    claimed: new ClaimedLines(),
    limited: new Set(),
  };
}
