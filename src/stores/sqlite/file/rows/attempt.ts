/** How an earlier attempt of a job lies in its columns. The newest one stands on the job's own record. */
import { messageOf } from '../../../../core/errors.ts';
import type { Attempt } from '../../../../core/job.ts';
import { jobLimits } from '../../../../core/new-job.ts';
import { unreadableAttempt } from '../../../../core/record.ts';
import { causeCode, causeOf, endCode, endOf } from '../codes.ts';
import { type Row, TapeReader } from '../tape.ts';

const columns = [
  ...['run', 'attempt', 'fence', 'holder', 'started_at', 'ended_at', 'ending', 'status_code', 'error', 'output_cut', 'output'],
  ...['cause', 'stack'],
];

/** What `readAttempt` reads. */
const attemptColumns = columns.map((column) => (column === 'fence' ? 'CAST(fence AS TEXT)' : column)).join(', ');

/** The attempt of a row, or what can be said of one that is none: with the others of its history it is shown all the same. */
export function attemptOfRow(row: Row): Attempt {
  try {
    return readAttempt(new TapeReader(row));
  } catch (error) {
    return unreadableAttempt(String(row[columns.indexOf('fence')]), messageOf(error));
  }
}

export function readAttempt(tape: TapeReader): Attempt {
  return {
    run: tape.number(),
    attempt: tape.number(),
    fence: tape.text(),
    holder: tape.text(),
    startedAt: tape.time(),
    endedAt: tape.timeOrNull(),
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

/**
 * For the id of a job, a fence and a number of bytes: its attempts with smaller fences, newest first. Of a longer output there
 * are so many bytes and three more, so that the character that they end in is whole, marked as cut. (Of a text, `substr` would
 * end at a NUL.)
 */
export const attemptsBeforeSql = `
  SELECT ${attemptColumns.replace('output_cut, output', 'max(output_cut, octet_length(output) > ?3), iif(octet_length(output) > ?3, CAST(substr(CAST(output AS BLOB), 1, ?3 + 3) AS TEXT), output)')}
  FROM attempts WHERE job_id = ?1 AND fence < CAST(?2 AS INTEGER) ORDER BY fence DESC`;

/** For the id of a job and a fence. */
export const attemptSql = `SELECT ${attemptColumns} FROM attempts WHERE job_id = ? AND fence = ?`;

/** For `cutCells`, the id of a job and a fence. */
export const cutAttemptSql = 'UPDATE attempts SET error = ?, output_cut = ?, output = ? WHERE job_id = ? AND fence = ?';

export const cutCells = ({ result }: Attempt): Row => [result.error, result.outputCut ? 1 : 0, result.output];

/** For the id of the job and a row of `attemptCells`. An attempt that is known already stays as it is. */
export const insertAttemptSql = `
  INSERT INTO attempts (job_id, ${columns.join(', ')}) VALUES (?, ${columns.map(() => '?').join(', ')}) ON CONFLICT (job_id, fence) DO NOTHING`;

/** For the id of a job: of its attempts the newest stay. */
export const trimHistorySql = `
  DELETE FROM attempts WHERE job_id = ?1 AND fence <= (
    SELECT fence FROM attempts WHERE job_id = ?1 ORDER BY fence DESC LIMIT 1 OFFSET ${jobLimits.history})`;
