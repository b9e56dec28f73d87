/** Whether a server answers, and how long to wait until it is asked again. */
import type { Millis } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../ports/logger.ts';
import { systemClock } from '../system/clock.ts';

export interface Link {
  worked(): void;
  /** It did not answer, or cannot now. Told once, until it answers again. */
  away(error: unknown): void;
  /** Calls once: after so long, or before, as soon as a server that was away answers anybody. Answers how to forget it. */
  after(delay: Millis, call: () => void): () => void;
  /** Longer with each try; over at once when the signal aborts, or when a server that was away answers anybody. */
  pause(tries: number, signal?: AbortSignal): Promise<void>;
}

const again: Readonly<Record<'first' | 'longest', Millis>> = { first: 250, longest: 5_000 };
const mostDoublings = 10;

export function makeLink(worker: string, log: Logger): Link {
  let isAway = false;
  /** They wait for the server: it may be there for a moment only. */
  const waiting = new Set<() => void>();

  function after(delay: Millis, call: () => void): () => void {
    const forget = (): void => {
      forgetTimer();
      waiting.delete(end);
    };
    const end = (): void => {
      forget();
      call();
    };
    const forgetTimer = systemClock.after(delay, end);
    waiting.add(end);
    return forget;
  }

  return {
    after,
    worked() {
      if (!isAway) return;
      isAway = false;
      log.info('server.reached', { worker });
      for (const end of [...waiting]) end();
    },
    away(error) {
      if (!isAway) log.warn('server.away', { worker, error: messageOf(error) });
      isAway = true;
    },
    pause: (tries, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          forget();
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const forget = after(Math.min(again.first * 2 ** Math.min(tries, mostDoublings), again.longest), end);
        if (signal?.aborted === true) end();
        else signal?.addEventListener('abort', end, { once: true });
      }),
  };
}
