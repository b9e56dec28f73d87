/** Jobs that are worth nothing when they begin late: one that has not begun in time is canceled with the reason `expired`. */
import { formatDuration, parseDuration } from './duration.ts';
import { HatstandError } from './errors.ts';
import type { Job, JobOptions, NewJob, StartBefore } from './job.ts';
import { latestTime, parseTime, timeText } from './time.ts';

export type { StartBefore } from './job.ts';

/** Whether what was kept, or comes in, is one. */
export function isStartBefore(value: unknown): value is StartBefore {
  if (typeof value !== 'object' || value === null) return false;
  return 'at' in value ? isMillis(value.at) : 'delay' in value && isMillis(value.delay);
}

const isMillis = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= latestTime;

/**
 * Throws `invalid_request` for one that is none, or by which the job may not have started yet: one without a start may start with its push.
 * Of a time and an interval only the store knows which comes first; a time that has passed is taken, and the job expires.
 */
export function checkStartBefore(startBefore: StartBefore, start: NewJob['start']): void {
  if (!isStartBefore(startBefore)) throw wrong('startBefore must be a duration, or a time until the year 9999.');
  if ('at' in startBefore) {
    if (start !== null && 'at' in start && start.at >= startBefore.at)
      throw wrong('startBefore must be later than at: the job could never start.');
    return;
  }
  if (startBefore.delay <= 0) throw wrong('startBefore must be longer than no time at all: the job could never start.');
  if (start !== null && 'delay' in start && start.delay >= startBefore.delay)
    throw wrong('startBefore must be longer than delay: the job could never start.');
}

const wrong = (message: string): HatstandError => new HatstandError('invalid_request', message, { field: 'startBefore' });

/** In Unix milliseconds; `null`: it may begin at any time. A step of the wall clock does not show in it: a delay is an interval. */
export function startBeforeOf({ options, createdAt }: Pick<Job, 'options' | 'createdAt'>): number | null {
  const { startBefore } = options;
  if (startBefore === undefined) return null;
  return 'at' in startBefore ? startBefore.at : Math.ceil(createdAt + startBefore.delay);
}

/** Whether it can expire: an attempt that was handed back has begun, and what a person restarts knows no such time. */
export const neverBegan = ({ state, run, fence }: Pick<Job, 'state' | 'run' | 'fence'>): boolean =>
  (state === 'scheduled' || state === 'queued') && run === 1 && fence === '0';

/** A text that is a duration such as `"10m"`, or a time. Throws `invalid_request`. */
export function readStartBefore(text: string, what = 'startBefore', field = 'startBefore'): StartBefore {
  return /^[\d.]+[a-z]/.test(text) ? { delay: parseDuration(text, what, field) } : { at: parseTime(text, what, field) };
}

/** The same options, with what is said of it: `undefined`: as before; `null`: it may begin at any time. */
export function withStartBefore(options: JobOptions, startBefore: StartBefore | null | undefined): JobOptions {
  if (startBefore === undefined) return options;
  const { startBefore: _, ...others } = options;
  return startBefore === null ? others : { ...others, startBefore };
}

/** The options of a job that somebody asks for by hand: the moment that is said for others has perhaps passed, an interval counts from its push. */
export const withoutMoment = (options: JobOptions): JobOptions =>
  options.startBefore !== undefined && 'at' in options.startBefore ? withStartBefore(options, null) : options;

/** As a push says it; `null`: it does not. */
export const writtenStartBefore = (startBefore: StartBefore | undefined): string | null =>
  startBefore === undefined ? null : 'at' in startBefore ? timeText(startBefore.at) : formatDuration(startBefore.delay);
