/** What is refused about batches, in words. */
import { type BatchRef, batchLimits } from '../../core/batch.ts';
import { HatstandError } from '../../core/errors.ts';

/** Throws `too_large` for more jobs than a batch may have. */
export function checkCount(more: number, before: number): void {
  if (before + more <= batchLimits.jobs) return;
  const message = `A batch may have ${batchLimits.jobs} jobs in all; with these it would have ${before + more}.`;
  throw new HatstandError('too_large', message, { field: 'jobs', limit: batchLimits.jobs });
}

export const conflict = (ref: BatchRef, message: string): HatstandError => new HatstandError('conflict', message, { batch: ref.id });
export const taken = (ref: BatchRef, why: string): HatstandError => conflict(ref, `${why}: ${JSON.stringify(ref.id)}. Choose another id.`);
export const stillMade = (ref: BatchRef): HatstandError =>
  conflict(ref, `The jobs of the batch ${JSON.stringify(ref.id)} are still being pushed; it is sealed when they are.`);
export const tooLate = (ref: BatchRef): HatstandError =>
  conflict(
    ref,
    `The batch ${JSON.stringify(ref.id)} ended while these jobs were pushed: they run, but it has not waited for them. Seal a batch behind its last push.`,
  );
/** Jobs of a batch that is made have keys of their own; those that are added have what their pusher gives them. */
export function refusedOf({ code, message, details }: HatstandError, kept: number, total: number): HatstandError {
  const told = `${kept} of the ${total} jobs are kept. Making the batch again does not keep them again, nor does adding jobs under the same idempotency keys.`;
  return new HatstandError(code, `${message} ${told}`, { ...details, kept, refused: total - kept });
}
