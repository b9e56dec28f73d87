/** Claim: attempts of ready jobs begin. */
import { compareIds, nextFence } from '../../../../core/id.ts';
import { parkedAtOnce } from '../../../../core/limit.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { AskedWant, Claimer } from '../../calls/claim.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { jobColumn, jobColumns } from '../../file/rows/job.ts';
import type { Cell } from '../../file/tape.ts';
import type { Line } from '../counters.ts';
import type { Limits } from '../limits/limits.ts';
import type { Counted } from '../limits/tally.ts';
import type { Queues } from '../queues/queues.ts';
import type { State } from '../state.ts';
import type { Waiting } from './after.ts';
import { makeParking } from './parking.ts';
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

export function makeClaim(state: State, { queues, promoter, limits, waiting }: ClaimParts): Pick<WriterHandlers['jobs'], 'claim'> {
  const claimed = prepareRows(state.db, claimedSql);
  const serve = makeServe(state, queues, limits);
  const keep = makeKeep(state);

  return {
    claim({ wants, ...claimer }) {
      waiting.tellEnds();
      promoter.promote(promotedByClaim);
      limits.letIn();
      let nextIn = waiting.hasUntold() ? 0 : sooner(promoter.nextIn(), limits.resumesIn());
      const jobs = claimed.all(claimer.holder, claimer.operation).toSorted(byId);
      if (promoter.isBehind()) return { jobs, nextIn: 0 };
      if (jobs.length === 0 && (claimer.attemptTtl !== null || mayClaim(state, claimer.holder))) {
        for (const want of wants) {
          const { rows, more } = serve(want, claimer);
          jobs.push(...rows);
          if (more || (rows.length < want.slots && limits.isBehind())) nextIn = 0;
          else if (rows.length < want.slots) nextIn = sooner(nextIn, nextToken(state, queues, want));
        }
        for (const row of jobs) keep(row);
      }
      return { jobs, nextIn };
    },
  };
}

export interface ClaimParts {
  readonly queues: Queues;
  readonly promoter: Promoter;
  readonly limits: Limits;
  readonly waiting: Waiting;
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

interface Served {
  readonly rows: readonly ClaimedRow[];
  /** What stood before others is parked now, so that another claim finds more for the slots that are left. */
  readonly more: boolean;
}

/** Fills the slots of one want; the attempts stand in the order of the turns. Jobs that are parked instead leave their slots to others. */
function makeServe(state: State, queues: Queues, limits: Limits): (want: AskedWant, claimer: Claimer) => Served {
  const { counters, tally } = state;
  const begin = makeBegin(state, limits);
  const allowance = (line: Line): number => queues.allowance(line.queue, line.counts[stateCodes.queued] ?? 0);

  /** @returns a row for each turn; `null`: its job is parked now */
  const serveTurns = (want: AskedWant, slots: number, claimer: Claimer): readonly (ClaimedRow | null | undefined)[] => {
    const turns = shareSlots(servedLines(state, want), slots, allowance);
    const lanes = shareLanes(turns);
    const beginSome = (lane: Lane, count: number): readonly (ClaimedRow | null)[] => {
      const rows = begin(lane, count, claimer);
      queues.began(lane.line.queue, rows.filter((row) => row !== null).length);
      return rows;
    };
    // What room a key has goes to those whose turn comes first; without limits each lane is read once.
    const rows = tally.isKept ? lanes.map((lane) => beginSome(lane, 1)[0]) : inTurns(lanes, beginSome);
    for (const line of turns) counters.served(line);
    return rows;
  };

  return (want, claimer) => {
    const rows: ClaimedRow[] = [];
    let [parked, before] = [0, -1];
    while (rows.length < want.slots && parked > before && parked < parkedAtOnce) {
      before = parked;
      for (const row of serveTurns(want, want.slots - rows.length, claimer)) {
        if (row === null) parked += 1;
        else if (row !== undefined) rows.push(row);
      }
    }
    const more = rows.length < want.slots && (parked >= parkedAtOnce || (parked > 0 && tally.roomy.size > 0));
    return { rows, more };
  };
}

/** Reads each lane once for all of its turns. */
function inTurns<Row>(lanes: readonly Lane[], begin: (lane: Lane, count: number) => readonly Row[]): readonly (Row | undefined)[] {
  const counts = new Map<Lane, number>();
  for (const lane of lanes) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  const begun = new Map([...counts].map(([lane, count]) => [lane, begin(lane, count).values()]));
  return lanes.map((lane) => begun.get(lane)?.next().value);
}

/** Begins attempts of the first jobs of one lane. */
function makeBegin(state: State, limits: Limits): (lane: Lane, count: number, claimer: Claimer) => readonly (ClaimedRow | null)[] {
  const { db, clock, counters, aside, tally } = state;
  const parking = makeParking(state);
  const ready = prepareRows(db, readySql);
  const update = db.prepare(claimSql);
  return ({ line, manual }, count, { holder, operation, attemptTtl }) => {
    const now = clock.now();
    const deadline = attemptTtl === null ? null : Math.ceil(clock.steady() + attemptTtl);
    const begun: (ClaimedRow | null)[] = [];
    for (const row of ready.all(line.queue, line.worker, manual, count)) {
      const [before, last] = [row[jobColumn.attempt], String(row[jobColumn.fence])];
      if (typeof before !== 'number' || last.length > longestFence) {
        aside.take(String(row[jobColumn.id]), typeof before === 'number' ? `no fence follows ${last}` : `no attempt follows ${before}`);
        continue;
      }
      const counted = tally.isKept ? countedOf(row) : null;
      const full = counted === null ? null : limits.fullKey(counted);
      if (full !== null) {
        parking.park(String(row[jobColumn.id]), line, manual, full);
        begun.push(null);
        continue;
      }
      begun.push(row);
      const attempt = before + 1;
      const fence = nextFence(last, clock.micros());
      update.run(attempt, fence, holder, operation, now, deadline, String(row[jobColumn.id]));
      if (counted !== null) tally.began(counted);
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

const countedOf = (row: ClaimedRow): Counted => ({
  limit: String(row[jobColumn.limit]),
  worker: String(row[jobColumn.worker]),
  domain: String(row[jobColumn.domain]),
});

function makeKeep({ counters, claimed, journal, tally }: State): (row: ClaimedRow) => void {
  return (row) => {
    const id = String(row[jobColumn.id]);
    const line = counters.line(String(row[jobColumn.worker]), String(row[jobColumn.queue]));
    claimed.keep(id, {
      line,
      manual: Number(row[jobColumn.manual]),
      owner: String(row[jobColumn.owner]),
      counted: tally.isKept ? countedOf(row) : null,
    });
    journal.moved('claim', id);
  };
}

const byId = (a: ClaimedRow, b: ClaimedRow): number => compareIds(String(a[jobColumn.id]), String(b[jobColumn.id]));

const sooner = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));
