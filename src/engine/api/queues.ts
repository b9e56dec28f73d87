/** What may be asked of queues. */
import { HatstandError } from '../../core/errors.ts';
import { checkName } from '../../core/new-job.ts';
import { type QueueRecord, type QueueSettings, queueLimits, type RateLimit } from '../../core/queue.ts';
import type { Store } from '../../ports/store/store.ts';

export interface Queues {
  list(): Promise<readonly QueueRecord[]>;
  /** `null` when no job has named it and nothing was set. */
  get(name: string): Promise<QueueRecord | null>;
  /** Pausing lets running jobs finish; settings may be made before the first job. Throws `invalid_request`. */
  configure(name: string, change: Partial<QueueSettings>): Promise<QueueSettings>;
}

export function makeQueues(store: Store, wake: () => void): Queues {
  return {
    list: () => store.queues.list(),
    async get(name) {
      const all = await store.queues.list();
      return all.find((queue) => queue.name === name) ?? null;
    },
    async configure(name, change) {
      checkName(name, 'queue');
      checkWhole(change.concurrency, 'concurrency');
      if (change.rate != null) checkRate(change.rate);
      const settings = await store.queues.configure(name, change);
      wake();
      return settings;
    },
  };
}

/** Throws `invalid_request`. */
export function checkRate({ max, per }: RateLimit): void {
  checkWhole(max, 'rate.max');
  if (!(per >= 1 && per <= queueLimits.longestPer))
    throw new HatstandError('invalid_request', `rate.per must be from 1ms to 1d, not ${per}ms.`, { field: 'rate.per' });
}

export function checkWhole(value: number | null | undefined, field: string): void {
  if (value == null || (Number.isInteger(value) && value >= 1 && value <= queueLimits.most)) return;
  throw new HatstandError('invalid_request', `${field} must be a whole number from 1 to ${queueLimits.most}, not ${value}.`, { field });
}
