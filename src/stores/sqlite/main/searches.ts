/** Lists that may have to look far end with their signal, and with the store. */
import { HatstandError } from '../../../core/errors.ts';
import type { JobStore } from '../../../ports/store/jobs.ts';
import { isSearch } from '../../list-plan.ts';
import { numberOf } from '../calls/signal.ts';
import type { Port } from './port.ts';

export interface Searches {
  readonly list: JobStore['list'];
  /** Ends all that are under way. */
  close(): void;
}

export function makeSearches({ jobs, searches }: Pick<Port, 'jobs' | 'searches'>): Searches {
  const closing = new AbortController();

  return {
    async list(query, signal) {
      if (!isSearch(query)) return jobs.list(query);
      const ending = signal === undefined ? closing.signal : AbortSignal.any([closing.signal, signal]);
      ending.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      const end = (): void => {
        aborted.reject(ending.reason);
        // One that is not under way any more need not be ended.
        searches.end(numberOf(ending)).catch(() => {});
      };
      ending.addEventListener('abort', end, { once: true });
      return Promise.race([jobs.list(query, ending), aborted.promise]).finally(() => ending.removeEventListener('abort', end));
    },
    close: () => closing.abort(new HatstandError('store_unavailable', 'The store is closed.')),
  };
}
