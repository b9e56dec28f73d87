/** What happens in a random history. Jobs, attempts and nodes are named by numbers, taken modulo how many there are. */
import fc from 'fast-check';
import type { Millis } from '../../core/duration.ts';
import type { JobState, NewJob } from '../../core/job.ts';
import type { QueueSettings } from '../../core/queue.ts';
import { asked, minute } from './subject.ts';

/** Time passes in whole units, each far longer than what a history takes by itself. */
export const unit: Millis = 10 * minute;
/** Added where something must not depend on what passes beside the units. */
export const margin: Millis = unit / 2;

export type Command =
  | { readonly kind: 'push'; readonly jobs: readonly NewJob[] }
  /** `lost`: the reply does not arrive, and the node's next claim is this one again. */
  | { readonly kind: 'claim'; readonly node: number; readonly want: number; readonly slots: number; readonly lost: boolean }
  | { readonly kind: 'claimOutside'; readonly want: number; readonly ttl: Millis }
  /** Also of attempts that are long over, so under stale fences. */
  | { readonly kind: 'settle'; readonly attempt: number; readonly outcome: Outcome; readonly effects: readonly NewJob[] }
  | { readonly kind: 'extend'; readonly attempt: number; readonly ttl: Millis }
  | { readonly kind: 'cancel' | 'restart' | 'remove'; readonly job: number }
  | { readonly kind: 'renew'; readonly node: number; readonly acknowledge: boolean }
  | { readonly kind: 'reconcile'; readonly node: number; readonly forgets: number }
  | { readonly kind: 'leave' | 'drain' | 'resume' | 'forget'; readonly node: number }
  | { readonly kind: 'bury' | 'promote' }
  | { readonly kind: 'pass'; readonly units: number }
  | { readonly kind: 'configure'; readonly queue: string; readonly change: Partial<QueueSettings> }
  | { readonly kind: 'sweep'; readonly ended: number | null; readonly keys: number }
  | { readonly kind: 'list'; readonly state: JobState; readonly newest: boolean; readonly limit: number };

export type Outcome = 'succeeded' | 'failed' | 'failed for good' | 'skipped' | 'returned';

/** `v` has jobs in one queue only: whose turn it is among several is each store's own affair. */
const places = [
  { worker: 'w', queue: 'a' },
  { worker: 'w', queue: 'b' },
  { worker: 'v', queue: 'b' },
] as const;

export const wants = [
  [{ worker: 'w', queues: ['a'] }],
  [{ worker: 'w', queues: ['b'] }],
  [{ worker: 'v', queues: 'any' }],
  [
    { worker: 'v', queues: 'any' },
    { worker: 'w', queues: ['a'] },
  ],
] as const;

const units = fc.integer({ min: 1, max: 3 });
const small = fc.nat(11);
const node = fc.nat(2);

const newJob: fc.Arbitrary<NewJob> = fc
  .record({
    place: fc.constantFrom(...places),
    manual: fc.boolean(),
    priority: fc.integer({ min: -1, max: 1 }),
    delay: fc.option(units, { freq: 2 }),
    key: fc.option(fc.constantFrom('k', 'l'), { freq: 2 }),
    digest: fc.constantFrom('d', 'd', 'e'),
    attempts: fc.constantFrom(1, 2, 3),
    onLost: fc.constantFrom('retry' as const, 'retry' as const, 'fail' as const),
  })
  .map(({ place, manual, priority, delay, key, digest, attempts, onLost }) => {
    const { options } = asked();
    const retry = { attempts, backoff: unit, maxBackoff: unit };
    const start = delay === null ? null : { delay: delay * unit };
    const idempotency = key === null ? null : { key, digest };
    return asked({ ...place, manual, priority, start, idempotency, options: { ...options, onLost, retry } });
  });

const change: fc.Arbitrary<Partial<QueueSettings>> = fc.oneof(
  fc.record({ paused: fc.boolean() }),
  fc.record({ concurrency: fc.option(fc.nat(2)) }),
  fc.record({ rate: fc.option(fc.record({ max: fc.constantFrom(1, 2), per: fc.constant(2 * unit) })) }),
);

const outcome = fc.constantFrom<Outcome>('succeeded', 'failed', 'failed', 'failed for good', 'skipped', 'returned');
const is = <const K extends string>(kind: K) => fc.constant(kind);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: is('push'), jobs: fc.array(newJob, { minLength: 1, maxLength: 3 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: is('claim'),
      node,
      want: fc.nat(3),
      slots: fc.integer({ min: 1, max: 3 }),
      lost: fc.constantFrom(true, false, false),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: is('claimOutside'), want: fc.nat(3), ttl: units.map((n) => n * unit) }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: is('settle'), attempt: small, outcome, effects: fc.array(newJob, { maxLength: 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: is('extend'), attempt: small, ttl: units.map((n) => n * unit) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('cancel', 'cancel', 'restart', 'remove'), job: small }) },
  { weight: 3, arbitrary: fc.record({ kind: is('renew'), node, acknowledge: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: is('reconcile'), node, forgets: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('leave', 'drain', 'resume', 'forget'), node }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('bury', 'bury', 'bury', 'promote') }) },
  { weight: 5, arbitrary: fc.record({ kind: is('pass'), units }) },
  { weight: 1, arbitrary: fc.record({ kind: is('configure'), queue: fc.constantFrom('a', 'b'), change }) },
  { weight: 1, arbitrary: fc.record({ kind: is('sweep'), ended: fc.option(fc.nat(4)), keys: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: is('list'),
      state: fc.constantFrom('queued', 'running', 'succeeded', 'canceled'),
      newest: fc.boolean(),
      limit: units,
    }),
  },
);

export const history: fc.Arbitrary<readonly Command[]> = fc.array(command, { minLength: 1, maxLength: 60, size: 'max' });
