/** How an earlier attempt of a job lies in its columns. The newest one stands on the job's own record. */
import type { Attempt } from '../../../../core/job.ts';
import { jobLimits } from '../../../../core/new-job.ts';
import { causeCode, causeOf, endCode, endOf } from '../codes.ts';
import type { Row, TapeReader } from '../tape.ts';

const columns = [
  ...['run', 'attempt', 'fence', 'holder', 'started_at', 'ended_at', 'ending', 'status_code', 'error', 'output_cut', 'output'],
  ...['cause', 'stack'],
];

/** What `readAttempt` reads. */
export const attemptColumns = columns.map((column) => (column === 'fence' ? 'CAST(fence AS TEXT)' : column)).join(', ');

export function readAttempt(tape: TapeReader): Attempt {
  return {
    run: tape.number(),
    attempt: tape.number(),
    fence: tape.text(),
    holder: tape.text(),
    startedAt: tape.number(),
    endedAt: tape.numberOrNull(),
    end: endOf(tape.number()),
    result: {
      statusCode: tape.numberOrNull(),
      error: tape.text(),
      outputCut: tape.flag(),
      output: tape.text(),
      cause: causeOf(tape.numberOrNull()),
      stack: tape.text(),
    },
  };
}

/** The other half of `readAttempt`. */
export const attemptCells = ({ run, attempt, fence, holder, startedAt, endedAt, end, result }: Attempt): Row => [
  ...[run, attempt, fence, holder, startedAt, endedAt, endCode(end)],
  ...[result.statusCode, result.error, result.outputCut ? 1 : 0, result.output, causeCode(result.cause), result.stack],
];

/** For the id of the job and a row of `attemptCells`. An attempt that is known already stays as it is. */
export const insertAttemptSql = `
  INSERT INTO attempts (job_id, ${columns.join(', ')}) VALUES (?, ${columns.map(() => '?').join(', ')}) ON CONFLICT (job_id, fence) DO NOTHING`;

/** For the id of a job: of its attempts the newest stay. */
export const trimHistorySql = `
  DELETE FROM attempts WHERE job_id = ?1 AND fence <= (
    SELECT fence FROM attempts WHERE job_id = ?1 ORDER BY fence DESC LIMIT 1 OFFSET ${jobLimits.history})`;
