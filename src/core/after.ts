/**
 * Jobs that wait for others: `after` names them, and such a job starts when all of them have ended. Until then it is scheduled, no claim
 * looks at it, and its reason tells how many are left. An end counts once it has come: that somebody restarts the job changes nothing.
 */
import { HatstandError } from './errors.ts';
import { isJobId, type JobId } from './id.ts';
import type { After, EndState, Job, JobOptions } from './job.ts';

export type { After } from './job.ts';

/** Of more jobs, a batch tells when they have ended. */
export const mostAwaited = 100;
export const onFailures = ['cancel', 'start'] as const;
/** When a push does not say it. */
export const usualOnFailure = 'cancel';

/** Whether what was kept, or comes in, is one. */
export function isAfter(value: unknown): value is After {
  if (typeof value !== 'object' || value === null || !('jobs' in value) || !('onFailure' in value)) return false;
  const { jobs, onFailure } = value;
  return Array.isArray(jobs) && hasFew(jobs) && jobs.every(isId) && onFailures.some((each) => each === onFailure);
}

const isId = (id: unknown): id is JobId => typeof id === 'string' && isJobId(id);
const hasFew = ({ length }: readonly unknown[]): boolean => length >= 1 && length <= mostAwaited;

/** Throws `invalid_request`. */
export function checkAfter({ jobs, onFailure }: { readonly jobs: readonly string[]; readonly onFailure: string }): void {
  if (!hasFew(jobs)) {
    const message = `after.jobs must be 1 to ${mostAwaited} ids of jobs, not ${jobs.length}. A batch tells when more of them have ended.`;
    throw new HatstandError('invalid_request', message, { field: 'after.jobs' });
  }
  for (const id of jobs) {
    if (isId(id)) continue;
    throw new HatstandError('invalid_request', `after.jobs must be ids of jobs, not ${JSON.stringify(String(id).slice(0, 64))}.`, {
      field: 'after.jobs',
    });
  }
  if (onFailures.some((each) => each === onFailure)) return;
  throw new HatstandError('invalid_request', `after.onFailure must be ${onFailures.join(' or ')}, not ${JSON.stringify(onFailure)}.`, {
    field: 'after.onFailure',
  });
}

/** As it is written in JSON. */
export interface WrittenAfter {
  readonly jobs: readonly string[];
  readonly onFailure?: string;
}

/** Beyond what any store gives. */
const isBeyond = (id: string): boolean => /^[1-9]\d{18}$/.test(id) && !isJobId(id);

/** Each job counts once. Throws `invalid_request`, or `awaited_missing` for an id that no job can have. */
export function readAfter({ jobs, onFailure = usualOnFailure }: WrittenAfter): After {
  const beyond = jobs.find(isBeyond);
  if (beyond !== undefined) throw awaitedMissing(beyond);
  const after = { jobs: [...new Set(jobs)], onFailure };
  checkAfter(after);
  return { ...after, onFailure: onFailure === 'start' ? 'start' : 'cancel' };
}

/** Why a job waits that is scheduled, and that is due no sooner than so many others have ended. */
export const waitingReason = (left: number): string => `after ${left} left`;

const waitingPattern = /^after (\d{1,9}) left$/;

/** For how many others it still waits; `null`: for none. */
export function leftOf({ state, reason }: Pick<Job, 'state' | 'reason'>): number | null {
  if (state !== 'scheduled' || reason === '') return null;
  const left = waitingPattern.exec(reason)?.[1];
  return left === undefined ? null : Number(left);
}

/** Why a job was canceled that waited for this one. */
export const failedReason = (awaited: JobId): string => `after ${awaited}`;

/** Whether the end of a job for which it waits ends it, too. */
export const isEndedBy = ({ onFailure }: Pick<After, 'onFailure'>, awaited: EndState): boolean =>
  onFailure === 'cancel' && awaited !== 'succeeded';

/** How many ends of awaited jobs are told to those that wait for them in one step; whom one cancels takes as many as it still waited for. */
export const toldAtOnce = 1_000;

export const awaitedMissing = (awaited: JobId): HatstandError => {
  const message = `There is no job ${awaited} to wait for: it never was, or is deleted. Push without it, or push it first.`;
  return new HatstandError('awaited_missing', message, { field: 'after.jobs', job: awaited });
};

/** For people and programs: what a job waits for, and how many of these are left; `null`: it never waited. */
export function shownAfter(job: Pick<Job, 'state' | 'reason' | 'options'>): (After & { readonly left: number }) | null {
  const { after } = job.options;
  return after === undefined ? null : { ...after, left: leftOf(job) ?? 0 };
}

/** The same options, with what is said of it: `undefined`: as before; `null`: it waits for none. */
export function withAfter(options: JobOptions, after: After | null | undefined): JobOptions {
  if (after === undefined) return options;
  const { after: _, ...others } = options;
  return after === null ? others : { ...others, after };
}
