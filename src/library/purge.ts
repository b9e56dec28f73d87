/** Purging as the library asks for it. */
import { type PurgeSlice, purgeLimits } from '../engine/api/purge.ts';
import { aName, checked, duration, listOf, nameOrNone, type OptionsOf, refused, signal, whole } from './option.ts';
import type { Duration } from './options.ts';
import type { Ask } from './unreadable.ts';

export interface PurgeOptions {
  /** So long ago a job must have ended. */
  readonly olderThan: Duration;
  /** So many of the newest ended jobs stay however old they are: of each state, worker and domain. Default: 50. */
  readonly keep?: number | undefined;
  /** Of these workers alone, at most 100. Default: all. */
  readonly workers?: readonly string[] | undefined;
  /** Of this tenant alone. Default: all. */
  readonly domain?: string | undefined;
  /** Ends it when it is aborted; what is gone by then is gone. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

export interface Purged {
  /** Ended jobs that were looked at. */
  readonly looked: number;
  /** Of these, how many are gone. */
  readonly purged: number;
}

export const purgeOptions = {
  olderThan: { kind: duration(), default: 'required' },
  keep: { kind: whole(0, purgeLimits.keep), default: `${purgeLimits.usualKeep}` },
  workers: { kind: listOf(`a list of 1 to ${purgeLimits.workers} names`, aName, 1), default: 'all' },
  domain: { kind: nameOrNone, default: 'all' },
  signal: { kind: signal, default: 'none' },
} as const satisfies OptionsOf<PurgeOptions>;

/** See `Hatstand.purge`. */
export async function purge(ask: Ask, options: PurgeOptions): Promise<Purged> {
  const { olderThan, keep = purgeLimits.usualKeep, workers = null, domain = null, signal } = checked(options, purgeOptions, 'purge');
  if (olderThan === undefined) throw refused("purge needs how long ago jobs must have ended: { olderThan: '14d' }.", 'olderThan');
  if (workers !== null && workers.length > purgeLimits.workers)
    throw refused(`workers of purge must be ${purgeOptions.workers.kind.expected}, not of ${workers.length}.`, 'workers');
  const asked = { olderThan, keep, workers, domain };
  return ask(async ({ jobs }) => {
    const sum = { looked: 0, purged: 0 };
    for await (const slice of jobs.purge(asked, signal)) add(sum, slice);
    return sum;
  });
}

function add(sum: { looked: number; purged: number }, { looked, purged }: PurgeSlice): void {
  sum.looked += looked;
  sum.purged += purged;
}
