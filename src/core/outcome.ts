/** How an attempt ends, as an executor reports it. A thrown error becomes a `failed` outcome; outcomes are never thrown. */
import type { Millis } from './duration.ts';
import type { JobResult } from './job.ts';

export type Outcome =
  | { readonly kind: 'succeeded'; readonly result: JobResult }
  /** `retryAfter`: the worker asked for this wait; `final`: no further try, whatever the policy says. */
  | { readonly kind: 'failed'; readonly result: JobResult; readonly retryAfter?: Millis; readonly final?: boolean }
  /** Nothing was sent, because the web app does not answer: it is tried again after `delay`, without burning an attempt. */
  | { readonly kind: 'deferred'; readonly result: JobResult; readonly delay: Millis }
  /** The worker decided that there is nothing to do. */
  | { readonly kind: 'skipped'; readonly result: JobResult }
  /** The node stops: the job goes back without burning an attempt. */
  | { readonly kind: 'returned' };
