/** Claim: attempts of ready jobs begin. */
import { compareIds } from '../../core/id.ts';
import { stateCodes } from './codes.ts';
import type { Line } from './counters.ts';
import { prepareRows } from './database.ts';
import type { Promoter } from './jobs-promote.ts';
import type { Ledger } from './ledger.ts';
import type { Nodes } from './nodes.ts';
import type { Queues } from './queues.ts';
import { jobColumn, jobColumns } from './rows.ts';
import { shareLanes, shareSlots } from './share.ts';
import { type Cell, type TapeReader, writeList, writeRow } from './tape.ts';

type Row = readonly Cell[];

interface Want {
  readonly worker: string;
  readonly slots: number;
  /** `null`: any. */
  readonly queues: ReadonlySet<string> | null;
}

interface Claimer {
  readonly operation: string;
  readonly holder: string;
  readonly attemptTtl: number | null;
}

/** At most so many due jobs are promoted before a claim, so that a claim stays short after a long sleep. */
const promotedByClaim = 1_000;

export const claimSql = `
  UPDATE jobs SET state = 2, attempt = attempt + 1, fence = max(fence + 1, CAST(? AS INTEGER)), holder = ?, op = ?,
    started_at = ?, deadline = ?
  WHERE id IN (
    SELECT id FROM jobs INDEXED BY jobs_ready WHERE state = 1 AND queue = ? AND worker = ? AND manual = ?
    ORDER BY priority DESC, id LIMIT ?)
  RETURNING ${jobColumns}`;

export const claimedSql = `SELECT ${jobColumns} FROM jobs INDEXED BY jobs_held WHERE holder = ? AND op = ? AND state IN (2, 3) ORDER BY id`;

/** The call `claim`. */
export function makeClaim(ledger: Ledger, queues: Queues, nodes: Nodes, promoter: Promoter): (call: TapeReader, reply: Cell[]) => void {
  const claimed = prepareRows(ledger.db, claimedSql);
  const serve = makeServe(ledger, queues);

  return (call, reply) => {
    const claimer: Claimer = { operation: call.text(), holder: call.text(), attemptTtl: call.numberOrNull() };
    const wants = call.list(() => readWant(call));
    promoter.promote(promotedByClaim);
    let wait = promoter.nextIn();
    let rows = claimed.all(claimer.holder, claimer.operation);
    if (rows.length === 0 && (claimer.attemptTtl !== null || nodes.isKnown(claimer.holder))) {
      rows = wants.flatMap((want) => {
        const taken = serve(want, claimer);
        if (taken.length < want.slots) wait = sooner(wait, nextToken(ledger, queues, want));
        return taken;
      });
    }
    if (rows.length > 0) ledger.journal.passes('claim');
    writeList(reply, rows, (row) => writeRow(reply, row));
    reply.push(wait);
  };
}

function readWant(call: TapeReader): Want {
  const worker = call.text();
  const slots = call.number();
  return { worker, slots, queues: call.flag() ? new Set(call.list(() => call.text())) : null };
}

function* servedLines({ counters }: Ledger, want: Want): Generator<Line> {
  for (const line of counters.ready(want.worker)) if (want.queues === null || want.queues.has(line.queue)) yield line;
}

/** When a rate limit lets one of the lines go that still have ready jobs. */
function nextToken(ledger: Ledger, queues: Queues, want: Want): number | null {
  let wait: number | null = null;
  for (const line of servedLines(ledger, want)) wait = sooner(wait, queues.nextToken(line.queue));
  return wait;
}

/** Fills the slots of one want. */
function makeServe(ledger: Ledger, queues: Queues): (want: Want, claimer: Claimer) => readonly Row[] {
  const { counters } = ledger;
  const begin = makeBegin(ledger);
  const take = (line: Line, count: number, claimer: Claimer): Row[] => {
    const lanes = shareLanes(line, count);
    const manual = lanes.reduce<number>((sum, lane) => sum + lane, 0);
    const begun = [begin(line, 0, count - manual, claimer), begin(line, 1, manual, claimer)] as const;
    queues.took(line.queue, count);
    return inTurn(lanes, (lane) => begun[lane]);
  };

  return (want, claimer) => {
    const turns = shareSlots(servedLines(ledger, want), want.slots, (line) =>
      queues.allowance(line.queue, line.counts[stateCodes.queued] ?? 0),
    );
    const counts = new Map<Line, number>();
    for (const line of turns) counts.set(line, (counts.get(line) ?? 0) + 1);
    const taken = new Map([...counts].map(([line, count]) => [line, take(line, count, claimer)]));
    for (const line of turns) counters.served(line);
    return inTurn(turns, (line) => taken.get(line) ?? []);
  };
}

/** Deals out the rows of each key in the order of the keys. */
function inTurn<K>(keys: readonly K[], rowsOf: (key: K) => readonly Row[]): Row[] {
  const dealt = new Map<K, number>();
  return keys.flatMap((key) => {
    const at = dealt.get(key) ?? 0;
    dealt.set(key, at + 1);
    const row = rowsOf(key)[at];
    return row === undefined ? [] : [row];
  });
}

type Begin = (line: Line, manual: 0 | 1, count: number, claimer: Claimer) => readonly Row[];

/** Begins attempts of the first jobs of one lane. */
function makeBegin({ db, clock, counters, journal }: Ledger): Begin {
  const update = prepareRows(db, claimSql);
  return (line, manual, count, { holder, operation, attemptTtl }) => {
    if (count === 0) return [];
    const now = clock.now();
    const deadline = attemptTtl === null ? null : Math.ceil(now + attemptTtl);
    const rows = update.all(clock.micros(), holder, operation, now, deadline, line.queue, line.worker, manual, count);
    const ordered = [...rows].sort(byPriority);
    for (const row of ordered) {
      counters.move(line, stateCodes.queued, stateCodes.running, manual);
      journal.moved('claim', String(row[jobColumn.id]));
    }
    return ordered;
  };
}

function byPriority(a: Row, b: Row): number {
  return Number(b[jobColumn.priority]) - Number(a[jobColumn.priority]) || compareIds(String(a[jobColumn.id]), String(b[jobColumn.id]));
}

const sooner = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));
