/**
 * What the holder of a running attempt tells of it: how far it is, and lines for its job's log. Of a log the newest lines are kept;
 * how many were not is told.
 */
import type { Millis } from './duration.ts';
import type { Job } from './job.ts';

/** From what only its author wants to know to what somebody should look at. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogText {
  readonly level: LogLevel;
  readonly text: string;
  /** A JSON object; `null`: none. */
  readonly fields: string | null;
}

/** Where a line stands in the log of its job: in the order of the fences, and then of the numbers. */
export interface LogPlace {
  /** Of the attempt that told it. */
  readonly fence: string;
  /** Among all that the attempt has told, from 1: what is missing between two was not kept. */
  readonly number: number;
}

/** A line on its way to the store. */
export interface NewLine extends LogText {
  readonly number: number;
  /** How long before its report it was told: a node's clock may differ from the store's. */
  readonly ago: Millis;
}

export interface LogLine extends LogText, LogPlace {
  /** In Unix milliseconds of the store's clock. */
  readonly at: number;
}

/** How far an attempt is. */
export interface Progress {
  /** Of the attempt that told it. */
  readonly fence: string;
  /** In Unix milliseconds of the store's clock. */
  readonly at: number;
  /** JSON text, such as `0.5` or `{"done":3,"of":7}`. */
  readonly value: string;
}

/** Texts in characters. */
export const reportLimits = {
  text: 8_192,
  fields: 8_192,
  progress: 16_384,
  /** Lines of one report, and their sizes together: what an attempt gathers from one report to the next. */
  lines: 500,
  characters: 128 * 1024,
  /** Lines that are kept of one job, and their sizes together: the newest. */
  keptLines: 1_000,
  keptCharacters: 256 * 1024,
} as const;

/** What a line takes beside its texts. */
const plainSize = 64;

export const sizeOfLine = ({ text, fields }: LogText): number => plainSize + text.length + (fields?.length ?? 0);

/** The line as it is kept: a longer text is cut, longer fields are left out, and the text says so. */
export function logText(level: LogLevel, text: string, fields: string | null): LogText {
  const isLong = fields !== null && fields.length > reportLimits.fields;
  const note = isLong ? ` … without its fields of ${fields.length} characters` : '';
  const room = reportLimits.text - note.length;
  const shown = text.length <= room ? text : `${text.slice(0, room - cutRoom)} … and ${text.length - room + cutRoom} more characters`;
  return { level, text: `${shown}${note}`.toWellFormed(), fields: isLong ? null : (fields?.toWellFormed() ?? null) };
}

/** For the words that say how much was cut. */
const cutRoom = 48;

/** What a store knows of the log of one job beside its lines. */
export interface LogHead {
  /** The newest line that was told; `null`: there was none. */
  readonly told: LogPlace | null;
  /** How many of all that were told are not kept. */
  readonly dropped: number;
}

export const emptyLog: LogHead = { told: null, dropped: 0 };

/** The number of the newest line that was told under this fence; 0: none was. */
export const newestTold = ({ told }: LogHead, fence: string): number => (told?.fence === fence ? told.number : 0);

/**
 * Which of the lines are new, and the head with them: a report that is repeated tells nothing new, and numbers that were passed over
 * are lines that its holder did not keep.
 */
export function tellLines<Line extends Pick<NewLine, 'number'>>(
  head: LogHead,
  fence: string,
  lines: readonly Line[],
): { readonly head: LogHead; readonly lines: readonly Line[] } {
  const told = newestTold(head, fence);
  const fresh = lines.filter(({ number }) => number > told);
  const last = fresh.at(-1);
  if (last === undefined) return { head, lines: fresh };
  return { head: { told: { fence, number: last.number }, dropped: head.dropped + last.number - told - fresh.length }, lines: fresh };
}

/**
 * How many of the oldest lines go, so that no more are left than are kept.
 *
 * @param sizes of the oldest lines, oldest first, as many as are looked at
 * @param lines how many there are in all
 * @param characters their sizes together
 */
export function surplusOf(sizes: Iterable<number>, lines: number, characters: number): { readonly lines: number; readonly size: number } {
  let [count, size] = [0, 0];
  for (const each of sizes) {
    if (lines - count <= reportLimits.keptLines && characters - size <= reportLimits.keptCharacters) break;
    count += 1;
    size += each;
  }
  return { lines: count, size };
}

/** A job's progress is that of its newest attempt as long as its record shows that: while it runs, and after it ended the job. */
export function progressOf(job: Pick<Job, 'fence' | 'startedAt'>, progress: Progress | null): Progress | null {
  return progress !== null && progress.fence === job.fence && job.startedAt !== null ? progress : null;
}

/** Stands in a log for a line that is kept, but cannot be read. */
export const unreadableLine = (place: LogPlace, reason: string): LogLine => ({
  ...place,
  at: 0,
  level: 'error',
  text: `This line cannot be read: ${reason}`,
  fields: null,
});
