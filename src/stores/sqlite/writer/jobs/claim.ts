/** Claim: attempts of ready jobs begin. */
import { compareIds, nextFence } from '../../../../core/id.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { AskedWant, Claimer } from '../../calls/claim.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { jobColumn, jobColumns } from '../../file/rows/job.ts';
import type { Cell } from '../../file/tape.ts';
import type { Line } from '../counters.ts';
import type { Queues } from '../queues/queues.ts';
import type { State } from '../state.ts';
import type { Promoter } from './promote.ts';
import { type Lane, shareLanes, shareSlots } from './share.ts';

/** A job's row, which a claim changes as it changes the record. */
type ClaimedRow = Cell[];

/** Due jobs that are promoted before a claim, at most: a claim stays short after a long sleep. */
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

export function makeClaim(state: State, queues: Queues, promoter: Promoter): Pick<WriterHandlers['jobs'], 'claim'> {
  const claimed = prepareRows(state.db, claimedSql);
  const serve = makeServe(state, queues);
  const keep = makeKeep(state);

  return {
    claim({ wants, ...claimer }) {
      promoter.promote(promotedByClaim);
      let nextIn = promoter.nextIn();
      const jobs = claimed.all(claimer.holder, claimer.operation).toSorted(byId);
      if (jobs.length === 0 && (claimer.attemptTtl !== null || mayClaim(state, claimer.holder))) {
        for (const want of wants) {
          const served = serve(want, claimer);
          jobs.push(...served);
          if (served.length < want.slots) nextIn = sooner(nextIn, nextToken(state, queues, want));
        }
        for (const row of jobs) keep(row);
      }
      return { jobs, nextIn };
    },
  };
}

/** Whether it is a node that may claim: its lease has not ended for good, and it is not draining. */
const mayClaim = ({ leases }: State, holder: string): boolean => leases.get(holder)?.mode === 'active';

function* servedLines({ counters }: State, want: AskedWant): Generator<Line> {
  for (const line of counters.ready(want.worker)) if (want.queues === null || want.queues.has(line.queue)) yield line;
}

/** When a rate limit lets one of the lines go that still have ready jobs. */
function nextToken(state: State, queues: Queues, want: AskedWant): number | null {
  let wait: number | null = null;
  for (const line of servedLines(state, want)) wait = sooner(wait, queues.nextToken(line.queue));
  return wait;
}

/** Fills the slots of one want; the attempts stand in the order of the turns. */
function makeServe(state: State, queues: Queues): (want: AskedWant, claimer: Claimer) => readonly ClaimedRow[] {
  const { counters } = state;
  const begin = makeBegin(state);
  const allowance = (line: Line): number => queues.allowance(line.queue, line.counts[stateCodes.queued] ?? 0);

  return (want, claimer) => {
    const turns = shareSlots(servedLines(state, want), want.slots, allowance);
    const lanes = shareLanes(turns);
    const counts = new Map<Lane, number>();
    for (const lane of lanes) counts.set(lane, (counts.get(lane) ?? 0) + 1);
    const begun = new Map<Lane, Iterator<ClaimedRow>>();
    for (const [lane, count] of counts) {
      begun.set(lane, begin(lane, count, claimer).values());
      queues.began(lane.line.queue, count);
    }
    for (const line of turns) counters.served(line);
    const inTurn = lanes.map((lane) => begun.get(lane)?.next().value);
    return inTurn.filter((row) => row !== undefined);
  };
}

/** Begins attempts of the first jobs of one lane. */
function makeBegin({ db, clock, counters, aside }: State): (lane: Lane, count: number, claimer: Claimer) => readonly ClaimedRow[] {
  const ready = prepareRows(db, readySql);
  const update = db.prepare(claimSql);
  return ({ line, manual }, count, { holder, operation, attemptTtl }) => {
    const now = clock.now();
    // No caller yet: holders that are no nodes will claim with an `attemptTtl`.
    const deadline = attemptTtl === null ? null : Math.ceil(clock.steady() + attemptTtl);
    const begun: ClaimedRow[] = [];
    for (const row of ready.all(line.queue, line.worker, manual, count)) {
      const [before, last] = [row[jobColumn.attempt], String(row[jobColumn.fence])];
      if (typeof before !== 'number' || last.length > longestFence) {
        aside.take(String(row[jobColumn.id]), typeof before === 'number' ? `no fence follows ${last}` : `no attempt follows ${before}`);
        continue;
      }
      begun.push(row);
      const attempt = before + 1;
      const fence = nextFence(last, clock.micros());
      update.run(attempt, fence, holder, operation, now, deadline, String(row[jobColumn.id]));
      row[jobColumn.state] = stateCodes.running;
      row[jobColumn.attempt] = attempt;
      row[jobColumn.fence] = fence;
      row[jobColumn.holder] = holder;
      row[jobColumn.startedAt] = now;
      counters.move(line, stateCodes.queued, stateCodes.running, manual);
    }
    return begun;
  };
}

/** Digits, with which a greater fence still has its 63 bits. */
const longestFence = 18;

function makeKeep({ counters, claimed, journal }: State): (row: ClaimedRow) => void {
  return (row) => {
    const id = String(row[jobColumn.id]);
    const line = counters.line(String(row[jobColumn.worker]), String(row[jobColumn.queue]));
    claimed.keep(id, { line, manual: Number(row[jobColumn.manual]), owner: String(row[jobColumn.owner]) });
    journal.moved('claim', id);
  };
}

const byId = (a: ClaimedRow, b: ClaimedRow): number => compareIds(String(a[jobColumn.id]), String(b[jobColumn.id]));

const sooner = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));
