/** The calls of queues. */
import type { QueueSettings } from '../../../core/queue.ts';
import type { QueueStore } from '../../../ports/store/queues.ts';
import type { CallsOf } from './call.ts';
import { args, fields, flag, json, list, nullable, number, numberOrNull, text } from './codec.ts';
import { counts } from './jobs.ts';

const settings = { paused: flag, closed: flag, concurrency: numberOrNull, rate: nullable(fields({ max: number, per: number })) };

export const queueCalls = {
  list: { thread: 'writer', args: args(), answer: list(fields({ name: text, oldestWaiting: numberOrNull, ...settings, counts })) },
  configure: { thread: 'writer', args: args(text, json<Partial<QueueSettings>>()), answer: fields(settings) },
} satisfies CallsOf<QueueStore>;
