/** How far a worker lets those go who push to it: options of a push may lower its limits, and only an administrator's may raise them. */
import type { Millis } from './duration.ts';
import { HatstandError } from './errors.ts';
import type { JobOptions, NewJob } from './job.ts';

/** The limits that a worker sets; what it does not set is `undefined`, and a timeout of `null` is none. */
export interface RunLimits {
  readonly attempts?: number | undefined;
  readonly timeout?: Millis | null | undefined;
  readonly totalTimeout?: Millis | null | undefined;
}

/** What a worker says of who may push to it, and how. */
export interface WorkerRules {
  /** Administrators alone may. */
  readonly adminOnly: boolean;
  readonly limits: RunLimits;
}

/** The job as the worker takes it. Throws `unknown_worker` for who may not push to it. */
export function taken(job: NewJob, rules: WorkerRules | null, isAdmin: boolean): NewJob {
  if (rules === null || isAdmin) return job;
  if (rules.adminOnly) throw new HatstandError('unknown_worker', `There is no worker ${JSON.stringify(job.worker)}.`, { field: 'worker' });
  const options = within(job.options, rules.limits);
  return options === job.options ? job : { ...job, options };
}

/** Of several nodes, or of a worker that they declare differently: the strictest. */
export function strictest(a: WorkerRules, b: WorkerRules): WorkerRules {
  const lower = (one: Millis | null | undefined, other: Millis | null | undefined): Millis | undefined =>
    one == null ? (other ?? undefined) : other == null ? one : Math.min(one, other);
  return {
    adminOnly: a.adminOnly || b.adminOnly,
    limits: {
      attempts: lower(a.limits.attempts, b.limits.attempts),
      timeout: lower(a.limits.timeout, b.limits.timeout),
      totalTimeout: lower(a.limits.totalTimeout, b.limits.totalTimeout),
    },
  };
}

/** `undefined` for a worker that takes any job from anybody: most do. */
export function toldRules({ adminOnly, limits }: WorkerRules): WorkerRules | undefined {
  const isFree = !adminOnly && limits.attempts === undefined && limits.timeout == null && limits.totalTimeout == null;
  return isFree ? undefined : { adminOnly, limits };
}

const isLength = (value: unknown): boolean => value == null || (typeof value === 'number' && value >= 0 && Number.isFinite(value));
const isAttempts = (value: unknown): boolean => value === undefined || (Number.isSafeInteger(value) && Number(value) >= 1);

/** Whether somebody has told such rules. */
export function isRules(value: unknown): value is WorkerRules {
  if (typeof value !== 'object' || value === null) return false;
  const { adminOnly, limits } = value as Readonly<Record<string, unknown>>;
  if (typeof adminOnly !== 'boolean' || typeof limits !== 'object' || limits === null) return false;
  const { attempts, timeout, totalTimeout } = limits as Readonly<Record<string, unknown>>;
  return isAttempts(attempts) && isLength(timeout) && isLength(totalTimeout);
}

/** What was asked for, within the limits: a larger value becomes the limit (cozy-stack). */
export function within(asked: JobOptions, limits: RunLimits): JobOptions {
  const attempts = Math.min(asked.retry.attempts, limits.attempts ?? asked.retry.attempts);
  const timeout = least(asked.timeout, limits.timeout);
  const totalTimeout = least(asked.totalTimeout ?? null, limits.totalTimeout);
  if (attempts === asked.retry.attempts && timeout === asked.timeout && totalTimeout === (asked.totalTimeout ?? null)) return asked;
  const { totalTimeout: _, ...rest } = asked;
  const lowered = { ...rest, timeout, retry: { ...asked.retry, attempts } };
  return totalTimeout === null ? lowered : { ...lowered, totalTimeout };
}

/** `null` is beyond all. */
function least(asked: Millis | null, limit: Millis | null | undefined): Millis | null {
  if (limit === undefined || limit === null) return asked;
  return asked === null ? limit : Math.min(asked, limit);
}
