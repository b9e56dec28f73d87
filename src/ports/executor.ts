import type { Job } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';

/** Why a running attempt is told to stop. */
export type StopReason = 'canceled' | 'timeout' | 'shutdown' | 'lost';

/** How a worker runs an attempt. It never throws: whatever happens becomes an outcome. */
export interface Executor {
  /** `signal` is aborted with a StopReason as its reason; the executor then ends as soon as it can. */
  run(job: Job, signal: AbortSignal): Promise<Outcome>;
  /**
   * The store has taken the outcome of an attempt that `run` answered, and with it the job's run has ended: once a run at most,
   * never for a result that came too late. The same `job` object as `run` had. Must not throw.
   */
  ended?(job: Job, outcome: Outcome): void;
  /** Lets go of what is kept between attempts, such as connections. */
  close(): Promise<void>;
}
