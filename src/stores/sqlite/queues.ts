/** Queues: their settings, what these let through now, and how they stand. */
import { nextToken, openQueue, type QueueSettings, type RateBucket, refill } from '../../core/queue.ts';
import type { Line } from './counters.ts';
import { prepareRows } from './database.ts';
import type { Ledger } from './ledger.ts';
import { type Cell, TapeReader, writeList } from './tape.ts';
import { readSettings, writeSettings } from './wire.ts';

export interface Queues {
  /** How many of `wanted` claims may begin now. */
  allowance(queue: string, wanted: number): number;
  /** So many claims have begun. */
  took(queue: string, count: number): void;
  /** Milliseconds until its rate limit lets the next one go; `null`: it has none, or something else holds the queue up. */
  nextToken(queue: string): number | null;
  /** The call `configure`. */
  configure(call: TapeReader, reply: Cell[]): void;
  /** The call `queues`. */
  list(call: TapeReader, reply: Cell[]): void;
}

export function makeQueues(ledger: Ledger): Queues {
  const { clock, counters, journal } = ledger;
  const table = makeSettingsTable(ledger);
  const buckets = new Map<string, RateBucket>();
  const oldestWaiting = makeOldestWaiting(ledger);

  const bucketOf = (queue: string, rate: NonNullable<QueueSettings['rate']>): RateBucket => refill(buckets.get(queue), rate, clock.now());

  return {
    allowance(queue, wanted) {
      const settings = table.get(queue);
      if (settings === undefined) return wanted;
      if (settings.paused) return 0;
      const { concurrency, rate } = settings;
      const free = concurrency === null ? wanted : Math.min(wanted, concurrency - counters.held(queue));
      return Math.max(0, rate === null ? free : Math.min(free, Math.floor(bucketOf(queue, rate).tokens)));
    },
    took(queue, count) {
      const rate = table.get(queue)?.rate ?? null;
      if (rate === null) return;
      const { tokens, at } = bucketOf(queue, rate);
      buckets.set(queue, { tokens: tokens - count, at });
    },
    nextToken(queue) {
      const { paused, concurrency, rate } = table.get(queue) ?? openQueue;
      const hasRoom = !paused && (concurrency === null || counters.held(queue) < concurrency);
      return rate === null || !hasRoom ? null : nextToken(bucketOf(queue, rate), rate);
    },
    configure(call, reply) {
      const queue = call.text();
      const before = table.get(queue) ?? openQueue;
      const after = { ...before, ...(JSON.parse(call.text()) as Partial<QueueSettings>) };
      table.set(queue, after);
      if (after.rate?.max !== before.rate?.max || after.rate?.per !== before.rate?.per) buckets.delete(queue);
      journal.readyAnyway();
      writeSettings(reply, after);
    },
    list(_call, reply) {
      const byQueue = Map.groupBy(counters.lines(), (line) => line.queue);
      const names = [...new Set([...byQueue.keys(), ...table.keys()])];
      writeList(reply, names, (name) => {
        const lines = byQueue.get(name) ?? [];
        reply.push(name, oldestWaiting(lines));
        writeSettings(reply, table.get(name) ?? openQueue);
        for (let state = 0; state < 7; state++) reply.push(lines.reduce((sum, line) => sum + (line.counts[state] ?? 0), 0));
      });
    },
  };
}

interface SettingsTable {
  get(queue: string): QueueSettings | undefined;
  set(queue: string, settings: QueueSettings): void;
  keys(): Iterable<string>;
}

/** The queues that are configured otherwise than an open one, in the file and in memory. */
function makeSettingsTable({ db, journal, limited }: Ledger): SettingsTable {
  const known = new Map<string, QueueSettings>();
  const keep = db.prepare('INSERT OR REPLACE INTO queues (name, paused, concurrency, rate_max, rate_per) VALUES (?, ?, ?, ?, ?)');
  const forget = db.prepare('DELETE FROM queues WHERE name = ?');
  const remember = (queue: string, settings: QueueSettings | undefined): void => {
    if (settings === undefined) known.delete(queue);
    else known.set(queue, settings);
    if (settings === undefined || settings.concurrency === null) limited.delete(queue);
    else limited.add(queue);
  };

  for (const [name, ...settings] of prepareRows(db, 'SELECT name, paused, concurrency, rate_max, rate_per FROM queues').all()) {
    remember(String(name), readSettings(new TapeReader(settings)));
  }

  return {
    get: (queue) => known.get(queue),
    keys: () => known.keys(),
    set(queue, settings) {
      const before = known.get(queue);
      const after = isOpen(settings) ? undefined : settings;
      const cells: Cell[] = [queue];
      writeSettings(cells, settings);
      if (after === undefined) forget.run(queue);
      else keep.run(...cells);
      journal.onRollback(() => remember(queue, before));
      remember(queue, after);
    },
  };
}

const isOpen = ({ paused, concurrency, rate }: QueueSettings): boolean => !paused && concurrency === null && rate === null;

/** More priorities than this in one lane are not looked at. */
const mostPriorities = 100;

export const oldestSql = `
  SELECT priority, due_at FROM jobs INDEXED BY jobs_ready
  WHERE state = 1 AND queue = ? AND worker = ? AND manual = ? AND priority < ? ORDER BY priority DESC, id LIMIT 1`;

/** How long the oldest ready job of these lines has been waiting: the first of each lane and priority is asked. */
function makeOldestWaiting({ db, clock }: Ledger): (lines: readonly Line[]) => number | null {
  const first = prepareRows(db, oldestSql);
  const oldestOf = (line: Line, manual: number): number => {
    let oldest = Number.POSITIVE_INFINITY;
    let priority = Number.MAX_SAFE_INTEGER;
    for (let i = 0; i < mostPriorities; i++) {
      const row = first.get(line.queue, line.worker, manual, priority);
      if (row === undefined) break;
      priority = Number(row[0]);
      oldest = Math.min(oldest, Number(row[1]));
    }
    return oldest;
  };
  return (lines) => {
    let oldest = Number.POSITIVE_INFINITY;
    for (const line of lines) if ((line.counts[1] ?? 0) > 0) oldest = Math.min(oldest, oldestOf(line, 0), oldestOf(line, 1));
    return Number.isFinite(oldest) ? Math.max(0, clock.now() - oldest) : null;
  };
}
