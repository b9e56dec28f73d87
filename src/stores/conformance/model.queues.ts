/** Queues in random histories. */
import fc from 'fast-check';
import { openQueue, type QueueSettings } from '../../core/queue.ts';
import { queues, unit } from './model.new-jobs.ts';
import { frees, is, type Plans, type Weighted, weigh } from './model.turn.ts';

export interface QueueCall {
  readonly kind: 'configure';
  readonly queue: string;
  readonly change: Partial<QueueSettings>;
}

const change: fc.Arbitrary<Partial<QueueSettings>> = fc.oneof(
  weigh(3, fc.constant(openQueue)),
  weigh(1, fc.record({ paused: fc.boolean() })),
  weigh(1, fc.record({ closed: fc.boolean() })),
  weigh(1, fc.record({ concurrency: fc.option(fc.nat(2)) })),
  weigh(1, fc.record({ rate: fc.option(fc.record({ max: fc.constantFrom(1, 2), per: fc.constant(2 * unit) })) })),
);

export const queueCalls: readonly Weighted<QueueCall>[] = [
  weigh(1, fc.record({ kind: is('configure'), queue: fc.constantFrom(...queues), change })),
];

export const queuePlans: Plans<QueueCall> = {
  configure: (world, call) => frees(() => world.opened.store.queues.configure(call.queue, call.change)),
};
