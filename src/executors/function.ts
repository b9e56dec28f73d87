/** Runs workers that are functions in this process. They may return and throw anything; the attempt ends, and the process lives. */
import type { Millis } from '../core/duration.ts';
import type { Job } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Executor, Reporter, StopReason, StopSignal } from '../ports/executor.ts';
import { Attempt, outcomeOfStop } from './attempt.ts';
import { Context, type ContextParts } from './context.ts';
import { Scope } from './strays.ts';

export type AttemptFunction<View> = (payload: unknown, context: Context<View>) => unknown;

export interface FunctionParts<View> extends ContextParts<View> {
  /** Its name. */
  readonly worker: string;
  /** When the first attempt of the job's run began, in Unix milliseconds of the store's clock. */
  firstStart(job: Job): Promise<number>;
}

/**
 * An executor for one function. It gets its payload parsed, `undefined` when there is none; what it returns is kept as JSON,
 * `undefined` as no output, and fails the attempt when it is none. A function that goes on after its timeout is not waited
 * for, also when it was canceled before, and its result does not count.
 */
export function makeFunctionExecutor<View>(call: AttemptFunction<View>, parts: FunctionParts<View>): Executor {
  // One for all attempts: making one for each would cost more than most of them do.
  const scope = new Scope(parts.log, { worker: parts.worker });

  function attempted(job: Job, left: Millis | null, signal: StopSignal, reporter: Reporter): Promise<Outcome> {
    const attempt = new Attempt(job, left, reporter);
    const calling = (): unknown => call(job.payload === null ? undefined : JSON.parse(job.payload), new Context(attempt, parts));
    return attempt.run(calling, signal, scope);
  }

  return {
    run(job, signal, reporter) {
      if (signal.aborted) return Promise.resolve(outcomeOfStop(signal.reason as StopReason));
      // Most have no such limit, and need not wait to be told.
      if (job.options.totalTimeout === undefined) return attempted(job, null, signal, reporter);
      return timeLeft(job, parts).then((left) => attempted(job, left, signal, reporter));
    },
    close: () => Promise.resolve(),
  };
}

/** Of its totalTimeout; `null`: it has none. Both times are the store's. */
export async function timeLeft<View>(job: Job, { firstStart }: FunctionParts<View>): Promise<Millis | null> {
  const { totalTimeout } = job.options;
  if (totalTimeout === undefined || job.startedAt === null) return null;
  return Math.max(0, totalTimeout - (job.startedAt - Math.min(job.startedAt, await firstStart(job))));
}
