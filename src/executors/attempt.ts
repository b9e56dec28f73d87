/** One call of a function in this process, with all that its contexts share. */
import { longestTimer, type Millis } from '../core/duration.ts';
import { type Job, type JobResult, noResult } from '../core/job.ts';
import { jsonText } from '../core/json-value.ts';
import { jobLimits } from '../core/new-job.ts';
import type { Outcome } from '../core/outcome.ts';
import { cutOutput } from '../core/output.ts';
import { hearFew } from '../core/promises.ts';
import type { Reporter, StopReason, StopSignal } from '../ports/executor.ts';
import type { EndReason } from './end-reason.ts';
import { aborted, isHandedBack, outcomeOfThrown } from './function-fault.ts';
import { follow, type Returned, type Thenable, thenableOf } from './function-promise.ts';
import type { Scope } from './strays.ts';

/** How long it may take, and why no longer. */
interface Bound {
  readonly within: Millis;
  readonly of: 'timeout' | 'totalTimeout';
}

/** What is made when it is first asked for is not made for most functions: they never ask. */
export class Attempt {
  readonly job: Job;
  /** To whom it tells of itself. */
  readonly reporter: Reporter;
  /** Of the time that all attempts of the run may take together, what is left of it at the start of this one; `null`: there is no limit. */
  readonly left: Millis | null;
  /** Why it must end; `null` while it need not. */
  stopped: EndReason | null = null;
  /** What its function has said: that the job ends here, without an error, or that a failure is not to be tried again. */
  #said: 'abort' | 'no retry' | null = null;
  /** What made it fail, as it was thrown. */
  thrown: unknown = null;
  readonly #begunAt: Millis = 0;
  /** Which of its bounds it has come to. */
  #ranOutOf: Bound['of'] | null = null;
  #abort: AbortController | null = null;
  #isRunning: boolean = false;
  #atEnd: (() => void)[] | null = null;

  constructor(job: Job, left: Millis | null, reporter: Reporter) {
    this.job = job;
    this.reporter = reporter;
    this.left = left;
    if (left !== null) this.#begunAt = performance.now();
  }

  /** Aborted when it must end, with a StopReason as its reason. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.stopped !== null) this.#abort.abort(this.stopped);
    return this.#abort.signal;
  }

  get isAborted(): boolean {
    return this.#said === 'abort';
  }

  /** A failure of it is not tried again. */
  get isLast(): boolean {
    return this.#said !== null || this.job.attempt >= this.job.options.retry.attempts;
  }

  abort(): void {
    this.#said = 'abort';
  }

  noRetry(): void {
    this.#said ??= 'no retry';
  }

  /** It may end by itself, as one that is canceled may: whoever runs it goes on elsewhere, or has said that all is done. */
  leave(reason: 'handover' | 'ended'): void {
    this.stopped ??= reason;
    this.#abort?.abort(this.stopped);
  }

  /** Calls back when it has ended. Answers whether it runs: else nothing is called. */
  atEnd(call: () => void): boolean {
    if (!this.#isRunning) return false;
    this.#atEnd ??= [];
    this.#atEnd.push(call);
    return true;
  }

  /** Throws when it must end, or has ended. */
  checkGoesOn(): void {
    if (this.stopped !== null) throw new Error('the attempt must end');
  }

  /** Calls the function, which may return and throw anything, and tells what has come of it. Never throws. */
  async run(call: () => unknown, signal: StopSignal, scope: Scope): Promise<Outcome> {
    try {
      this.#isRunning = true;
      if (this.left === 0) throw this.#late();
      const returned = scope.run(call);
      const thenable = thenableOf(returned);
      const { value } = thenable === null ? { value: returned } : await this.#outlast(thenable, signal);
      if (!this.isAborted) return { kind: 'succeeded', result: kept(value) };
      hearFew([value]);
      return aborted;
    } catch (error) {
      hearFew([error]);
      this.thrown = error;
      return this.isAborted ? aborted : this.#bounded(outcomeOfThrown(error, this.stopped));
    } finally {
      this.#isRunning = false;
      for (const each of this.#atEnd ?? []) each();
      this.#atEnd = null;
    }
  }

  /** What the function's own words, and the time that is left, say of trying again. */
  #bounded(outcome: Outcome): Outcome {
    if (outcome.kind !== 'failed') return outcome;
    const final = this.#said !== null || outcome.final === true ? { ...outcome, final: true } : outcome;
    if (this.left === null) return final;
    return { ...final, left: this.#ranOutOf === 'totalTimeout' ? 0 : Math.max(0, this.left - (performance.now() - this.#begunAt)) };
  }

  /** An earlier attempt has left it no time. */
  #late(): Error {
    this.stopped = 'timeout';
    this.#ranOutOf = 'totalTimeout';
    return new Error(outOfTime(this.job, 'totalTimeout'));
  }

  get #bound(): Bound | null {
    const { timeout } = this.job.options;
    if (this.left !== null && (timeout === null || this.left < timeout)) return { within: this.left, of: 'totalTimeout' };
    return timeout === null ? null : { within: timeout, of: 'timeout' };
  }

  /** What the function returns in the end. Rejects when the attempt must end before that; a canceled one may end by itself. */
  #outlast(returned: Thenable, signal: StopSignal): Promise<Returned> {
    const { promise, resolve, reject } = Promise.withResolvers<Returned>();
    const bound = this.#bound;
    const stop = (reason: StopReason): void => {
      if (this.stopped !== null && !isHarder(reason, this.stopped)) return;
      this.stopped ??= reason;
      this.#abort?.abort(this.stopped);
      if (reason === 'timeout') this.#ranOutOf = bound?.of ?? null;
      if (reason === 'timeout') reject(new Error(outOfTime(this.job, bound?.of ?? 'timeout')));
      else if (reason !== 'canceled') reject(new Error('the attempt must end'));
    };
    const forward = (): void => stop(signal.reason as StopReason);
    let timer: NodeJS.Timeout | null = null;
    const arm = (rest: Millis): void => {
      timer =
        rest > longestTimer ? setTimeout(arm, longestTimer, rest - longestTimer) : setTimeout(stop, rest, 'timeout' satisfies StopReason);
    };
    if (bound !== null) arm(bound.within);
    signal.addEventListener('abort', forward, { once: true });
    let isOver = false;
    const take = (value: Returned): void => {
      resolve(value);
      // It does not count any more, and nobody else looks at what it holds.
      if (isOver) hearFew([value.value]);
    };
    follow(returned).then(take, reject);
    return promise.finally(() => {
      isOver = true;
      if (timer !== null) clearTimeout(timer);
      signal.removeEventListener('abort', forward);
    });
  }
}

const outOfTime = ({ options }: Job, of: Bound['of']): string =>
  of === 'timeout'
    ? `the function did not end within its timeout of ${options.timeout} ms`
    : `the job did not end within its totalTimeout of ${options.totalTimeout} ms`;

/** Whether it is told to end in another way than it was before. */
const isHarder = (reason: StopReason, stopped: EndReason): boolean => reason === 'timeout' || stopped === 'handover' || stopped === 'ended';

/** Of an attempt that was told to end before it began. */
export function outcomeOfStop(reason: StopReason): Outcome {
  return isHandedBack(reason) ? { kind: 'returned' } : { kind: 'failed', result: { ...noResult, error: reason, cause: 'canceled' } };
}

/** Throws for what is no JSON. */
function kept(value: unknown): JobResult {
  const output = jsonText(value, 'the result of the function');
  if (output === undefined) return noResult;
  return cutOutput({ ...noResult, output }, jobLimits.outputBytes);
}
