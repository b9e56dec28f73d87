/** A push of many that did not keep all of them, with what is kept as the library shows it. */
import { HatstandError } from '../core/errors.ts';
import type { PushKind } from '../core/job.ts';
import type { PushCutShort as CutShort, PushedJob } from '../engine/api/jobs.ts';
import type { Job } from './job.ts';
import { otherJob, useNewKey } from './new-job.ts';

/** What became of one of the jobs. */
export type KeptJob =
  /** `replayed`: its idempotency key was known, and this is the job of the earlier push; `duplicate`: it is unique, and was there already. */
  | { readonly kind: PushKind; readonly job: Job }
  /** It is not kept: the `beforeHook` of its worker skipped it. Its job has no id. */
  | { readonly kind: 'skipped'; readonly job: Job }
  /** It is not kept: its idempotency key belongs to this other job, which may be deleted. */
  | { readonly kind: 'conflict'; readonly id: string }
  /** It is not kept, for this reason: its queue is closed, or a limit is reached. */
  | { readonly kind: 'refused'; readonly error: HatstandError };

/**
 * Thrown by `pushMany` when it has not kept all jobs.
 *
 * - When a slice fails behind others: `code` and `cause` are those of the failure, and `details.unconfirmed`, with the code
 *   `unconfirmed`, is of how many jobs behind those in `kept` it is not known. All others are not kept.
 * - When idempotency keys belong to other jobs: all slices were pushed, the code is `key_reused`, `details.field` is the place of the
 *   first of these payloads, and `details.job` the id of the other job.
 * - When jobs were refused: all slices were pushed, and the code is that of the first refusal, `queue_closed`, `limit_reached` or `awaited_missing`.
 *
 * `details.kept` is how many jobs are kept, `details.conflicts` how many are not, as their keys belong to other jobs, and
 * `details.refused` how many were refused.
 */
export class PushCutShort extends HatstandError {
  /** What became of the first jobs, in order: of all of them, if no slice failed. */
  readonly kept: readonly KeptJob[];

  /** @internal */
  constructor({ code, details, cause }: Pick<CutShort<Job>, 'code' | 'details' | 'cause'>, kept: readonly KeptJob[], message: string) {
    super(code, message, details, { cause });
    this.kept = kept;
  }
}

/** The same of the jobs that a push shows. */
export type Kept<Shown> = PushedJob<Shown> | { readonly kind: 'skipped'; readonly job: Shown };

/**
 * What was pushed, with what was skipped at its place.
 *
 * @param skipped by its place among all
 */
export function withSkipped<Shown>(pushed: readonly PushedJob<Shown>[], skipped: ReadonlyMap<number, Shown>): readonly Kept<Shown>[] {
  const all: Kept<Shown>[] = [];
  const addSkipped = (): void => {
    for (let job = skipped.get(all.length); job !== undefined; job = skipped.get(all.length)) all.push({ kind: 'skipped', job });
  };
  for (const each of pushed) {
    addSkipped();
    all.push(each);
  }
  addSkipped();
  return all;
}

/** Throws `PushCutShort` when idempotency keys belong to other jobs, or some were refused, which stops none but theirs. */
export function allKept<Payload, Value>(pushed: readonly Kept<Job<Payload, Value>>[]): readonly Job<Payload, Value>[] {
  const jobs = pushed.flatMap((each) => ('job' in each ? [each.job] : []));
  if (jobs.length < pushed.length) throw cutShort(pushed, jobs.length);
  return jobs;
}

function cutShort(pushed: readonly Kept<Job>[], kept: number): PushCutShort {
  const count = (wanted: Kept<Job>['kind']): number => pushed.filter(({ kind }) => kind === wanted).length;
  const [conflicts, refused] = [count('conflict'), count('refused')];
  const at = pushed.findIndex((each) => !('job' in each));
  const [first, field] = [pushed[at], `payloads[${at}]`];
  const others = conflicts === 1 ? '' : `; ${conflicts - 1} more of other jobs, too`;
  const rest = kept === 0 ? 'No job is kept.' : `${kept} of the ${pushed.length} jobs ${kept === 1 ? 'is' : 'are'} kept.`;
  const counts = { kept, ...(conflicts === 0 ? {} : { conflicts }), ...(refused === 0 ? {} : { refused }) };
  if (first?.kind === 'conflict') {
    const details = { field, job: first.id, ...counts };
    const message = `${field} of pushMany has the idempotency key of ${otherJob(first.id)}${others}. ${useNewKey} ${rest}`;
    return new PushCutShort({ code: 'key_reused', details, cause: undefined }, pushed, message);
  }
  if (first?.kind !== 'refused') throw new Error('all jobs are kept');
  const { code, message, details } = first.error;
  return new PushCutShort(
    { code, details: { ...details, field, ...counts }, cause: first.error },
    pushed,
    `${field} of pushMany: ${message} ${rest}`,
  );
}
