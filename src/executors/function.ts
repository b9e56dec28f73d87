/** Runs workers that are functions in this process. They may return and throw anything; the attempt ends, and the process lives. */
import type { Millis } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { Executor } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import { Attempt, outcomeOfStop } from './attempt.ts';
import { Context, type ContextParts } from './context.ts';
import type { StrayHeard } from './strays.ts';

export type AttemptFunction<View> = (payload: unknown, context: Context<View>) => unknown;

export interface FunctionParts<View> extends ContextParts<View> {
  /** When the first attempt of the job's run began, in Unix milliseconds of the store's clock. */
  firstStart(job: Job): Promise<number>;
}

/**
 * An executor for one function. It gets its payload parsed, `undefined` when there is none; what it returns is kept as JSON,
 * `undefined` as no output, and fails the attempt when it is none. A function that goes on after its timeout is not waited
 * for, also when it was canceled before, and its result does not count.
 */
export function makeFunctionExecutor<View>(call: AttemptFunction<View>, parts: FunctionParts<View>): Executor {
  return {
    async run(job, signal) {
      if (signal.aborted) return outcomeOfStop(signal.reason);
      const attempt = new Attempt(job, job.options.totalTimeout === undefined ? null : await timeLeft(job, parts));
      const payload: unknown = job.payload === null ? undefined : JSON.parse(job.payload);
      return attempt.run(() => call(payload, new Context(attempt, parts)), signal, strayOf(job, parts.log));
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

export const strayOf =
  ({ id, worker }: Job, log: Logger): StrayHeard =>
  (reason) =>
    log.warn('worker.left_rejection', { job: id, worker, error: messageOf(reason) });
