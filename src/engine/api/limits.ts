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
  /** The same of one that is not there yet; one that is stays as it is. Answers the one that is there then. */
  add(name: string, settings: LimitSettings): Promise<AddedLimit>;
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>;
}

export interface AddedLimit {
  readonly isNew: boolean;
  readonly limit: LimitRecord;
}

function checkTime(pausedUntil: number | null): void {
  if (pausedUntil === null || (Number.isInteger(pausedUntil) && pausedUntil >= 0 && pausedUntil <= latestTime)) return;
  throw new HatstandError('invalid_request', `pausedUntil must be whole Unix milliseconds, not ${pausedUntil}.`, { field: 'pausedUntil' });
}

export function makeLimits({ limits }: Pick<Store, 'limits'>, wake: () => void): Limits {
  async function set(name: string, settings: LimitSettings, onlyNew: boolean): Promise<AddedLimit> {
    checkLimitName(name);
    checkWhole(settings.concurrency, 'concurrency');
    if (settings.rate !== null) checkRate(settings.rate);
    checkTime(settings.pausedUntil);
    const answer = await limits.configure(name, settings, onlyNew);
    if (answer.kind === 'tooMany') {
      throw new HatstandError('too_large', `There are ${mostLimits} limits already. Remove one, or use a pattern for many keys.`, {
        field: 'limit',
        limit: mostLimits,
      });
    }
    const isNew = answer.kind === 'configured';
    if (isNew) wake();
    return { isNew, limit: answer.limit };
  }

  return {
    list: async () => (await limits.list()).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    configure: async (name, settings) => (await set(name, settings, false)).limit,
    add: (name, settings) => set(name, settings, true),
    async remove(name) {
      const removed = await limits.remove(checkLimitName(name));
      wake();
      return removed;
    },
  };
}
