/** Unique jobs: as long as one lasts, a push of another one of its scope makes no job, and is answered with the one that there is. */
import { formatDuration, longestDuration, parseDuration } from './duration.ts';
import { HatstandError } from './errors.ts';
import { hasEnded, type Job, type JobOptions, type Unique, type UniqueScope } from './job.ts';

export type { Unique, UniqueScope } from './job.ts';

export const uniqueScopePattern = /^(?:worker|domain|key:[\x20-\x7e]{1,256})$/;
export const uniqueScopeExpected = 'worker, domain, or key: and 1 to 256 printable ASCII characters';
export const isUniqueScope = (text: unknown): text is UniqueScope => typeof text === 'string' && uniqueScopePattern.test(text);

/** When a push does not say it. */
export const usualUntil = 'ended';

const isUntil = (until: unknown): until is Unique['until'] =>
  until === 'started' || until === 'ended' || (Number.isInteger(until) && Number(until) >= 1 && Number(until) <= longestDuration);

/** Whether what was kept, or comes in, is one. */
export function isUnique(value: unknown): value is Unique {
  if (typeof value !== 'object' || value === null || !('scope' in value) || !('until' in value)) return false;
  return isUniqueScope(value.scope) && isUntil(value.until);
}

/** Throws `invalid_request`. */
export function checkUnique(unique: { readonly scope: string; readonly until: Unique['until'] }): asserts unique is Unique {
  if (!isUniqueScope(unique.scope)) {
    const message = `unique.scope must be ${uniqueScopeExpected}, not ${JSON.stringify(unique.scope.slice(0, 160))}.`;
    throw new HatstandError('invalid_request', message, { field: 'unique.scope' });
  }
  if (isUntil(unique.until)) return;
  const message = `unique.until must be started, ended, or a duration of at least 1ms and at most ten years, not ${String(unique.until)}.`;
  throw new HatstandError('invalid_request', message, { field: 'unique.until' });
}

/** What stores know a unique job by, within its domain. */
export const uniqueKey = ({ scope }: Unique, worker: string): string => (scope === 'worker' ? `worker:${worker}` : scope);

/** A job that was unique when it was pushed, `since` then, by the clock of intervals. */
export interface Lasting {
  readonly until: Unique['until'];
  readonly since: number;
}

/**
 * Whether it still keeps others of its scope from being pushed. One that was handed back without being counted waits as if it had not
 * begun; one that was restarted counts as its record says.
 */
export function isLasting({ until, since }: Lasting, job: Pick<Job, 'state' | 'attempt'>, steady: number): boolean {
  if (until === 'ended') return !hasEnded(job.state);
  if (until === 'started') return (job.state === 'scheduled' || job.state === 'queued') && job.attempt === 0;
  return steady - since < until;
}

/** The options of a job that somebody asks for whatever else there is: a copy, or the job of a past tick. */
export function notUnique(options: JobOptions): JobOptions {
  if (options.unique === undefined) return options;
  const { unique: _, ...others } = options;
  return others;
}

/** What is told of a firing of which so many jobs were not pushed, since they were there. */
export const withDuplicates = (note: string, count: number): string =>
  count === 0 ? note : `${note === '' ? '' : `${note}; `}${count} not pushed: there is one already`;

/** As it is written in JSON: a time is a duration such as `"1d"`. */
export interface WrittenUnique {
  readonly scope: string;
  readonly until?: string;
}

export const writtenUnique = ({ scope, until }: Unique): Required<WrittenUnique> => ({
  scope,
  until: typeof until === 'number' ? formatDuration(until) : until,
});

/** Throws `invalid_request`. */
export function readUnique({ scope, until = usualUntil }: WrittenUnique): Unique {
  const lasts: Unique['until'] = until === 'started' || until === 'ended' ? until : parseDuration(until, 'unique.until');
  const asked = { scope, until: lasts };
  checkUnique(asked);
  return asked;
}

/** The same options, with what is said of it: `undefined`: as before; `null`: there may be any number. */
export function withUnique(options: JobOptions, unique: Unique | null | undefined): JobOptions {
  if (unique === undefined) return options;
  return unique === null ? notUnique(options) : { ...options, unique };
}
