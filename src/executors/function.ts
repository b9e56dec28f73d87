/** Runs workers that are functions in this process. They may return and throw anything; the attempt ends, and the process lives. */
import { longestTimer, type Millis } from '../core/duration.ts';
import { type Job, type JobResult, noResult } from '../core/job.ts';
import { jsonText } from '../core/json-value.ts';
import { jobLimits } from '../core/new-job.ts';
import type { Outcome } from '../core/outcome.ts';
import { hearAll } from '../core/promises.ts';
import type { Executor, StopReason } from '../ports/executor.ts';
import { outcomeOfThrown } from './function-fault.ts';
import { follow, type Returned, type Thenable, thenableOf } from './function-promise.ts';

/** What a function gets beside its payload; `View` is how it sees its job. */
export interface AttemptContext<View> {
  readonly job: View;
  readonly fence: string;
  readonly signal: AbortSignal;
}

export type AttemptFunction<View> = (payload: unknown, context: AttemptContext<View>) => unknown;

/**
 * An executor for one function. It gets its payload parsed, `undefined` when there is none; what it returns is kept as JSON,
 * `undefined` as no output, and fails the attempt when it is none. A function that goes on after its timeout is not waited
 * for, also when it was canceled before, and its result does not count.
 */
export function makeFunctionExecutor<View>(call: AttemptFunction<View>, viewOf: (job: Job) => View): Executor {
  return {
    async run(job, signal) {
      if (signal.aborted) return outcomeOfStop(signal.reason);
      const attempt = new Attempt(job, viewOf);
      try {
        const payload: unknown = job.payload === null ? undefined : JSON.parse(job.payload);
        const returned = call(payload, attempt);
        const thenable = thenableOf(returned);
        const { value } = thenable === null ? { value: returned } : await attempt.outlast(thenable, signal);
        return { kind: 'succeeded', result: kept(value) };
      } catch (error) {
        hearAll([error]);
        return outcomeOfThrown(error, attempt.stopped);
      }
    },
    close: () => Promise.resolve(),
  };
}

/** One call of the function. Its signal, and its view of the job, are made when they are first asked for: most functions never do. */
class Attempt<View> implements AttemptContext<View> {
  readonly #record: Job;
  readonly #viewOf: (job: Job) => View;
  /** Why it must end; `null` while it need not. */
  stopped: StopReason | null = null;
  #view: View | undefined;
  #abort: AbortController | null = null;

  constructor(record: Job, viewOf: (job: Job) => View) {
    this.#record = record;
    this.#viewOf = viewOf;
  }

  get job(): View {
    this.#view ??= this.#viewOf(this.#record);
    return this.#view;
  }

  get fence(): string {
    return this.#record.fence;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.stopped !== null) this.#abort.abort(this.stopped);
    return this.#abort.signal;
  }

  /** What the function returns in the end. Rejects when the attempt must end before that; a canceled one may end by itself. */
  outlast(returned: Thenable, signal: AbortSignal): Promise<Returned> {
    const { promise, resolve, reject } = Promise.withResolvers<Returned>();
    const { timeout } = this.#record.options;
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
    let isOver = false;
    const take = (kept: Returned): void => {
      resolve(kept);
      // It does not count any more, and nobody else looks at what it holds.
      if (isOver) hearAll([kept.value]);
    };
    follow(returned).then(take, reject);
    return promise.finally(() => {
      isOver = true;
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

/** Throws for what is no JSON. */
function kept(value: unknown): JobResult {
  const output = jsonText(value, 'the result of the function');
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
