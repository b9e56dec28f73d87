/** Queues as the library asks for them and shows them. */
import { type QueueSettings, queueLimits } from '../core/queue.ts';
import { checked, duration, type OptionsOf, objectOf, orNull, whole } from './option.ts';
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

const { most, longestPer } = queueLimits;

export const limitOptions = {
  concurrency: { kind: orNull(whole(1, most)), default: 'as it is' },
  rate: {
    kind: orNull(
      objectOf({ max: { kind: whole(1, most), default: 'required' }, per: { kind: duration(1, longestPer), default: 'required' } }),
    ),
    default: 'as it is',
  },
} as const satisfies OptionsOf<LimitOptions>;

/** Throws `invalid_request`. */
export const limitsOf = (options: LimitOptions): Partial<QueueSettings> => checked(options, limitOptions, 'limits');
