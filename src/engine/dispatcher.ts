/**
 * Claims exactly what can start now, for all workers in one step, and starts it. One claim is under way at a time; what
 * happens meanwhile (a push, a slot that falls free) leads to one more right after it.
 */
import type { Millis } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { failpoint } from '../failpoint.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Claim, ClaimRequest, Store } from '../ports/store.ts';
import type { Workers } from './workers.ts';

export interface Dispatcher {
  /** There may be something to claim. Calls in one turn cost one claim. */
  wake(): void;
  /** One claim, unless one is under way; resolves when its jobs have been started. */
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

export function makeDispatcher(parts: DispatcherParts): Dispatcher {
  const { store, workers, clock } = parts;
  let underWay: Promise<void> | null = null;
  let wokenMeanwhile = false;
  let stopped = false;
  /** A claim whose reply got lost: it is repeated as it was, so that its attempts are found again. */
  let unanswered: ClaimRequest | null = null;
  let pending: string | null = null;
  /** The slots that the newest claim had when it left. */
  let asked = 0;
  let forgetTimer: (() => void) | null = null;

  function tick(): Promise<void> {
    if (stopped) return Promise.resolve();
    if (underWay !== null) {
      wokenMeanwhile = true;
      return underWay;
    }
    const request = unanswered ?? nextRequest();
    if (request === null) return Promise.resolve();
    wokenMeanwhile = false;
    underWay = claim(request).finally(() => {
      underWay = null;
      if (wokenMeanwhile) void tick();
    });
    return underWay;
  }

  function nextRequest(): ClaimRequest | null {
    if (workers.wants().length === 0) return null;
    return {
      operation: parts.nextOperation(),
      holder: parts.holder(),
      attemptTtl: null,
      get wants() {
        const wants = workers.wants();
        asked = wants.reduce((sum, want) => sum + want.slots, 0);
        return wants;
      },
    };
  }

  async function claim(request: ClaimRequest): Promise<void> {
    pending = request.operation;
    try {
      const reply = await store.claim(request);
      if (reply.jobs.length > 0) failpoint('claim.taken');
      unanswered = null;
      for (const job of reply.jobs) parts.start(job);
      lookAgain(reply);
    } catch (error) {
      unanswered = request;
      parts.log.warn('claim.failed', { error: messageOf(error) });
      wakeIn(claimAgainAfter);
    } finally {
      pending = unanswered?.operation ?? null;
    }
  }

  function lookAgain(reply: Claim): void {
    // A full claim says nothing of what is left.
    if (reply.jobs.length >= asked) wokenMeanwhile = true;
    else if (reply.nextIn !== null) wakeIn(reply.nextIn);
  }

  function wakeIn(delay: Millis): void {
    forgetTimer?.();
    forgetTimer = clock.after(delay, () => void tick());
  }

  return {
    wake: () => void tick(),
    tick,
    pending: () => (pending === null ? [] : [pending]),
    async stop() {
      stopped = true;
      forgetTimer?.();
      await underWay;
    },
  };
}
