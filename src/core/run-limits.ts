/** How far a worker lets those go who push to it: options of a push may lower its limits, and only an administrator's may raise them. */
import type { Millis } from './duration.ts';
import type { JobOptions } from './job.ts';

/** The limits that a worker sets; what it does not set is `undefined`, and a timeout of `null` is none. */
export interface RunLimits {
  readonly attempts?: number | undefined;
  readonly timeout?: Millis | null | undefined;
  readonly totalTimeout?: Millis | null | undefined;
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
