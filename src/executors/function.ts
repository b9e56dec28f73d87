/** Runs workers that are TypeScript functions in this process. */
import type { Millis } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import { type Job, type JobResult, noResult } from '../core/job.ts';
import { jobLimits } from '../core/new-job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Executor, StopReason } from '../ports/executor.ts';

/** What a function gets beside its payload. */
export interface FunctionContext {
  readonly job: Job;
  /** Rises with every attempt: whatever the function writes elsewhere can be guarded by it. */
  readonly fence: string;
  /** Aborted when the attempt should end: canceled, timed out, the node stops, or the lease is lost. */
  readonly signal: AbortSignal;
}

export type WorkerFunction<Payload> = (payload: Payload, context: FunctionContext) => unknown;

/** Thrown by a function when there is nothing to do: the job ends canceled, with the reason `skipped`. */
export class Skip extends Error {}

/** Thrown by a function when trying again is senseless: the job fails whatever its retry policy says. */
export class Final extends Error {}

/**
 * An executor for one function. What it returns is kept as JSON, `undefined` as no output. A function that goes on after
 * its timeout is not waited for: its result counts no more.
 */
export function makeFunctionExecutor(call: WorkerFunction<unknown>): Executor {
  return {
    async run(job, signal) {
      if (signal.aborted) return stopped(signal);
      const abort = new AbortController();
      const forward = (): void => abort.abort(signal.reason);
      signal.addEventListener('abort', forward, { once: true });
      try {
        const payload: unknown = job.payload === null ? null : JSON.parse(job.payload);
        const returned = call(payload, { job, fence: job.fence, signal: abort.signal });
        const value = isThenable(returned) ? await limited(returned, job.options.timeout, abort) : returned;
        return { kind: 'succeeded', result: kept(value) };
      } catch (error) {
        return failed(error, abort.signal);
      } finally {
        signal.removeEventListener('abort', forward);
      }
    },
    close: () => Promise.resolve(),
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** The returned promise, or a rejection once the attempt must end. */
function limited(returned: PromiseLike<unknown>, timeout: Millis | null, abort: AbortController): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = timeout === null ? null : setTimeout(() => abort.abort('timeout' satisfies StopReason), timeout);
    const onAbort = (): void => {
      // A function may end by itself when told; only a timeout and a stopping node do not wait for it.
      if (abort.signal.reason === 'timeout') reject(new Error(`the function did not end within its timeout of ${timeout} ms`));
      else if (abort.signal.reason === 'shutdown' || abort.signal.reason === 'lost') reject(new Error('the node stops'));
    };
    abort.signal.addEventListener('abort', onAbort, { once: true });
    const done = (): void => {
      if (timer !== null) clearTimeout(timer);
      abort.signal.removeEventListener('abort', onAbort);
    };
    returned.then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

function stopped(signal: AbortSignal): Outcome {
  if (signal.reason === 'shutdown' || signal.reason === 'lost') return { kind: 'returned' };
  return { kind: 'failed', result: { ...noResult, error: String(signal.reason) } };
}

function failed(error: unknown, signal: AbortSignal): Outcome {
  if (error instanceof Skip) return { kind: 'skipped', result: { ...noResult, error: error.message } };
  if (signal.reason === 'shutdown' || signal.reason === 'lost') return { kind: 'returned' };
  const result: JobResult = { ...noResult, error: messageOf(error) };
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
