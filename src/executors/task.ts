/**
 * Runs the functions of tasks: pass after pass within one attempt, with the pauses between them, until the task ends, is stopped, or goes
 * on elsewhere. Of a job that belongs to no task there is one pass.
 */
import { aboutOf } from '../core/about.ts';
import { longestTimer, type Millis } from '../core/duration.ts';
import { HatstandError, isTemporary } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { type TaskTold, taskIn } from '../core/task.ts';
import type { Executor, Reporter, StopReason, StopSignal, TaskKeeper } from '../ports/executor.ts';
import { Attempt, outcomeOfStop } from './attempt.ts';
import type { FunctionParts } from './function.ts';
import { Scope } from './strays.ts';
import { TaskCheckpoints } from './task-checkpoints.ts';
import { TaskContext, type TaskVoice } from './task-context.ts';
import { TaskControls } from './task-controls.ts';

export interface TaskCalls<View> {
  /** The message as `run` sees it. Throws `Unfit` for one that does not fit. */
  read(message: unknown): unknown;
  /** It may return and throw anything, also promises of it. */
  run(context: TaskContext<View>): unknown;
}

/** How long until it is looked whether the store is back. */
const lookAgainAfter: Millis = 100;
/** What a job says that belongs to no task. */
const alone: TaskTold = { pause: null, stalledAfter: null, maxDetached: null };

export function makeTaskExecutor<View>(calls: TaskCalls<View>, parts: FunctionParts<View>): Executor {
  return {
    async run(job, signal, reporter, keeper) {
      if (signal.aborted) return outcomeOfStop(signal.reason as StopReason);
      return await new TaskRun(calls, parts, { job, reporter, keeper: keeper ?? null }).run(signal);
    },
    close: () => Promise.resolve(),
  };
}

interface Given {
  readonly job: Job;
  readonly reporter: Reporter;
  readonly keeper: TaskKeeper | null;
}

class TaskRun<View> implements TaskVoice {
  readonly #calls: TaskCalls<View>;
  readonly #parts: FunctionParts<View>;
  readonly #keeper: TaskKeeper | null;
  readonly #attempt: Attempt;
  readonly #told: TaskTold;
  #controls: TaskControls | null = null;
  #context: TaskContext<View> | null = null;
  #ended: { readonly result: unknown } | null = null;
  readonly #stall = Promise.withResolvers<never>();
  #stallTimer: NodeJS.Timeout | null = null;
  #checkpoints: TaskCheckpoints | null = null;
  pass = 0;
  resumeFrom: unknown = undefined;

  constructor(calls: TaskCalls<View>, parts: FunctionParts<View>, { job, reporter, keeper }: Given) {
    this.#calls = calls;
    this.#parts = parts;
    this.#keeper = keeper;
    this.#attempt = new Attempt(job, null, reporter);
    this.#told = taskIn(aboutOf(job)) ?? alone;
  }

