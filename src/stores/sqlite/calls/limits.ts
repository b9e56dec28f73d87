/** The calls of limits. */
import type { LimitStore } from '../../../ports/store/limits.ts';
import type { CallsOf } from './call.ts';
import { args, fields, flag, list, nothing, nullable, number, numberOrNull, text } from './codec.ts';

const settings = { concurrency: numberOrNull, rate: nullable(fields({ max: number, per: number })), pausedUntil: numberOrNull };

export const limitCalls = {
  list: {
    thread: 'writer',
    args: args(),
    answer: list(fields({ name: text, ...settings, left: numberOrNull, held: numberOrNull, parked: numberOrNull })),
  },
  configure: { thread: 'writer', args: args(text, fields(settings)), answer: nothing },
  remove: { thread: 'writer', args: args(text), answer: flag },
} satisfies CallsOf<LimitStore>;
