import type { Job, NewJob } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { LogText } from '../core/report.ts';
import type { Pushed } from './store/jobs.ts';

/** Why a running attempt is told to stop. */
export type StopReason = 'canceled' | 'timeout' | 'shutdown' | 'lost';

/** By which an executor is told to stop: what it needs of an AbortSignal, which is one. */
export interface StopSignal {
  readonly aborted: boolean;
  /** A StopReason once it is aborted. */
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A control message: somebody tells a task something, whoever runs it then. */
export interface Mail {
  /** Never that of another one. */
  readonly id: string;
  readonly name: string;
  /** JSON text; `null`: none. */
  readonly data: string | null;
}

/** What an attempt of a task has beside what others have: all of it is kept with the task, for the attempts that follow. */
export interface TaskKeeper {
  /** Aborted when the task is to go on elsewhere: the attempt may end by itself, until it is told to stop. */
  readonly handover: AbortSignal;
  /** The store has not been heard of for some seconds: nobody knows whether the attempt is held still. */
  isDetached(): boolean;
  /** JSON text, as the newest attempt kept it; `null`: none has kept any. */
  checkpoint(): Promise<string | null>;
  /** Keeps it, under the fence. Throws `conflict` when the attempt is not held any more, `too_large`. */
  keep(checkpoint: string): Promise<void>;
  /** What was not handled yet, in its order. */
  mail(): Promise<readonly Mail[]>;
  /** Called whenever there may be some; one at a time. */
  onMail(call: () => void): void;
  /** It need not be told to any attempt any more. Throws as `keep`. */
  handled(mail: Mail): Promise<void>;
}

/** To whom an executor tells of an attempt while it runs, and who passes it on. Once that has ended nothing is kept any more. */
export interface Reporter {
  /**
   * How far it is; the newest counts. Throws `too_large` for more than `reportLimits.progress` characters.
   *
   * @param value JSON text
   */
  progress(value: string): void;
  /** A line for the job's log. Of more lines than can be sent the newest are, and how many were not is told. */
  line(line: LogText): void;
  /**
   * Something that only who watches hears. Throws `invalid_request`, `too_large`.
   *
   * @param data JSON text; `null`: none
   */
  emit(name: string, data: string | null): void;
  /**
   * The same, and the event is kept: resolves when it is. Throws as `emit`, `conflict` when the attempt is not held any more, and what
   * keeps it throws.
   */
  emitDurable(name: string, data: string | null): Promise<void>;
  /**
   * Keeps jobs if the attempt is still held. Throws `conflict` when it is not, and what the store throws.
   *
   * @param jobs as many as one push keeps in one step
   */
  push(jobs: readonly NewJob[]): Promise<readonly Pushed[]>;
}

/** How a worker runs an attempt. It never throws: whatever happens becomes an outcome. */
export interface Executor {
  /**
   * `signal` is aborted with a StopReason as its reason; the executor then ends as soon as it can.
   *
   * @param task of a job of a task alone
   */
  run(job: Job, signal: StopSignal, reporter: Reporter, task?: TaskKeeper): Promise<Outcome>;
  /**
   * The store has taken the outcome of an attempt that `run` answered, and with it the job's run has ended: once a run at most,
   * never for a result that came too late. The same `job` object as `run` had. Must not throw.
   */
  ended?(job: Job, outcome: Outcome): void;
  /** Lets go of what is kept between attempts, such as connections. */
  close(): Promise<void>;
}
