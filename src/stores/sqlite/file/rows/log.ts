/** How the log of a job, and its progress, lie in their columns. */
import { messageOf } from '../../../../core/errors.ts';
import { type LogHead, type LogLine, type Progress, sizeOfLine, unreadableLine } from '../../../../core/report.ts';
import { latestTime } from '../../../../core/time.ts';
import { levelCode, levelOf } from '../codes.ts';
import { type Cell, type Row, TapeReader } from '../tape.ts';

/** No log ever gets as far: more than this, or less than nothing, was damaged. */
const most = 2 ** 52;

const isCount = (cell: Cell): cell is number => typeof cell === 'number' && cell >= 0 && cell <= most;

/** Until the scrub has counted anew, one that was damaged counts as none. */
const countOf = (cell: Cell): number => (isCount(cell) ? cell : 0);

/** Of a log, beside its lines. */
export interface KeptLog extends LogHead {
  readonly lines: number;
  readonly characters: number;
}

/** For the id of a job. */
export const findLogSql = 'SELECT CAST(fence AS TEXT), number, lines, characters, dropped FROM logs WHERE job_id = ?';

export function logOfRow(row: Row): KeptLog {
  const tape = new TapeReader(row);
  const [fence, number] = [tape.textOrNull(), tape.cell()];
  const told = fence === null || !isCount(number) ? null : { fence, number };
  return { told, lines: countOf(tape.cell()), characters: countOf(tape.cell()), dropped: countOf(tape.cell()) };
}

/** For the id of a job and a row of `logCells`. */
export const putLogSql = `
  INSERT INTO logs (job_id, fence, number, lines, characters, dropped) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (job_id) DO UPDATE SET fence = excluded.fence, number = excluded.number, lines = excluded.lines,
    characters = excluded.characters, dropped = excluded.dropped`;

export const logCells = ({ told, lines, characters, dropped }: KeptLog): Row => [
  ...[told?.fence ?? null, told?.number ?? null, lines, characters, dropped],
];

/** For the id of a job, a fence, a time and a value. */
export const putProgressSql = `
  INSERT INTO logs (job_id, lines, characters, dropped, progress_fence, progress_at, progress) VALUES (?, 0, 0, 0, ?, ?, ?)
  ON CONFLICT (job_id) DO UPDATE SET progress_fence = excluded.progress_fence, progress_at = excluded.progress_at,
    progress = excluded.progress`;

/** For the id of a job: what `readShownLog` reads. */
export const shownLogSql = 'SELECT dropped, CAST(progress_fence AS TEXT), progress_at, progress FROM logs WHERE job_id = ?';
export const noLog: Row = [0, null, null, null];

export function readShownLog(tape: TapeReader): { readonly dropped: number; readonly progress: Progress | null } {
  const [dropped, fence, at, value] = [countOf(tape.cell()), tape.textOrNull(), tape.cell(), tape.textOrNull()];
  const isTold = fence !== null && typeof at === 'number' && Math.abs(at) <= latestTime && value !== null;
  return { dropped, progress: isTold ? { fence, at, value } : null };
}

/** For the id of a job, a fence, a number and how many: the lines behind that place, and whether there are more is for the caller to ask. */
export const linesBehindSql = `
  SELECT CAST(fence AS TEXT), number, at, level, text, fields FROM lines
  WHERE job_id = ?1 AND (fence, number) > (CAST(?2 AS INTEGER), ?3) ORDER BY fence, number LIMIT CAST(?4 AS INTEGER)`;

/** The line of a row, or what can be said of one that is none: it is shown in its place all the same. */
export function readLine(tape: TapeReader): LogLine {
  const place = { fence: String(tape.cell()), number: Number(tape.cell()) };
  const row = [tape.cell(), tape.cell(), tape.cell(), tape.cell()];
  try {
    const cells = new TapeReader(row);
    return { ...place, at: cells.time(), level: levelOf(cells.number()), text: cells.text(), fields: cells.textOrNull() };
  } catch (error) {
    return unreadableLine(place, messageOf(error));
  }
}

/** For the id of a job and a row of `lineCells`. */
export const insertLineSql = `
  INSERT OR REPLACE INTO lines (job_id, fence, number, at, level, size, text, fields) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

export const lineCells = (line: LogLine): Row => [
  ...[line.fence, line.number, line.at, levelCode(line.level), sizeOfLine(line), line.text, line.fields],
];

const size = `iif(size BETWEEN 0 AND ${most}, size, 0)`;

/** For the id of a job: its lines, oldest first. */
export const lineSizesSql = `SELECT CAST(fence AS TEXT), number, ${size} FROM lines WHERE job_id = ? ORDER BY fence, number`;

/** For the id of a job: how many lines there are, and their sizes together. */
export const lineSumsSql = `SELECT count(*), coalesce(sum(${size}), 0) FROM lines WHERE job_id = ?`;

/** For the id of a job, a fence and a number: that line and all before it go. */
export const dropLinesSql = 'DELETE FROM lines WHERE job_id = ? AND (fence, number) <= (CAST(? AS INTEGER), ?)';
