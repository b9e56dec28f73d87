/** How an attempt ends, as an executor reports it. A thrown error becomes a `failed` outcome; outcomes are never thrown. */
import type { Millis } from './duration.ts';
import type { JobResult } from './job.ts';

export type Outcome =
  /** `reason`: it was ended without an error, or was not to run. */
  | { readonly kind: 'succeeded'; readonly result: JobResult; readonly reason?: 'aborted' | 'refused' }
  /**
   * `retryAfter`: the worker asked for this wait; `final`: no further try, whatever the policy says; `left`: of the time that all
   * attempts may take together, so that none begins after it; `badTrigger`: why the trigger that pushed the job shall push no more.
   */
  | {
      readonly kind: 'failed';
      readonly result: JobResult;
      readonly retryAfter?: Millis;
      readonly final?: boolean;
      readonly left?: Millis;
      readonly badTrigger?: string;
    }
  /** Nothing was sent, because the web app does not answer: it is tried again after `delay`, without burning an attempt. */
  | { readonly kind: 'deferred'; readonly result: JobResult; readonly delay: Millis }
  /** The worker decided that there is nothing to do. */
  | { readonly kind: 'skipped'; readonly result: JobResult }
  /** The node stops: the job goes back without burning an attempt. */
  | { readonly kind: 'returned' };
