/** A job with an idempotency key: the same one whichever face it was pushed by, in another language too. */
import { hash } from 'node:crypto';
import type { NewJob } from '../../core/job.ts';
import { checkKey, identityOf } from '../../core/new-job.ts';

/** Throws `invalid_request` for a key that is empty or too long. */
export function keyedJob(job: NewJob, key: string): NewJob {
  return { ...job, idempotency: { key: checkKey(key), digest: hash('sha256', identityOf(job), 'base64url') } };
}
