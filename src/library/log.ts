/** The log of a job as the library shows it: fields and progress are values. */
import { isJobId } from '../core/id.ts';
import type { JobState } from '../core/job.ts';
import { type LogLine as LineRecord, type LogLevel, type LogPlace, type Progress as ProgressRecord, reportLimits } from '../core/report.ts';
import type { JobLog } from '../engine/api/log.ts';
import { checked, type Kind, type OptionsOf, orNull, whole } from './option.ts';

/** A line that an attempt told of its job. */
export interface LogLine {
  /** Of the attempt. */
  readonly fence: string;
  /** Among all lines of that attempt, from 1: what is missing between two was not kept. */
  readonly number: number;
  /** When it was told, in Unix milliseconds. */
  readonly at: number;
  readonly level: LogLevel;
  readonly text: string;
  /** Facts; `null`: there are none. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}

export interface LinesOptions {
  /** Lines behind this one, the last of an earlier page. Default: from the oldest on. */
  readonly after?: Pick<LogLine, 'fence' | 'number'> | null | undefined;
  /** Lines on a page. Default: 100. */
  readonly limit?: number | undefined;
}

/** How far an attempt is. */
export interface Progress {
  /** As the attempt told it. */
  readonly value: unknown;
  /** When that was told, in Unix milliseconds. */
  readonly at: number;
}

export interface LogPage {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
  /** There are further ones now. */
  readonly more: boolean;
  /** How many lines of all that were told are not kept. */
  readonly dropped: number;
  /** Of the job: once it has ended, and there are no more lines, none will come. */
  readonly state: JobState;
}

const place: Kind<LogPlace> = {
  expected: 'a line of an earlier page, with its fence and its number',
  read(value) {
    if (typeof value !== 'object' || value === null || !('fence' in value) || !('number' in value)) return undefined;
    const { fence, number } = value;
    const isPlace = typeof fence === 'string' && isJobId(fence) && typeof number === 'number' && Number.isSafeInteger(number);
    return isPlace ? { fence, number } : undefined;
  },
};

export const linesOptions = {
  after: { kind: orNull(place), default: 'from the oldest on' },
  limit: { kind: whole(1, reportLimits.keptLines), default: '100' },
} as const satisfies OptionsOf<LinesOptions>;

/** Throws `invalid_request`. */
export function linesAsked(options: LinesOptions | undefined): { readonly after: LogPlace | null; readonly limit: number } {
  const { after = null, limit = 100 } = checked(options, linesOptions, 'lines');
  return { after, limit };
}

export const logView = ({ lines, more, dropped, state }: JobLog): LogPage => ({ lines: lines.map(lineView), more, dropped, state });

const lineView = ({ fields, ...line }: LineRecord): LogLine => ({
  ...line,
  fields: fields === null ? null : (JSON.parse(fields) as LogLine['fields']),
});

export const progressView = ({ value, at }: ProgressRecord): Progress => ({ value: JSON.parse(value) as unknown, at });
