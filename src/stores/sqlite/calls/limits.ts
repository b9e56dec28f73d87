/** The calls of limits. */
import type { LimitSettings } from '../../../core/limit.ts';
import type { LimitStore } from '../../../ports/store/limits.ts';
import type { CallsOf } from './call.ts';
import { args, type Codec, fields, flag, list, nullable, number, numberOrNull, text, variants } from './codec.ts';

const settings = { concurrency: numberOrNull, rate: nullable(fields({ max: number, per: number })), pausedUntil: numberOrNull };
const record = fields({ name: text, ...settings, left: numberOrNull, held: numberOrNull, parked: numberOrNull });

const configuring = args(text, fields(settings), flag);
const configureArgs: Codec<
  Readonly<Parameters<LimitStore['configure']>>,
  readonly [name: string, settings: LimitSettings, onlyNew: boolean]
> = {
  write: (cells, [name, asked, onlyNew = false]) => configuring.write(cells, [name, asked, onlyNew]),
  read: configuring.read,
};

export const limitCalls = {
  list: { thread: 'writer', args: args(), answer: list(record) },
  configure: {
    thread: 'writer',
    args: configureArgs,
    answer: variants({ configured: { limit: record }, exists: { limit: record }, tooMany: {} }),
  },
  remove: { thread: 'writer', args: args(text), answer: flag },
} satisfies CallsOf<LimitStore>;
