/** An attempt of a worker that no Hatstand runs, with all its hooks: so that it can be tested alone. */
import { hasEnded } from '../core/job.ts';
import { applyMove, settleMoves } from '../core/transitions.ts';
import { makeWorkerExecutor } from '../executors/worker.ts';
import type { StopReason } from '../ports/executor.ts';
import type { WorkerDefinition } from './definition.ts';
import { type Job, jobView } from './job.ts';
import { type MadeUpJob, madeUp } from './make-context.ts';

/** The job of which an attempt is run. What is left out is as of a first attempt that was pushed without options. */
export interface AloneJob<Input = unknown> extends Omit<MadeUpJob<Input>, 'cookie'> {
  /** As it is pushed: the worker's `input` looks at it. */
  readonly message?: Input | undefined;
}

/**
 * Runs one attempt of a worker as a Hatstand does, but for `init`: the message is read by `input`, `beforeHook` and `errorHook` are asked,
 * `start` may answer another context, what `run` returns is read by `output`, and `commit` comes if the job has ended. Answers the job
 * as it stands then: `scheduled`, with the error, when it would be tried again. What fails in a hook beside the attempt is told to `logger`.
 * Throws `invalid_request`.
 *
 * ```ts
 * expect(await runAlone(greet, { message: { name: 'Ada' } })).toMatchObject({ state: 'succeeded', result: 'Hello Ada' });
 * ```
 */
export async function runAlone<Input, Message, Value>(
  worker: WorkerDefinition<Input, Message, Value>,
  job: AloneJob<NoInfer<Input>> = {},
): Promise<Job<Input, Value>> {
  const { defined, claimed, reporter, parts } = madeUp(worker, job, 'runAlone');
  const firstStart = (): Promise<number> => Promise.resolve(claimed.startedAt ?? claimed.createdAt);
  const executor = makeWorkerExecutor(defined.calls, { ...parts, worker: defined.name, firstStart });
  const told = stopOf(job.signal);
  const outcome = await executor.run(claimed, told, reporter);
  const standing = told.aborted && told.reason === 'canceled' ? ({ ...claimed, state: 'stopping' } as const) : claimed;
  const move = settleMoves(standing, outcome, 0.5)[standing.state];
  if (move === undefined) throw new Error(`an attempt that is ${standing.state} ends`);
  const settled = applyMove(standing, move, Date.now());
  if (hasEnded(settled.state)) executor.ended?.(claimed, outcome);
  await executor.close();
  return jobView(settled);
}

const reasons: readonly unknown[] = ['canceled', 'timeout', 'shutdown', 'lost'] satisfies readonly StopReason[];

/** Who says no reason means that somebody cancels the job. */
function stopOf(signal: AbortSignal | undefined): AbortSignal {
  const stop = new AbortController();
  const forward = (): void => stop.abort(reasons.includes(signal?.reason) ? signal?.reason : 'canceled');
  if (signal?.aborted === true) forward();
  else signal?.addEventListener('abort', forward, { once: true });
  return stop.signal;
}