  async run(signal: StopSignal): Promise<Outcome> {
    const { job } = this.#attempt;
    const leave = (): void => this.#attempt.leave('handover');
    this.#keeper?.handover.addEventListener('abort', leave, { once: true });
    if (this.#keeper?.handover.aborted === true) leave();
    try {
      const outcome = await this.#attempt.run(() => this.#live(), signal, new Scope(this.#parts.log, { job: job.id, worker: job.worker }));
      const goesOn = this.#attempt.stopped === 'handover' && this.#ended === null;
      return goesOn && outcome.kind === 'succeeded' ? { kind: 'returned' } : outcome;
    } finally {
      this.#keeper?.handover.removeEventListener('abort', leave);
      this.#controls?.close();
      this.#checkpoints?.close();
      this.#quiet();
    }
  }

  async #live(): Promise<unknown> {
    const { job } = this.#attempt;
    const kept = await this.#newestCheckpoint();
    this.resumeFrom = kept === null ? undefined : JSON.parse(kept);
    const payload: unknown = job.payload === null ? undefined : JSON.parse(job.payload);
    const context = new TaskContext(this.#attempt, this.#parts, this, await this.#calls.read(payload));
    this.#context = context;
    this.#attempt.checkGoesOn();
    this.heard();
    // What fails once nobody waits for it any more is nobody's stray.
    this.#stall.promise.catch(() => undefined);
    const handled = (): Promise<void> | undefined => this.#controls?.end();
    return await Promise.race([this.#passes(context).finally(handled), this.#stall.promise]);
  }

  /** A store that is away is no crash of the task: it is asked again until it answers, or the attempt is to end. */
  async #newestCheckpoint(): Promise<string | null> {
    for (;;) {
      try {
        return (await this.#keeper?.checkpoint()) ?? null;
      } catch (error) {
        if (!isTemporary(error)) throw error;
      }
      await pauseFor(lookAgainAfter, this.#attempt.signal);
      this.#attempt.checkGoesOn();
    }
  }

  async #passes(context: TaskContext<View>): Promise<unknown> {
    for (;;) {
      const value = await this.#onePass(context);
      if (this.#ended !== null) return this.#ended.result;
      if (this.#told.pause === null || this.#attempt.stopped !== null) return value;
      this.#quiet();
      await pauseFor(this.#told.pause, context.signal);
      await this.#whileAway(context.signal);
      if (this.#attempt.stopped !== null) return this.#resultOfEnd();
      this.heard();
      this.pass += 1;
    }
  }

  /** Nobody knows whether the attempt is held still: no pass begins, unless the task may do without the store. */
  async #whileAway(signal: AbortSignal): Promise<void> {
    while (this.isPaused && this.#told.maxDetached === null && !signal.aborted) await pauseFor(lookAgainAfter, signal);
  }

  #resultOfEnd(): unknown {
    return this.#ended?.result;
  }

  /** Once its end was said, what it throws does not count. */
  async #onePass(context: TaskContext<View>): Promise<unknown> {
    try {
      return await this.#calls.run(context);
    } catch (error) {
      if (this.#ended === null) throw error;
      return undefined;
    }
  }

  heard(): void {
    const { stalledAfter } = this.#told;
    if (stalledAfter === null) return;
    this.#quiet();
    const wait = (rest: Millis): void => {
      const over = rest <= longestTimer ? () => this.#stalled(stalledAfter) : () => wait(rest - longestTimer);
      this.#stallTimer = setTimeout(over, Math.min(rest, longestTimer));
    };
    wait(stalledAfter);
  }

  #quiet(): void {
    if (this.#stallTimer !== null) clearTimeout(this.#stallTimer);
    this.#stallTimer = null;
  }

  #stalled(after: Millis): void {
    const { id, worker } = this.#attempt.job;
    // In its log, too: nothing else would tell those who look at the task why it was handed over.
    this.#context?.logger.warn('task.stalled', { seconds: after / 1_000 });
    if (this.#context === null) this.#parts.log.warn('task.stalled', { job: id, worker, seconds: after / 1_000 });
    this.#attempt.leave('handover');
    this.#stall.reject(new Error('the task has told no progress for too long'));
  }

  end(result: unknown): void {
    this.#ended ??= { result };
    this.#attempt.leave('ended');
  }

  listen(handler: Parameters<TaskVoice['listen']>[0]): void {
    if (this.#keeper === null) return;
    this.#controls ??= new TaskControls(this.#keeper, () => this.#context?.logger ?? this.#parts.log);
    this.#controls.listen(handler);
  }

  keep(checkpoint: string): Promise<void> {
    const keeper = this.#keeper;
    if (keeper === null)
      throw new HatstandError(
        'conflict',
        `The job ${this.#attempt.job.id} belongs to no task, so no attempt would go on from a checkpoint.`,
      );
    this.#checkpoints ??= new TaskCheckpoints(keeper, this.#told.maxDetached !== null);
    return this.#checkpoints.keep(checkpoint);
  }

  get isPaused(): boolean {
    return this.#keeper?.isDetached() === true;
  }
}

/** Ends at once when the signal is aborted. */
async function pauseFor(pause: Millis, signal: AbortSignal): Promise<void> {
  for (let rest = pause; rest >= 0 && !signal.aborted; rest -= longestTimer) await onePause(Math.min(rest, longestTimer), signal);
}

async function onePause(pause: Millis, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, pause);
    signal.addEventListener('abort', over, { once: true });
  });
}
