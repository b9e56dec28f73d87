/**
 * Claims of workers elsewhere, which wait until there is something for them. A hint wakes one poll of each worker that it names, the
 * one that has waited longest; a poll that got all it asked for wakes two more, since there may be more. Polls that wait ask nobody:
 * one look a second finds what no hint told of.
 */
import type { Millis } from '../core/duration.ts';
import { elsewhereLimits } from '../core/elsewhere.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { releaseMoves } from '../core/transitions.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { JobStore } from '../ports/store/jobs.ts';
import type { ServedElsewhere } from './served-elsewhere.ts';

/** What somebody elsewhere asks for. */
export interface PollRequest {
  /** As a store knows it. */
  readonly holder: string;
  /** New for each claim of the holder; repeated, it gives those of its attempts that are still held. */
  readonly operation: string;
  readonly workers: readonly string[];
  readonly queues: 'any' | readonly string[];
  /** Of the jobs of one worker; 0: only what the operation has claimed already. */
  readonly slots: number;
  readonly attemptTtl: Millis;
}

export interface Polls {
  /**
   * What was claimed; nothing when there was nothing within `wait`. A poll whose signal aborts claims nothing, and what it had claimed
   * goes back. Throws `overloaded` when too many wait already, `shutting_down`, what the store throws.
   */
  claim(request: PollRequest, wait: Millis, signal: AbortSignal): Promise<readonly Job[]>;
  /** These attempts did not reach whoever asked for them. */
  giveBack(request: Pick<PollRequest, 'holder' | 'operation'>, jobs: readonly Job[]): void;
  /** There may be something to claim, of these workers; `null`: of any. */
  wake(workers: readonly string[] | null): void;
  /** Looks for what waiting polls could claim. */
  tick(): Promise<void>;
  /** Ends all of them at once, and takes no more. */
  stop(): void;
}

export interface PollsParts {
  readonly store: { readonly jobs: Pick<JobStore, 'claim' | 'settle' | 'count'> };
  readonly clock: Clock;
  readonly log: Logger;
  readonly served: ServedElsewhere;
  /** Whether jobs may begin by way of this node. */
  mayClaim(): boolean;
}

interface Poll {
  readonly request: PollRequest;
  readonly signal: AbortSignal;
  /** Goes on with it; `null`: it is claiming. */
  wake: (() => void) | null;
  /** It was woken while it was claiming. */
  again: boolean;
}

