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
  /** There may be something to claim. Calls in one turn cost one claim. */
  wake(): void;
  /** The same; resolves when the jobs of all claims under way have been started. */
  tick(): Promise<void>;
  /** Operations whose reply is not known yet. */
  pending(): readonly string[];
  /** No further claim; resolves when the one under way has been answered. */
  stop(): Promise<void>;
}

export interface DispatcherParts {
  readonly store: Store;
  readonly workers: Workers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Who claims now; the name of this node's incarnation. */
  holder(): string;
  /** A name that no other claim of this holder has. */
  nextOperation(): string;
  start(job: Job): void;
}

const claimAgainAfter: Millis = 250;
const claimsAtOnce = 2;

/** A claim and the slots that are kept free for it, which are counted when it leaves. */
interface Claiming {
  readonly request: ClaimRequest;
  slots(): readonly Want[];
  /** Until then it takes also what comes ready now. */
  hasLeft(): boolean;
}

export function makeDispatcher(parts: DispatcherParts): Dispatcher {
  const { store, workers, clock } = parts;
  const faults = makeFaultLog(parts.log, 'claim');
  const underWay = new Map<Claiming, Promise<void>>();
  /** Claims whose reply got lost: they are repeated as they were, so that their attempts are found again. */
  const unanswered: Claiming[] = [];
  let wokenMeanwhile = false;
  let stopped = false;
  /** The store has just refused a claim: whatever happens, the next one waits a little. */
  let resting = false;
  let nextWake: { readonly at: number; forget(): void } | null = null;

  function wake(): void {
    if (stopped || resting || isOneWaiting()) return;
    if (underWay.size >= claimsAtOnce) {
      wokenMeanwhile = true;
      return;
    }
    const claiming = unanswered.shift() ?? nextClaim();
    if (claiming === null) return;
    wokenMeanwhile = false;
    const answered = claim(claiming).finally(() => {
      underWay.delete(claiming);
      // What was lost is asked for to the last, also while the node drains and nobody wakes us.
      if (wokenMeanwhile || unanswered.length > 0) wake();
    });
    underWay.set(claiming, answered);
  }

  function nextClaim(): Claiming | null {
    if (workers.wants().length === 0) return null;
    let reserved: readonly Want[] | null = null;
    const slots = (): readonly Want[] => (reserved ??= workers.reserve());
    const request: ClaimRequest = {
      operation: parts.nextOperation(),
      holder: parts.holder(),
      attemptTtl: null,
      wants: slots,
    };
    return { request, slots, hasLeft: () => reserved !== null };
  }

  function isOneWaiting(): boolean {
    for (const claiming of underWay.keys()) if (!claiming.hasLeft()) return true;
    return false;
  }

  async function claim(claiming: Claiming): Promise<void> {
    try {
      const reply = await store.jobs.claim(claiming.request);
      faults.worked();
      if (reply.jobs.length > 0) failpoint('claim.taken');
      const asked = claiming.slots();
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
    resting = true;
    forgetWake();
    wakeIn(claimAgainAfter);
  }

  function lookAgain(reply: Claim, asked: readonly Want[]): void {
    const begun = Map.groupBy(reply.jobs, (job) => job.worker);
    // A worker that got all it asked for may have more that is ready.
    if (asked.some(({ worker, slots }) => (begun.get(worker)?.length ?? 0) >= slots)) wokenMeanwhile = true;
    else if (reply.nextIn !== null && !resting) wakeIn(reply.nextIn);
  }

  /** A sooner one stays: it may be meant for another worker. */
  function wakeIn(delay: Millis): void {
    const at = clock.monotonic() + delay;
    if (nextWake !== null && nextWake.at <= at) return;
    forgetWake();
    const forget = clock.after(delay, () => {
      nextWake = null;
      resting = false;
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
      stopped = true;
      forgetWake();
      await allAnswered();
    },
  };
}
