/**
 * Runs workers with hooks (cozy-stack). An attempt goes: `read` the message, `beforeHook` when the push has not asked it, `start`,
 * `errorHook` before the first attempt, `run`; after a failure that may be tried again, `errorHook` once more. `commit` comes once
 * the store has taken the result that ended the job. What a hook throws ends at most its attempt.
 */
import { aboutOf } from '../core/about.ts';
import { type Millis, timerDelay } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { hearFew } from '../core/promises.ts';
import type { Executor, StopReason } from '../ports/executor.ts';
import { Attempt, outcomeOfStop } from './attempt.ts';
import { Context } from './context.ts';
import { type FunctionParts, timeLeft } from './function.ts';
import { Abort, Refused, Skip } from './function-fault.ts';
import { Scope } from './strays.ts';

/** What a worker has beside what it runs. They may return and throw anything, also promises of it. */
export interface WorkerCalls<View> {
  /** The message as `run` sees it. Throws `Unfit` for one that does not fit. */
  read(message: unknown): unknown;
  run(context: Context<View>): unknown;
  /** What is kept of what `run` returns. Throws for what does not fit. */
  keep(value: unknown): unknown;
  /** The message to go on with, in a box; `null`: the job is not to run. Throws for another answer of the hook. */
  readonly before: ((job: Job, message: unknown) => Promise<{ readonly message: unknown } | null>) | null;
  readonly start: ((context: Context<View>) => unknown) | null;
  readonly errorHook: ((error: unknown, context: Context<View>) => unknown) | null;
  readonly commit: ((context: Context<View>, error: unknown) => unknown) | null;
}

/** How far the newest attempt of a job has come in its hooks. */
interface Way<View> {
  readonly attempt: Attempt;
  context: Context<View>;
  /** `starting`: a failure is not tried again. `running`: there will be a commit. */
  at: 'reading' | 'starting' | 'running';
}

/** Hooks beside an attempt end within its timeout, or within this when it has none. */
const hookWithin: Millis = 10_000;

export function makeWorkerExecutor<View>(calls: WorkerCalls<View>, parts: FunctionParts<View>): Executor {
  const ways = new WeakMap<Job, Way<View>>();
  const commits = new Set<Promise<void>>();

  const scopeOf = (job: Job): Scope => new Scope(parts.log, { job: job.id, worker: job.worker });

  async function perform(way: Way<View>): Promise<unknown> {
    const { job } = way.attempt;
    const { told } = way.context;
    let value = await calls.read(told.message);
    if (calls.before !== null && aboutOf(job).hooked !== true) {
      const going = await calls.before(job, told.message);
      if (going === null) throw new Skip('the beforeHook of its worker skipped it');
      if (going.message !== told.message) value = await calls.read(going.message);
    }
    way.attempt.checkGoesOn();
    way.context = way.context.withMessage(value);
    if (calls.start !== null) await begin(way, calls.start);
    way.attempt.checkGoesOn();
    way.at = 'running';
    if (job.attempt === 1 && !(await mayRun(way, undefined))) throw new Refused('the errorHook of its worker refused it');
    way.attempt.checkGoesOn();
    return calls.keep(await calls.run(way.context));
  }

  async function begin(way: Way<View>, start: (context: Context<View>) => unknown): Promise<void> {
    way.at = 'starting';
    const started = await start(way.context);
    if (started === undefined) return;
    if (!(started instanceof Context) || !started.isOf(way.attempt)) {
      hearFew([started]);
      throw new TypeError('start must answer the context that it got, or what that made by withCookie or withTimeout, or nothing');
    }
    way.context = started;
  }

  async function mayRun({ context }: Way<View>, error: unknown): Promise<boolean> {
    if (calls.errorHook === null) return true;
    const answer = await calls.errorHook(error, context);
    if (typeof answer === 'boolean') return answer;
    hearFew([answer]);
    throw new TypeError(`errorHook must answer true or false, not ${typeof answer}`);
  }

  /** Whether a failure is tried again is asked at once: so the job ends when that is known, not after its wait. */
  async function asked(way: Way<View>, outcome: Outcome): Promise<Outcome> {
    if (outcome.kind !== 'failed' || outcome.final === true) return outcome;
    const { thrown, stopped } = way.attempt;
    if (way.at === 'starting') return { ...outcome, final: true };
    if (way.at === 'reading' || calls.errorHook === null || stopped === 'canceled' || way.context.isFinal) return outcome;
    const answer = await beside(way, 'errorHook', () => mayRun(way, thrown));
    return answer === false ? { ...outcome, final: true } : outcome;
  }

  /** Calls a hook that does not belong to the attempt's own time. What it throws, or that it does not end, is only logged. */
  async function beside<T>({ attempt: { job } }: Way<View>, hook: string, call: () => T): Promise<Awaited<T> | undefined> {
    const within = timerDelay(job.options.timeout ?? hookWithin);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`it did not end within ${within} ms`)), within);
    try {
      const called = scopeOf(job).run(async () => call());
      return await Promise.race([called, late.promise]);
    } catch (error) {
      hearFew([error]);
      parts.log.error('hook.failed', { hook, job: job.id, worker: job.worker, error: messageOf(error) });
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  function ended(job: Job, outcome: Outcome): void {
    const way = ways.get(job);
    ways.delete(job);
    if (way?.at !== 'running') return;
    const commit = committed(way, errorOf(way.attempt, outcome)).finally(() => commits.delete(commit));
    commits.add(commit);
  }

  async function committed(way: Way<View>, error: unknown): Promise<void> {
    const { commit } = calls;
    if (commit === null) return;
    const over = new AbortController();
    await beside(way, 'commit', () => commit(way.context.withSignal(over.signal), error));
    over.abort('timeout');
  }

  return {
    async run(job, signal, reporter) {
      if (signal.aborted) return outcomeOfStop(signal.reason as StopReason);
      const attempt = new Attempt(job, await timeLeft(job, parts), reporter);
      const way: Way<View> = { attempt, context: new Context(attempt, parts), at: 'reading' };
      if (calls.commit !== null) ways.set(job, way);
      return asked(way, await attempt.run(() => perform(way), signal, scopeOf(job)));
    },
    // Whether a run has ended may have to be asked of the store: only for a commit.
    ...(calls.commit === null ? {} : { ended }),
    async close() {
      await Promise.all(commits);
    },
  };
}

/** What a commit is told: `null` after a success, also of a job that was not to run. */
function errorOf({ thrown }: Attempt, outcome: Outcome): unknown {
  if (outcome.kind !== 'succeeded') return thrown ?? new Error('the function threw nothing');
  if (outcome.reason !== 'aborted') return null;
  return thrown instanceof Abort ? thrown : new Abort('the function ended its job without an error');
}
