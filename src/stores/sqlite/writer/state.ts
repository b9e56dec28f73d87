/** What the writer's calls share: the file, the clock, the ids, and what is kept in memory beside the file. */
import type { DatabaseSync } from 'node:sqlite';
import { furthestId, type IdSource, makeIdSource } from '../../../core/id.ts';
import type { Buried } from '../../../ports/store/nodes.ts';
import { prepareRows } from '../file/database.ts';
import { openClock, type StoreClock } from './clock.ts';
import { Counters } from './counters.ts';
import { Hints } from './hints.ts';
import { type Aside, makeAside } from './jobs/aside.ts';
import { ClaimedJobs } from './jobs/claimed.ts';
import { DueHint } from './jobs/due.ts';
import { type Logs, makeLogs } from './jobs/logs.ts';
import { Waits } from './jobs/waits.ts';
import { Journal } from './journal/journal.ts';
import { readTime } from './kept-time.ts';
import { KeyTally } from './limits/tally.ts';
import { Leases } from './nodes/leases.ts';
import { UndoList } from './undo.ts';

export interface State {
  readonly db: DatabaseSync;
  readonly clock: StoreClock;
  /** The one in all its ids. */
  readonly serverId: number;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly journal: Journal;
  readonly hints: Hints;
  readonly undo: UndoList;
  readonly due: DueHint;
  readonly claimed: ClaimedJobs;
  readonly tally: KeyTally;
  readonly leases: Leases;
  /** Queues with a bound on running jobs: when one of theirs stops running, another may begin. */
  readonly limited: Set<string>;
  /** Queues that take no jobs. */
  readonly closed: Set<string>;
  readonly logs: Logs;
  /** Which jobs wait for which. */
  readonly waits: Waits;
  readonly room: Room;
  /** What cannot be read is kept through it; jobs leave by it. */
  readonly aside: Aside;
  /** What the opening took back from earlier processes, until somebody has been told. */
  recovered: Buried;
}

/** What is left on the disk. */
export interface Room {
  /** Only that which is kept for the results of what runs. */
  isLast(): boolean;
}

/** There is no end of it. */
const enough: Room = { isLast: () => false };

export const nothingBuried: Buried = { incarnations: [], attempts: 0 };

/** What the file remembers of what is no longer in it. */
export const metaKeys = { lastId: 'last_id', lastEntry: 'last_entry', historyOutput: 'history_output' } as const;

/** Of numbers beyond it, which nobody counts up to, none could be followed by another one. */
const furthestEntry = 2 ** 52;

export function openState(db: DatabaseSync, serverId: number, room: Room = enough): State {
  const kept = prepareRows(
    db,
    `
    SELECT CAST(max(coalesce((SELECT value FROM meta WHERE key = ? AND value <= ${furthestId}), 0), coalesce(CAST(? AS INTEGER), 0)) AS TEXT)`,
  );
  const newest = prepareRows(
    db,
    `SELECT (SELECT CAST(max(id) AS TEXT) FROM jobs WHERE id <= ${furthestId}), (SELECT max(seq) FROM journal WHERE seq <= ${furthestEntry})`,
  ).get();
  const last = (key: string, index: number): string => String(kept.get(key, newest?.[index] ?? null)?.[0]);
  const lastEntry = Number(last(metaKeys.lastEntry, 1));
  const lastId = last(metaKeys.lastId, 0);
  const counters = new Counters();
  counters.load(db);
  const undo = new UndoList();
  const hints = new Hints();
  const state: Omit<State, 'aside'> = {
    db,
    clock: openClock(readTime(db, lastId)),
    serverId,
    ids: makeIdSource(serverId, lastId),
    counters,
    journal: new Journal(db, lastEntry <= furthestEntry ? lastEntry : Number(newest?.[1] ?? 0)),
    hints,
    undo,
    due: new DueHint(),
    claimed: new ClaimedJobs(),
    tally: new KeyTally(db, undo),
    leases: new Leases(undo),
    limited: new Set(),
    closed: new Set(),
    logs: makeLogs(db),
    waits: new Waits(db, { hints, undo }),
    room,
    recovered: nothingBuried,
  };
  return { ...state, aside: makeAside(state) };
}
