/**
 * Claims exactly what can start now, for all workers in one step, and starts it. At most two claims are under way, each
 * for half of the slots: while the store works on one, the jobs of the other are started and settled here.
 */
import type { Millis } from '../core/duration.ts';
import type { Job } from '../core/job.ts';
import { failpoint } from '../failpoint.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Claim, ClaimRequest, Want } from '../ports/store/jobs.ts';
import type { Store } from '../ports/store/store.ts';
import { makeFaultLog } from './fault-log.ts';
import type { Workers } from './workers.ts';

export interface Dispatcher {
  /** There may be something to claim. Calls in one turn cost one claim; a node that may not claim makes none. */
  wake(): void;
  /** The same; resolves when the jobs of all claims under way have been started. */
  tick(): Promise<void>;
  /** Operations whose reply is not known yet. */
  pending(): readonly string[];
  /** No further claim; resolves when those under way have been answered. */
  stop(): Promise<void>;
}

export interface DispatcherParts {
  readonly store: Store;
  readonly workers: Workers;
  readonly clock: Clock;
  readonly log: Logger;
  mayClaim(): boolean;
  /** Who claims now; the name of this node's incarnation. */
  holder(): string;
  /** A name that no other claim of this holder has. */
  nextOperation(): string;
  start(job: Job): void;
}

const restFor: Millis = 250;
const claimsAtOnce = 2;

interface Claiming {
  readonly request: ClaimRequest;
  /** The slots kept free for it; `null` until it leaves: it then takes also what has fallen free meanwhile. */
  reserved: readonly Want[] | null;
}

export function makeDispatcher(parts: DispatcherParts): Dispatcher {
  const { store, workers, clock, mayClaim } = parts;
  const faults = makeFaultLog(parts.log, 'claim');
  const underWay = new Map<Claiming, Promise<void>>();
  /** Claims whose reply was lost. They are repeated as they were, so that their attempts are found again. */
  const unanswered: Claiming[] = [];
  /** `resting`: the store has just refused a claim, so the next one waits a little, whatever happens. */
  let state: 'awake' | 'resting' | 'stopped' = 'awake';
  /** Another claim is to follow one of those under way. */
  let isWanted = false;
  let nextWake: { readonly at: Millis; forget(): void } | null = null;

  function wake(): void {
    if (state !== 'awake' || isOneWaiting()) return;
    isWanted = underWay.size >= claimsAtOnce;
    if (isWanted) return;
    const claiming = unanswered.shift() ?? newClaim();
    if (claiming === null) return;
    const answered = claim(claiming).finally(() => {
      underWay.delete(claiming);
      // Lost claims are repeated also while the node drains: it may hold what they were answered with.
      if (isWanted || unanswered.length > 0) wake();
    });
    underWay.set(claiming, answered);
  }

  /** `null`: nothing could start, or this node may start nothing. */
  function newClaim(): Claiming | null {
    if (!mayClaim() || workers.wants().length === 0) return null;
    const claiming: Claiming = {
      reserved: null,
      request: {
        operation: parts.nextOperation(),
        holder: parts.holder(),
        attemptTtl: null,
        wants: () => (claiming.reserved ??= workers.reserve()),
      },
    };
    return claiming;
  }

  /** Until it leaves, a claim takes all that comes ready: no other one is needed. */
  function isOneWaiting(): boolean {
    for (const { reserved } of underWay.keys()) if (reserved === null) return true;
    return false;
  }

  async function claim(claiming: Claiming): Promise<void> {
    try {
      const reply = await store.jobs.claim(claiming.request);
      faults.worked();
      if (reply.jobs.length > 0) failpoint('claim.taken');
      const asked = claiming.reserved ?? [];
      workers.unreserve(asked);
      for (const job of reply.jobs) parts.start(job);
      lookAgain(reply, asked);
    } catch (error) {
      unanswered.push(claiming);
      faults.failed(error);
      rest();
    }
  }

  function rest(): void {
    if (state === 'stopped') return;
    state = 'resting';
    forgetWake();
    wakeIn(restFor);
  }

  function lookAgain(reply: Claim, asked: readonly Want[]): void {
    const begun = Map.groupBy(reply.jobs, (job) => job.worker);
    // A worker that got all it asked for may have more that is ready.
    if (asked.some(({ worker, slots }) => (begun.get(worker)?.length ?? 0) >= slots)) isWanted = true;
    else if (reply.nextIn !== null && state === 'awake') wakeIn(reply.nextIn);
  }

  /** A sooner wake stays: it may be meant for another worker. */
  function wakeIn(delay: Millis): void {
    const at = clock.monotonic() + delay;
    if (nextWake !== null && nextWake.at <= at) return;
    forgetWake();
    const forget = clock.after(delay, () => {
      nextWake = null;
      state = 'awake';
      wake();
    });
    nextWake = { at, forget };
  }

  function forgetWake(): void {
    nextWake?.forget();
    nextWake = null;
  }

  async function allAnswered(): Promise<void> {
    await Promise.all(underWay.values());
  }

  return {
    wake,
    tick() {
      wake();
      return allAnswered();
    },
    pending: () => [...underWay.keys(), ...unanswered].map(({ request }) => request.operation),
    async stop() {
      state = 'stopped';
      forgetWake();
      await allAnswered();
    },
  };
}
