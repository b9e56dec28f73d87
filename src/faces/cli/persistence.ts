/** Asks again while a server is away or cannot answer: what is waited for survives that. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HatstandError } from '../../core/errors.ts';
import { isPassing } from '../client/fault.ts';

export interface PersistenceOptions {
  /** When to stop, by `performance.now()`. */
  readonly until: number;
  /** Whether the server has answered already. One that cannot be reached at first may have a wrong address. */
  readonly met: boolean;
  readonly signal: AbortSignal;
  /** Told of the first fault. */
  readonly onFault: (fault: HatstandError) => void;
  /** Default: 100 ms. */
  readonly firstPause?: number;
}

/** Answers what the question does, or `null` when the time is up. Throws what does not change by itself. */
export type Persistence = <T>(question: () => Promise<T>) => Promise<T | null>;

const longestPause = 2_000;

export function makePersistence({ until, signal, onFault, firstPause = 100, ...options }: PersistenceOptions): Persistence {
  let { met } = options;
  let told = false;

  function bear(error: unknown): void {
    if (!isPassing(error)) throw error;
    if (error.code !== 'unreachable') met = true;
    if (!met) throw error;
    if (!told) onFault(error);
    told = true;
  }

  return async (question) => {
    for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
      try {
        const answer = await question();
        met = true;
        return answer;
      } catch (error) {
        bear(error);
      }
      const left = until - performance.now();
      if (left <= 0) return null;
      await sleep(Math.min(pause, left), undefined, { signal });
    }
  };
}
