/**
 * When a scheduled job is due, as its column has it: a time that was asked for is a Unix time; what waits for so long (a delay,
 * a backoff) is a time of the steady clock, less 2^53. So the two lie apart in one index, the steady ones before 0, and a step of
 * the wall clock moves the ones against the others without a row being touched. Jobs that are not scheduled have Unix times.
 */

/** In `meta`: by how much the steady clock is ahead of the wall clock. */
export const steadyAheadKey = 'steady_ahead';

const apart = 2 ** 53;

/** @param steady by the steady clock, in whole milliseconds */
export const steadyDue = (steady: number): number => steady - apart;

/** The other way. */
export const steadyOf = (due: number): number => due + apart;

/** For who reads a job: a Unix time by the wall clock of the present. */
export const dueAtSql = `iif(due_at < 0, due_at + ${apart} - coalesce((SELECT value FROM meta WHERE key = '${steadyAheadKey}'), 0), due_at)`;
