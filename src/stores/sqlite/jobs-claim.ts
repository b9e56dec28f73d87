/** Claim: attempts of ready jobs begin. */
import { compareIds, nextFence } from '../../core/id.ts';
import { stateCodes } from './codes.ts';
import type { Line } from './counters.ts';
import { prepareRows } from './database.ts';
import type { Promoter } from './jobs-promote.ts';
import type { Ledger } from './ledger.ts';
import type { Nodes } from './nodes.ts';
import type { Queues } from './queues.ts';
import { jobColumn, jobColumns } from './rows.ts';
import { type Lane, shareLanes, shareSlots } from './share.ts';
import { type Cell, type TapeReader, writeList, writeRow } from './tape.ts';

type Row = Cell[];

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

/**
 * The first ready jobs of one lane. The CAST spares time: SQLite plans a statement anew whenever a bare parameter of its
 * LIMIT is bound.
 */
export const readySql = `
  SELECT ${jobColumns} FROM jobs INDEXED BY jobs_ready WHERE state = 1 AND queue = ? AND worker = ? AND manual = ?
  ORDER BY priority DESC, id LIMIT CAST(? AS INTEGER)`;

/** Row by row, since the rows are read anyway. */
export const claimSql = `
  UPDATE jobs SET state = 2, attempt = ?, fence = ?, holder = ?, op = ?, started_at = ?, deadline = ? WHERE id = ?`;

export const claimedSql = `
  SELECT ${jobColumns} FROM jobs INDEXED BY jobs_held WHERE holder = ? AND op = ? AND state IN (2, 3) ORDER BY priority DESC, id`;

/** The call `claim`. */
export function makeClaim(ledger: Ledger, queues: Queues, nodes: Nodes, promoter: Promoter): (call: TapeReader, reply: Cell[]) => void {
  const claimed = prepareRows(ledger.db, claimedSql);
  const serve = makeServe(ledger, queues);
  const keep = makeKeep(ledger);

  return (call, reply) => {
    const claimer: Claimer = { operation: call.text(), holder: call.text(), attemptTtl: call.numberOrNull() };
    const wants = call.list(() => readWant(call));
    promoter.promote(promotedByClaim);
    let wait = promoter.nextIn();
    const rows = claimed.all(claimer.holder, claimer.operation).toSorted(byId);
    if (rows.length === 0 && (claimer.attemptTtl !== null || nodes.mayClaim(claimer.holder))) {
      for (const want of wants) {
        const served = serve(want, claimer);
        rows.push(...served);
        if (served.length < want.slots) wait = sooner(wait, nextToken(ledger, queues, want));
      }
      for (const row of rows) keep(row);
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

/** Fills the slots of one want; the attempts stand in the order of the turns. */
function makeServe(ledger: Ledger, queues: Queues): (want: Want, claimer: Claimer) => readonly Row[] {
  const { counters } = ledger;
  const begin = makeBegin(ledger);
  const allowance = (line: Line): number => queues.allowance(line.queue, line.counts[stateCodes.queued] ?? 0);

  return (want, claimer) => {
    const turns = shareSlots(servedLines(ledger, want), want.slots, allowance);
    const lanes = shareLanes(turns);
    const counts = new Map<Lane, number>();
    for (const lane of lanes) counts.set(lane, (counts.get(lane) ?? 0) + 1);
    const begun = new Map<Lane, Iterator<Row>>();
    for (const [lane, count] of counts) {
      begun.set(lane, begin(lane, count, claimer).values());
      queues.took(lane.line.queue, count);
    }
    for (const line of turns) counters.served(line);
    const inTurn = lanes.map((lane) => begun.get(lane)?.next().value);
    return inTurn.filter((row) => row !== undefined);
  };
}

/** Begins attempts of the first jobs of one lane. */
function makeBegin({ db, clock, counters }: Ledger): (lane: Lane, count: number, claimer: Claimer) => readonly Row[] {
  const ready = prepareRows(db, readySql);
  const update = db.prepare(claimSql);
  return ({ line, manual }, count, { holder, operation, attemptTtl }) => {
    const now = clock.now();
    const deadline = attemptTtl === null ? null : Math.ceil(now + attemptTtl);
    const rows = ready.all(line.queue, line.worker, manual, count);
    for (const row of rows) {
      const attempt = Number(row[jobColumn.attempt]) + 1;
      const fence = nextFence(String(row[jobColumn.fence]), clock.micros());
      update.run(attempt, fence, holder, operation, now, deadline, String(row[jobColumn.id]));
      row[jobColumn.state] = stateCodes.running;
      row[jobColumn.attempt] = attempt;
      row[jobColumn.fence] = fence;
      row[jobColumn.holder] = holder;
      row[jobColumn.startedAt] = now;
      counters.move(line, stateCodes.queued, stateCodes.running, manual);
    }
    return rows;
  };
}

function makeKeep({ counters, claimed, journal }: Ledger): (row: Row) => void {
  return (row) => {
    const id = String(row[jobColumn.id]);
    const line = counters.line(String(row[jobColumn.worker]), String(row[jobColumn.queue]));
    claimed.keep(id, { line, manual: Number(row[jobColumn.manual]) });
    journal.moved('claim', id);
  };
}

const byId = (a: Row, b: Row): number => compareIds(String(a[jobColumn.id]), String(b[jobColumn.id]));

const sooner = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));