export function makePolls({ store: { jobs }, clock, log, served, mayClaim }: PollsParts): Polls {
  /** By worker, those that have come first first. */
  const byWorker = new Map<string, Set<Poll>>();
  const all = new Set<Poll>();
  /** By holder and operation: attempts on their way back. A poll that repeats the operation comes behind them. */
  const returning = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let forgetWake: (() => void) | null = null;

  function add(poll: Poll): void {
    if (all.size >= elsewhereLimits.polls) throw tooManyPolls();
    all.add(poll);
    for (const worker of poll.request.workers) {
      const others = byWorker.get(worker) ?? new Set();
      byWorker.set(worker, others.add(poll));
    }
  }

  function remove(poll: Poll): void {
    all.delete(poll);
    for (const worker of poll.request.workers) {
      const others = byWorker.get(worker);
      if (others?.delete(poll) === true && others.size === 0) byWorker.delete(worker);
    }
  }

  /** So many of this worker: those that wait, then those that are claiming, since their claims may have left before. */
  function wakeSome(worker: string, count: number): void {
    const others = [...(byWorker.get(worker) ?? [])];
    const waiting = others.filter(({ wake }) => wake !== null).slice(0, count);
    for (const { wake } of waiting) wake?.();
    const claiming = others.filter(({ wake, again }) => wake === null && !again);
    for (const poll of claiming.slice(0, count - waiting.length)) poll.again = true;
  }

  const wakeEach = (workers: Iterable<string>): void => {
    for (const worker of workers) wakeSome(worker, 1);
  };

  /** Whether it was woken. `false`: its time is over, or somebody has left. */
  function woken(poll: Poll, within: Millis): Promise<boolean> {
    if (poll.again || within <= 0 || poll.signal.aborted) return Promise.resolve(poll.again && !poll.signal.aborted);
    return new Promise((resolve) => {
      const end = (isWoken: boolean): void => {
        poll.wake = null;
        forget();
        poll.signal.removeEventListener('abort', left);
        resolve(isWoken);
      };
      const left = (): void => end(false);
      const forget = clock.after(within, left);
      poll.signal.addEventListener('abort', left, { once: true });
      poll.wake = () => end(true);
    });
  }

  async function take(poll: Poll): Promise<readonly Job[]> {
    const { request, signal } = poll;
    poll.again = false;
    for (const workers of await inTurn(request)) {
      const wants = workers.map((worker) => ({ worker, queues: request.queues, slots: request.slots }));
      const { holder, operation, attemptTtl } = request;
      const claim = await jobs.claim({ holder, operation, attemptTtl, wants: () => (signal.aborted || !mayClaim() ? [] : wants) });
      if (claim.nextIn !== null) wakeIn(claim.nextIn);
      // Whoever left in the meantime was woken for nothing.
      if (signal.aborted) wakeEach(workers);
      else if (claim.jobs.length >= request.slots) for (const worker of workers) wakeSome(worker, 2);
      if (claim.jobs.length > 0) return claim.jobs;
    }
    return [];
  }

  /** One claim is for one worker, so that it gives no more than was asked for: those that have ready jobs, one after the other. */
  async function inTurn({ workers, slots }: PollRequest): Promise<readonly (readonly string[])[]> {
    if (slots === 0) return [[]];
    if (workers.length === 1) return [workers];
    const ready = await readyWorkers();
    const those = workers.filter((worker) => ready.has(worker));
    // The operation may have claimed some before.
    if (those.length === 0) return [workers.slice(0, 1)];
    const first = Math.floor(clock.monotonic()) % those.length;
    return [...those.slice(first), ...those.slice(0, first)].map((worker) => [worker]);
  }

  const readyWorkers = async (): Promise<ReadonlySet<string>> =>
    new Set((await jobs.count()).filter(({ counts }) => counts.queued > 0).map(({ worker }) => worker));

  /** A rate limit lets go then, or a job is due. */
  function wakeIn(delay: Millis): void {
    if (delay >= lookEvery || forgetWake !== null) return;
    forgetWake = clock.after(delay, () => {
      forgetWake = null;
      tick().catch((error: unknown) => log.debug('poll.look_failed', { error: messageOf(error) }));
    });
  }

  async function tick(): Promise<void> {
    served.tick();
    if (all.size === 0) return;
    const ready = await readyWorkers();
    wakeEach([...byWorker.keys()].filter((worker) => ready.has(worker)));
  }

  async function waited(poll: Poll, wait: Millis): Promise<readonly Job[]> {
    const until = clock.monotonic() + wait;
    for (;;) {
      const taken = await take(poll);
      if (taken.length > 0) return taken;
      if (stopping.signal.aborted) throw shuttingDown();
      if (!(await woken(poll, until - clock.monotonic()))) return [];
    }
  }

  function giveBack({ holder, operation }: Pick<PollRequest, 'holder' | 'operation'>, those: readonly Job[]): void {
    if (those.length === 0) return;
    const key = keyOf({ holder, operation });
    const given = Promise.all(those.map((job) => jobs.settle(job, releaseMoves)))
      // Their deadline takes them back.
      .catch((error: unknown) => log.warn('poll.not_given_back', { holder, jobs: those.length, error: messageOf(error) }))
      .then(() => {
        if (returning.get(key) === given) returning.delete(key);
      });
    returning.set(key, given);
  }

  return {
    async claim(request, wait, signal) {
      if (stopping.signal.aborted) throw shuttingDown();
      const poll: Poll = { request, signal: AbortSignal.any([signal, stopping.signal]), wake: null, again: false };
      add(poll);
      const leave = served.poll(request);
      try {
        await returning.get(keyOf(request));
        const taken = await waited(poll, wait);
        const [fitting, others] = split(taken);
        giveBack(request, signal.aborted ? taken : others);
        if (signal.aborted) return [];
        served.claimed(fitting, request.queues, request.attemptTtl);
        if (stopping.signal.aborted && fitting.length === 0) throw shuttingDown();
        return fitting;
      } finally {
        remove(poll);
        leave();
        // It was woken, and goes without having looked.
        if (poll.again) wakeEach(poll.request.workers);
      }
    },
    giveBack,
    wake: (workers) => wakeEach(workers ?? byWorker.keys()),
    tick,
    stop: () => stopping.abort(shuttingDown()),
  };
}

/** How often the duty looks. */
const lookEvery: Millis = 1_000;

const keyOf = ({ holder, operation }: Pick<PollRequest, 'holder' | 'operation'>): string => `${holder} ${operation}`;

/** As many as one answer holds, and the others. */
function split(jobs: readonly Job[]): readonly [fitting: readonly Job[], others: readonly Job[]] {
  let characters = 0;
  const first = jobs.findIndex((job, at) => {
    characters += job.payload?.length ?? 0;
    return at > 0 && characters > elsewhereLimits.characters;
  });
  return first < 0 ? [jobs, []] : [jobs.slice(0, first), jobs.slice(first)];
}

const shuttingDown = (): HatstandError =>
  new HatstandError('shutting_down', 'The server is shutting down and gives no jobs any more. Repeat the claim at another node, or later.');

const tooManyPolls = (): HatstandError =>
  new HatstandError(
    'overloaded',
    `${elsewhereLimits.polls} polls wait at this node already. Repeat it later, ask at another node, or ask for several workers in one poll.`,
    { limit: elsewhereLimits.polls },
  );
