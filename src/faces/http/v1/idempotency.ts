/** The idempotency key of a push. */
import { HatstandError } from '../../../core/errors.ts';
import type { NewJob } from '../../../core/job.ts';
import { jobLimits } from '../../../core/new-job.ts';

const visible = /^[\x20-\x7e]+$/;

/** The key from the `Idempotency-Key` header; `null` without one. Throws `invalid_request`. */
export function headerKey(header: string | readonly string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && header.length <= jobLimits.idempotencyKey && visible.test(header)) return header;
  throw new HatstandError(
    'invalid_request',
    `Idempotency-Key must be one text of 1 to ${jobLimits.idempotencyKey} visible ASCII characters.`,
    { field: 'Idempotency-Key' },
  );
}

/** A push's one key, wherever it stands. Throws `invalid_request` when body and header differ. */
export function oneKey(inBody: string | undefined, inHeader: string | null): string | null {
  if (inBody === undefined || inHeader === null || inBody === inHeader) return inBody ?? inHeader;
  throw new HatstandError('invalid_request', 'idempotencyKey and the Idempotency-Key header differ; give one of them.', {
    field: 'idempotencyKey',
  });
}

export function keyReused(job: Pick<NewJob, 'idempotency'>, id: string): HatstandError {
  return new HatstandError(
    'key_reused',
    `The idempotency key ${JSON.stringify(job.idempotency?.key ?? '')} belongs to job ${id}, which is deleted or was pushed with another url, payload or options. Use a new key for a new job.`,
    { field: 'idempotencyKey', job: id },
  );
}
