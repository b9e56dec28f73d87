/**
 * What running attempts tell of themselves, on its way to the store: it is gathered, and sent a few times a second, one report for
 * each attempt that has told anything. The rest of an attempt that ends travels before its result, in the same step. A store that is
 * away, or full, is told later; what is gathered meanwhile is bounded, the newest counts, and numbers say how much was left out.
 */
import type { Millis } from '../core/duration.ts';
import type { EmittedText } from '../core/emitted.ts';
import { HatstandError, isTemporary } from '../core/errors.ts';
import type { Job, NewJob } from '../core/job.ts';
import { checkLiveEvent } from '../core/live.ts';
import { type LogText, type NewLine, reportLimits, sizeOfLine } from '../core/report.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reporter, StopReason } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { JobStore, Pushed, Report, Reported } from '../ports/store/jobs.ts';
import { makeFaultLog } from './fault-log.ts';
import type { ForwardLogs } from './forwarded-logs.ts';
import type { Live } from './live.ts';

export interface Reports {
  /** @param stop tells the executor to stop */
  of(job: Job, stop: (reason: StopReason) => void): AttemptReporter;
  /** Sends what has been gathered. */
  tick(): Promise<void>;
}

export interface AttemptReporter extends Reporter {
  /** Sends what is left in this turn, if anything is. Resolves when it is kept or cannot be now; never rejects. */
  flush(): Promise<void> | undefined;
  /** From now on it tells nothing. */
  close(): void;
}

export interface ReportsParts {
  readonly store: { readonly jobs: Pick<JobStore, 'report'> };
  /** `null`: whoever keeps the reports does so. */
  readonly forwardLogs: ForwardLogs | null;
  /** `null`: nobody watches. */
  readonly live: Pick<Live, 'tell' | 'begun' | 'ended'> | null;
  readonly clock: Clock;
  readonly log: Logger;
  /** Tells it to whoever watches, and resolves when it is kept. */
  keepEvent(job: Job, event: EmittedText): Promise<void>;
  /** There may be something to claim. */
  wake(): void;
}

/** After a report that the store could not take nothing is sent for so long, but for the rest of what ends. */
const restFor: Millis = 1_000;

export function makeReports({ store, forwardLogs, live, clock, log, keepEvent, wake }: ReportsParts): Reports {
  const waiting = new Set<Attempt>();
  const faults = makeFaultLog(log, 'report');
  let restUntil: Millis = 0;

  const outbox: Outbox = {
    now: clock.monotonic,
    time: clock.now,
    live,
    keepEvent,
    await: (attempt) => void waiting.add(attempt),
    send,
    push,
    ended(attempt) {
      waiting.delete(attempt);
      if (attempt.hasMore) log.warn('report.lost', { job: attempt.job.id, fence: attempt.job.fence, lines: attempt.lines });
    },
  };

  /** Never rejects. */
  async function send(attempt: Attempt): Promise<void> {
    waiting.delete(attempt);
    const what = attempt.report();
    try {
      const reported = store.jobs.report(attempt.job, what);
      void forwardLogs?.(attempt.job, what.lines);
      const { kind } = await reported;
      attempt.sent(what);
      faults.worked();
      attempt.follow(kind);
    } catch (error) {
      faults.failed(error);
      restUntil = clock.monotonic() + restFor;
      // What the store will never take must not be in the way of what comes.
      if (!isTemporary(error)) attempt.sent(what);
      if (attempt.hasMore && !attempt.isClosed) waiting.add(attempt);
    }
  }

  async function push(attempt: Attempt, jobs: readonly NewJob[]): Promise<readonly Pushed[]> {
    const asked = store.jobs.report(attempt.job, { ...nothing, push: jobs });
    // In the same turn, so that the push and the claim it makes worthwhile travel in one step.
    wake();
    const reported = await asked;
    attempt.follow(reported.kind);
    return reported.kind === 'lost' ? [] : reported.pushed;
  }

  return {
    of(job, stop) {
      live?.begun(job);
      return new Attempt(job, stop, outbox);
    },
    async tick() {
      if (clock.monotonic() < restUntil) return;
      await Promise.all([...waiting].map(send));
    },
  };
}

const nothing: Report = { ttl: null, progress: null, lines: [], push: [] };

/** What attempts share. */
interface Outbox extends Pick<ReportsParts, 'live' | 'keepEvent'> {
  now(): Millis;
  /** In Unix milliseconds. */
  time(): number;
  /** The attempt has something to send. */
  await(attempt: Attempt): void;
  send(attempt: Attempt): Promise<void>;
  push(attempt: Attempt, jobs: readonly NewJob[]): Promise<readonly Pushed[]>;
  ended(attempt: Attempt): void;
}

interface GatheredLine extends LogText {
  readonly number: number;
  readonly at: Millis;
}

