/** A push of many that ended before its last slice, with what is kept as the library shows it. */
import { HatstandError } from '../core/errors.ts';
import type { PushCutShort as CutShort } from '../engine/api/jobs.ts';
import type { Job } from './job.ts';

/** What became of one of the jobs. */
export type KeptJob =
  /** `replayed`: its idempotency key was known, and this is the job of the earlier push. */
  | { readonly kind: 'pushed' | 'replayed'; readonly job: Job }
  /** Its idempotency key belongs to another job, or to one that is deleted. */
  | { readonly kind: 'conflict'; readonly id: string };

/**
 * Thrown by `pushMany` when a slice fails behind others. `code` and `cause` are those of the failure; `details.kept` is how many
 * jobs are kept, and `details.unconfirmed`, with the code `unconfirmed`, of how many behind them it is not known. All others are
 * not kept.
 */
export class PushCutShort extends HatstandError {
  /** What became of the first jobs, in order. */
  readonly kept: readonly KeptJob[];

  /** @internal */
  constructor(cut: CutShort<Job>, message: string) {
    super(cut.code, message, cut.details, { cause: cut.cause });
    this.kept = cut.kept;
  }
}
