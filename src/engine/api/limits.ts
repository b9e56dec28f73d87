/** What may be asked of limits. */
import { HatstandError } from '../../core/errors.ts';
import { checkLimitName, type LimitRecord, type LimitSettings, mostLimits } from '../../core/limit.ts';
import { latestTime } from '../../core/time.ts';
import type { Store } from '../../ports/store/store.ts';
import { checkRate, checkWhole } from './queues.ts';

export interface Limits {
  /** By name. */
  list(): Promise<readonly LimitRecord[]>;
  /** Throws `invalid_request`, and `too_large` when there are as many as there may be. */
  configure(name: string, settings: LimitSettings): Promise<LimitRecord>;
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>;
}

function checkTime(pausedUntil: number | null): void {
  if (pausedUntil === null || (Number.isInteger(pausedUntil) && pausedUntil >= 0 && pausedUntil <= latestTime)) return;
  throw new HatstandError('invalid_request', `pausedUntil must be whole Unix milliseconds, not ${pausedUntil}.`, { field: 'pausedUntil' });
}

export function makeLimits({ limits }: Pick<Store, 'limits'>, wake: () => void): Limits {
  const list = async (): Promise<readonly LimitRecord[]> => (await limits.list()).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    list,
    async configure(name, settings) {
      checkLimitName(name);
      checkWhole(settings.concurrency, 'concurrency');
      if (settings.rate !== null) checkRate(settings.rate);
      checkTime(settings.pausedUntil);
      const before = await limits.list();
      if (before.length >= mostLimits && !before.some((limit) => limit.name === name)) {
        throw new HatstandError('too_large', `There are ${mostLimits} limits already. Remove one, or use a pattern for many keys.`, {
          field: 'limit',
          limit: mostLimits,
        });
      }
      await limits.configure(name, settings);
      wake();
      return (await limits.list()).find((limit) => limit.name === name) ?? { name, ...settings, left: null, held: null, parked: null };
    },
    async remove(name) {
      const removed = await limits.remove(checkLimitName(name));
      wake();
      return removed;
    },
  };
}
