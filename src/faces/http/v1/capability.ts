/**
 * The capability of an attempt: what proves that whoever brings it has claimed that attempt under that name. Only who has the cluster's
 * key can make one, and it proves nothing of another attempt.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { elsewhereHolder, provenBy } from '../../../core/elsewhere.ts';
import { HatstandError } from '../../../core/errors.ts';
import type { JobId } from '../../../core/id.ts';
import type { AttemptRef } from '../../../core/job.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { Proof } from './elsewhere-schemas.ts';

const macOf = (key: string, ref: AttemptRef, holder: string): string =>
  createHmac('sha256', key)
    .update(provenBy(ref, elsewhereHolder(holder)))
    .digest('base64url');

export const proofOf = (key: string, ref: AttemptRef, holder: string): Proof => ({
  holder,
  fence: ref.fence,
  capability: macOf(key, ref, holder),
});

/** The attempt that is proven. Throws `forbidden`. */
export async function provenAttempt(
  { attempts }: Pick<Api, 'attempts'>,
  id: JobId,
  { holder, fence, capability }: Proof,
): Promise<AttemptRef> {
  const ref = { id, fence };
  const proves = (key: string): boolean => timingSafeEqual(Buffer.from(macOf(key, ref, holder)), Buffer.from(capability));
  // Another node may have made another key, of a store that was filled anew.
  if (proves(await attempts.key(false)) || proves(await attempts.key(true))) return ref;
  throw new HatstandError(
    'forbidden',
    `The capability is not that of the attempt ${fence} of job ${id} under the holder ${JSON.stringify(holder)}. Send the proof as it came with the attempt.`,
    { field: 'proof' },
  );
}
