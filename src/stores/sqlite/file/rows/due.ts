/**
 * When a scheduled job is due, as its column has it: a time that was asked for is a Unix time; what waits for so long (a delay,
 * a backoff) is a time of the steady clock, less 2^53. So the two lie apart in one index, the steady ones before 0, and a step of
 * the wall clock moves the ones against the others without a row being touched. What waits for other jobs has 2^51 more, behind all
 * that anybody looks for. Jobs that are not scheduled have Unix times.
 */

/** In `meta`: by how much the steady clock is ahead of the wall clock. */
export const steadyAheadKey = 'steady_ahead';

const apart = 2 ** 53;

/** @param steady by the steady clock, in whole milliseconds */
export const steadyDue = (steady: number): number => steady - apart;

/** The other way. */
export const steadyOf = (due: number): number => due + apart;

/** What the column of a job has more as long as it waits for others. */
export const waitsBehind = 2 ** 51;

/** Where the columns of jobs lie that are due at a time, and of those that are due after so long; each `[from, until)`. */
export const dueRanges = [
  [0, waitsBehind / 2],
  [Number.MIN_SAFE_INTEGER, waitsBehind / 2 - apart],
] as const;

/** The same of those that wait for others. */
export const waitingRanges = [
  [waitsBehind / 2, (waitsBehind * 3) / 2],
  [waitsBehind / 2 - apart, (waitsBehind * 3) / 2 - apart],
] as const;

const [[wall], [steady, furthest]] = waitingRanges;
const bySteadySql = `iif(due_at >= ${steady} AND due_at < ${furthest}, due_at - ${waitsBehind}, due_at)`;
const byWallSql = `iif(due_at < ${wall}, due_at, due_at - ${waitsBehind})`;

/** For who reads a job: a Unix time by the wall clock of the present. Claims read it of each job, of which most are due by the wall clock. */
export const dueAtSql = `iif(due_at < 0, ${bySteadySql} + ${apart} - coalesce((SELECT value FROM meta WHERE key = '${steadyAheadKey}'), 0), ${byWallSql})`;
