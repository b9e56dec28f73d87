/** Queues as the library asks for them and shows them. */
import type { LimitSettings } from '../core/limit.ts';
import { type QueueSettings, queueLimits } from '../core/queue.ts';
import { checked, duration, type OptionsOf, objectOf, orNull, time, whole } from './option.ts';
import type { Duration } from './options.ts';

/** On average `max` attempts start per `per`, and at most `max` at once. */
export interface Rate {
  /** 1 to 1,000,000. */
  readonly max: number;
  /** 1 ms to 1 day. */
  readonly per: Duration;
}

export interface LimitOptions {
  /** Running jobs of the queue in the whole cluster; `null`: as many as there are slots. Default: as it is. */
  readonly concurrency?: number | null | undefined;
  /** How many attempts start in which time, `{ max, per }`; `null`: as many as can. Default: as it is. */
  readonly rate?: Rate | null | undefined;
}

/** What `setLimit` takes. */
export interface KeyLimitOptions {
  /** Running jobs of the key in the whole cluster; `null`: as many as there are slots. Default: `null`. */
  readonly concurrency?: number | null | undefined;
  /** How many jobs are pushed in which time, `{ max, per }`; `null`: as many as come. Default: `null`. */
  readonly rate?: Rate | null | undefined;
  /** None of its jobs starts before this: they wait; `null`: they may. Default: `null`. */
  readonly pausedUntil?: Date | string | null | undefined;
}

const { most, longestPer } = queueLimits;
const aRate = objectOf({ max: { kind: whole(1, most), default: 'required' }, per: { kind: duration(1, longestPer), default: 'required' } });

export const limitOptions = {
  concurrency: { kind: orNull(whole(1, most)), default: 'as it is' },
  rate: {
    kind: orNull(aRate),
    default: 'as it is',
  },
} as const satisfies OptionsOf<LimitOptions>;

export const keyLimitOptions = {
  concurrency: { kind: orNull(whole(1, most)), default: '`null`' },
  rate: { kind: orNull(aRate), default: '`null`' },
  pausedUntil: { kind: orNull(time), default: '`null`' },
} as const satisfies OptionsOf<KeyLimitOptions>;

/** Throws `invalid_request`. */
export function keyLimitOf(options: KeyLimitOptions): LimitSettings {
  const { concurrency = null, rate = null, pausedUntil = null } = checked(options, keyLimitOptions, 'setLimit');
  return { concurrency, rate, pausedUntil };
}

/** Throws `invalid_request`. */
export const limitsOf = (options: LimitOptions): Partial<QueueSettings> => checked(options, limitOptions, 'limits');
