/** A job with an idempotency key: the same one whichever face it was pushed by, in another language too. */
import { hash } from 'node:crypto';
import type { NewJob } from '../../core/job.ts';
import { checkKey, identityOf } from '../../core/new-job.ts';

/** The key of a job that a trigger pushes for what names it from outside, whatever the length of that. */
export const derivedKey = (kind: 'backfill' | 'webhook', name: string): string => `${kind}/${hash('sha256', name, 'base64url')}`;

/** Throws `invalid_request` for a key that is empty or too long. */
export function keyedJob(job: NewJob, key: string): NewJob {
  return { ...job, idempotency: { key: checkKey(key), digest: hash('sha256', identityOf(job), 'base64url') } };
}
