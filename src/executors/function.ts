/** Runs workers that are TypeScript functions in this process. */
import { longestTimer, type Millis } from '../core/duration.ts';
import { type Job, type JobResult, noResult } from '../core/job.ts';
import { jobLimits } from '../core/new-job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Executor, StopReason } from '../ports/executor.ts';
import { thrownResult } from './thrown.ts';

/** What a function gets beside its payload. */
export interface FunctionContext {
  readonly job: Job;
  /** Greater with every attempt: what the function writes elsewhere can refuse a smaller one. */
  readonly fence: string;
  /** Aborted when the attempt should end: canceled, timed out, the node stops, or the lease is lost. */
  readonly signal: AbortSignal;
}

export type WorkerFunction<Payload> = (payload: Payload, context: FunctionContext) => unknown;

/** Thrown by a function when there is nothing to do: the job ends canceled, with the reason `skipped`. */
export class Skip extends Error {}

/** Thrown by a function when trying again would not help: the job fails whatever its retry policy says. */
export class Final extends Error {}

/**
 * An executor for one function. What it returns is kept as JSON, `undefined` as no output. A function that goes on after
 * its timeout is not waited for, also when it was canceled before, and its result does not count.
 */
export function makeFunctionExecutor(call: WorkerFunction<unknown>): Executor {
  return {
    async run(job, signal) {
      if (signal.aborted) return outcomeOfStop(signal.reason);
      const attempt = new Attempt(job);
      try {
        const payload: unknown = job.payload === null ? null : JSON.parse(job.payload);
        const returned = call(payload, attempt);
        return { kind: 'succeeded', result: kept(isThenable(returned) ? await attempt.outlast(returned, signal) : returned) };
      } catch (error) {
        return failed(error, attempt.stopped);
      }
    },
    close: () => Promise.resolve(),
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** One call of the function. Its signal is made when it is first asked for: most functions never do. */
class Attempt implements FunctionContext {
  readonly job: Job;
  /** Why it must end; `null` while it need not. */
  stopped: StopReason | null = null;
  #abort: AbortController | null = null;

  constructor(job: Job) {
    this.job = job;
  }

  get fence(): string {
    return this.job.fence;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.stopped !== null) this.#abort.abort(this.stopped);
    return this.#abort.signal;
  }

  /** What the function returns in the end. Rejects when the attempt must end before that; a canceled one may end by itself. */
  outlast(returned: PromiseLike<unknown>, signal: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { timeout } = this.job.options;
    const stop = (reason: StopReason): void => {
      if (this.stopped !== null && reason !== 'timeout') return;
      this.stopped ??= reason;
      this.#abort?.abort(this.stopped);
      if (reason === 'timeout') reject(new Error(`the function did not end within its timeout of ${timeout} ms`));
      else if (reason !== 'canceled') reject(new Error('the attempt must end'));
    };
    const forward = (): void => stop(signal.reason as StopReason);
    let timer: NodeJS.Timeout | null = null;
    const arm = (rest: Millis): void => {
      timer =
        rest > longestTimer ? setTimeout(arm, longestTimer, rest - longestTimer) : setTimeout(stop, rest, 'timeout' satisfies StopReason);
    };
    if (timeout !== null) arm(timeout);
    signal.addEventListener('abort', forward, { once: true });
    returned.then(resolve, reject);
    return promise.finally(() => {
      if (timer !== null) clearTimeout(timer);
      signal.removeEventListener('abort', forward);
    });
  }
}

function outcomeOfStop(reason: StopReason): Outcome {
  return reason === 'shutdown' || reason === 'lost'
    ? { kind: 'returned' }
    : { kind: 'failed', result: { ...noResult, error: reason, cause: 'canceled' } };
}

function failed(error: unknown, stopped: StopReason | null): Outcome {
  const result = thrownResult(error, stopped);
  if (error instanceof Skip) return { kind: 'skipped', result: { ...noResult, error: result.error } };
  if (stopped === 'shutdown' || stopped === 'lost') return { kind: 'returned' };
  return error instanceof Final ? { kind: 'failed', result, final: true } : { kind: 'failed', result };
}

function kept(value: unknown): JobResult {
  if (value === undefined) return noResult;
  const output = JSON.stringify(value) as string | undefined;
  if (output === undefined) return noResult;
  if (output.length * 3 <= jobLimits.outputBytes) return { ...noResult, output };
  const bytes = Buffer.from(output);
  if (bytes.length <= jobLimits.outputBytes) return { ...noResult, output };
  return {
    ...noResult,
    output: new TextDecoder().decode(bytes.subarray(0, jobLimits.outputBytes)).replace(/\uFFFD$/, ''),
    outputCut: true,
  };
}