/** What one attempt has told and the store has not taken yet. Most attempts never tell anything. */
class Attempt implements AttemptReporter {
  readonly job: Job;
  readonly #stop: (reason: StopReason) => void;
  readonly #outbox: Outbox;
  isClosed: boolean = false;
  #progress: string | null = null;
  /** Oldest first; `null`: it has never told any. */
  #lines: GatheredLine[] | null = null;
  #size = 0;
  /** Of the newest line. */
  #number = 0;
  /** Of the newest event that is to be kept. */
  #event = 0;

  constructor(job: Job, stop: (reason: StopReason) => void, outbox: Outbox) {
    this.job = job;
    this.#stop = stop;
    this.#outbox = outbox;
  }

  get hasMore(): boolean {
    return this.#progress !== null || this.lines > 0;
  }

  get lines(): number {
    return this.#lines?.length ?? 0;
  }

  progress(value: string): void {
    if (value.length > reportLimits.progress) throw tooLong(value);
    if (this.isClosed) return;
    this.#progress = value;
    this.#outbox.live?.tell(this.job, { kind: 'progress', value });
    this.#outbox.await(this);
  }

  /** The oldest lines give way. */
  line(line: LogText): void {
    if (this.isClosed) return;
    this.#number += 1;
    this.#lines ??= [];
    this.#lines.push({ ...line, number: this.#number, at: this.#outbox.now() });
    this.#size += sizeOfLine(line);
    this.#outbox.live?.tell(this.job, { kind: 'line', line: this.#number, ...line });
    // Twice as many, so that they are seldom cut.
    if (this.lines > 2 * reportLimits.lines || this.#size > 2 * reportLimits.characters) this.#keep(this.#newest());
    this.#outbox.await(this);
  }

  emit(name: string, data: string | null): void {
    checkLiveEvent(name, data);
    if (!this.isClosed) this.#outbox.live?.tell(this.job, { kind: 'event', name, data });
  }

  async emitDurable(name: string, data: string | null): Promise<void> {
    checkLiveEvent(name, data);
    if (this.isClosed) throw notHeld(this.job, eventsNotKept);
    this.#event += 1;
    await this.#outbox.keepEvent(this.job, { number: this.#event, name, data, at: this.#outbox.time() });
  }

  async push(jobs: readonly NewJob[]): Promise<readonly Pushed[]> {
    const pushed = this.isClosed ? [] : await this.#outbox.push(this, jobs);
    if (pushed.length < jobs.length) throw notHeld(this.job, 'it pushes no jobs. End it, and push again from the next one');
    return pushed;
  }

  flush(): Promise<void> | undefined {
    return this.hasMore && !this.isClosed ? this.#outbox.send(this) : undefined;
  }

  close(): void {
    this.isClosed = true;
    this.#outbox.live?.ended(this.job);
    if (this.#number > 0 || this.#progress !== null) this.#outbox.ended(this);
  }

  /** What the store says of the attempt. */
  follow(kind: Reported['kind']): void {
    if (kind === 'stopping') this.#stop('canceled');
    if (kind !== 'lost') return;
    this.isClosed = true;
    this.#progress = null;
    this.#keep([]);
    this.#stop('lost');
  }

  /** What is to be sent now: of lines as many of the newest as one report has. */
  report(): Report {
    const now = this.#outbox.now();
    const lines = this.#newest().map(({ at, ...line }): NewLine => ({ ...line, ago: Math.max(0, now - at) }));
    return { ...nothing, progress: this.#progress, lines };
  }

  /** The store has taken this. What has come since stays. */
  sent({ progress, lines }: Report): void {
    if (this.#progress === progress) this.#progress = null;
    const last = lines.at(-1)?.number ?? 0;
    this.#keep((this.#lines ?? []).filter(({ number }) => number > last));
  }

  #newest(): GatheredLine[] {
    const kept: GatheredLine[] = [];
    let size = 0;
    for (const line of (this.#lines ?? []).toReversed()) {
      size += sizeOfLine(line);
      if (kept.length === reportLimits.lines || size > reportLimits.characters) break;
      kept.push(line);
    }
    return kept.reverse();
  }

  #keep(lines: GatheredLine[]): void {
    this.#lines = lines;
    this.#size = lines.reduce((sum, line) => sum + sizeOfLine(line), 0);
  }
}

const tooLong = (value: string): HatstandError =>
  new HatstandError('too_large', `progress may have ${reportLimits.progress} characters of JSON, this one has ${value.length}.`, {
    field: 'progress',
    limit: reportLimits.progress,
  });

/** Of `notHeld`. */
export const eventsNotKept = 'its events are not kept any more';

/** @param so what comes of it */
export const notHeld = ({ id }: Pick<Job, 'id'>, so: string): HatstandError =>
  new HatstandError('conflict', `This attempt of job ${id} is not held any more, so ${so}.`, { job: id });
