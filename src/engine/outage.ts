/** Tells that the store is away once, and that it is back once, whichever loops of a node meet it. */
import { HatstandError, messageOf } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';

export interface Outage {
  /** A loop has failed: answers whether it is for the store, and so is told already. */
  met(loop: string, error: unknown): boolean;
  /** A loop has had a round. */
  worked(loop: string): void;
}

export function makeOutage(clock: Pick<Clock, 'monotonic'>, log: Logger): Outage {
  /** Loops that wait for it. */
  const waiting = new Set<string>();
  let since = 0;
  return {
    met(loop, error) {
      if (!(error instanceof HatstandError) || error.code !== 'store_unavailable') return false;
      if (waiting.size === 0) {
        since = clock.monotonic();
        log.error('store.away', { error: messageOf(error) });
      }
      waiting.add(loop);
      return true;
    },
    worked(loop) {
      if (waiting.delete(loop) && waiting.size === 0) log.info('store.back', { seconds: Math.round((clock.monotonic() - since) / 1_000) });
    },
  };
}
