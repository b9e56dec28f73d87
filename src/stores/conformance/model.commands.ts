/**
 * What happens in a random history. Jobs, attempts and claims are named by how many are younger, modulo how many there are;
 * nodes by their seats.
 */
import fc from 'fast-check';
import type { Millis } from '../../core/duration.ts';
import type { JobState, NewJob } from '../../core/job.ts';
import { openQueue, type QueueSettings } from '../../core/queue.ts';
import { type DefinitionCall, definitionCalls } from './model.definitions.ts';
import { job, queues, resultText, unit, wants } from './model.jobs.ts';

/** A call on the store. */
export type Call =
  | { readonly kind: 'push'; readonly jobs: readonly NewJob[] }
  /** `lost`: the reply does not arrive, and the node's next claim is this one again. */
  | { readonly kind: 'claim'; readonly node: number; readonly want: number; readonly slots: number; readonly lost: boolean }
  | { readonly kind: 'claimOutside'; readonly want: number; readonly slots: number; readonly ttl: Millis }
  /** A claim comes once more, also one of the same turn. */
  | { readonly kind: 'repeat'; readonly claim: number }
  | Settle
  | { readonly kind: 'extend'; readonly attempt: number; readonly ttl: Millis }
  /** `begun`: a job that was given to a holder. */
  | { readonly kind: 'cancel' | 'restart' | 'remove'; readonly job: number; readonly begun: boolean }
  | { readonly kind: 'renew'; readonly node: number; readonly acknowledge: boolean }
  | { readonly kind: 'reconcile'; readonly node: number; readonly forgets: number }
  | { readonly kind: 'leave' | 'drain' | 'resume' | 'forget'; readonly node: number }
  | { readonly kind: 'bury' }
  | { readonly kind: 'promote' }
  | { readonly kind: 'configure'; readonly queue: string; readonly change: Partial<QueueSettings> }
  | { readonly kind: 'sweep'; readonly ended: number | null; readonly keys: number; readonly journal: number | null }
  | DefinitionCall;

export interface Settle {
  readonly kind: 'settle';
  readonly attempt: number;
  readonly proof: Proof;
  readonly outcome: Outcome;
  /** `''`: one that tells attempts apart. */
  readonly text: string;
  readonly effects: readonly NewJob[];
}

/** `held`: of an attempt that nobody has settled; `none`: of such a one, but without its fence; `any`: also of one that is over. */
type Proof = 'held' | 'none' | 'any';

type Outcome = 'succeeded' | 'succeeded quietly' | 'failed' | 'failed for good' | 'skipped' | 'returned';

export type Command =
  | Call
  /** Calls that are made at once. */
  | { readonly kind: 'turn'; readonly calls: readonly Call[] }
  | { readonly kind: 'pass'; readonly units: number }
  | { readonly kind: 'due'; readonly behind: number }
  | { readonly kind: 'list'; readonly state: JobState; readonly newest: boolean; readonly limit: number };

type Weighted<T> = fc.WeightedArbitrary<T>;
const weigh = <T>(weight: number, arbitrary: fc.Arbitrary<T>): Weighted<T> => ({ weight, arbitrary });
const is = <const K extends string>(kind: K): fc.Arbitrary<K> => fc.constant(kind);

const recent = fc.nat(11);
const node = fc.nat(2);
const want = fc.nat(wants.length - 1);
const slots = fc.constantFrom(1, 2, 3, 9);
const units = fc.constantFrom(1, 1, 2, 3);
const ttl = units.map((n) => n * unit);

const jobs: fc.Arbitrary<readonly NewJob[]> = fc.oneof(
  job.map((one) => [one]),
  job.map((one) => [one, one, one, one]),
  fc.array(job, { maxLength: 5 }),
);

const change: fc.Arbitrary<Partial<QueueSettings>> = fc.oneof(
  weigh(3, fc.constant(openQueue)),
  weigh(1, fc.record({ paused: fc.boolean() })),
  weigh(1, fc.record({ concurrency: fc.option(fc.nat(2)) })),
  weigh(1, fc.record({ rate: fc.option(fc.record({ max: fc.constantFrom(1, 2), per: fc.constant(2 * unit) })) })),
);

const outcome = fc.constantFrom<Outcome>(
  ...(['succeeded', 'succeeded quietly', 'failed', 'failed', 'failed for good', 'skipped', 'returned'] as const),
);
const proof = fc.constantFrom<Proof>(...(['held', 'held', 'held', 'held', 'any', 'any', 'none'] as const));
const settle: fc.Arbitrary<Call> = fc.record({
  kind: is('settle'),
  attempt: recent,
  proof,
  outcome,
  text: resultText,
  effects: fc.constantFrom(0, 0, 0, 1, 2).chain((count) => fc.array(job, { minLength: count, maxLength: count })),
});

/** The youngest attempts end in the same way: most often all of one claim. */
const settles: fc.Arbitrary<readonly Call[]> = fc
  .record({ proofs: fc.array(proof, { minLength: 2, maxLength: 6 }), outcome, text: resultText })
  .map(({ proofs, ...how }) => proofs.map((each) => ({ kind: 'settle', attempt: 0, proof: each, ...how, effects: [] })));

const calls: readonly Weighted<Call>[] = [
  weigh(8, fc.record({ kind: is('push'), jobs })),
  weigh(8, fc.record({ kind: is('claim'), node, want, slots, lost: fc.constantFrom(true, false, false) })),
  weigh(3, fc.record({ kind: is('claimOutside'), want, slots, ttl })),
  weigh(1, fc.record({ kind: is('repeat'), claim: fc.nat(3) })),
  weigh(12, settle),
  weigh(1, fc.record({ kind: is('extend'), attempt: recent, ttl })),
  weigh(5, fc.record({ kind: fc.constantFrom('cancel', 'cancel', 'restart', 'remove'), job: recent, begun: fc.boolean() })),
  weigh(5, fc.record({ kind: is('renew'), node, acknowledge: fc.boolean() })),
  weigh(2, fc.record({ kind: is('reconcile'), node, forgets: fc.nat(2) })),
  weigh(2, fc.record({ kind: fc.constantFrom('leave', 'drain', 'resume', 'resume', 'forget'), node })),
  weigh(3, fc.record({ kind: is('bury') })),
  weigh(1, fc.record({ kind: is('promote') })),
  weigh(1, fc.record({ kind: is('configure'), queue: fc.constantFrom(...queues), change })),
  weigh(
    1,
    fc.record({
      kind: is('sweep'),
      ended: fc.option<number>(fc.nat(4)),
      keys: fc.nat(4),
      journal: fc.option<number>(fc.nat(6), { freq: 1 }),
    }),
  ),
  ...definitionCalls(job),
];

const pass: fc.Arbitrary<Command> = fc.record({ kind: is('pass'), units });
const due: fc.Arbitrary<Command> = fc.record({ kind: is('due'), behind: fc.nat(1) });
const list: fc.Arbitrary<Command> = fc.record({
  kind: is('list'),
  state: fc.constantFrom('queued', 'running', 'succeeded', 'canceled'),
  newest: fc.boolean(),
  limit: units,
});

const call: fc.Arbitrary<Call> = fc.oneof(...calls);
const callOrRun = fc.oneof(
  weigh(
    6,
    call.map((one) => [one]),
  ),
  weigh(2, settles),
);
/** Few calls travel in ways of their own, so that many turns are short. */
const turn: fc.Arbitrary<Command> = fc
  .oneof(fc.array(callOrRun, { minLength: 1, maxLength: 3 }), fc.array(callOrRun, { minLength: 1, maxLength: 12 }))
  .map((made) => ({ kind: 'turn', calls: made.flat() }));

/** Time passes while somebody asks for burials, which are otherwise put off. */
const watch: fc.Arbitrary<readonly Command[]> = units.map((count) =>
  Array.from({ length: count }, (): readonly Command[] => [{ kind: 'pass', units: 1 }, { kind: 'bury' }]).flat(),
);

export type History = readonly Command[];

const historyOf = (longest: number, ...commands: readonly Weighted<Command | readonly Command[]>[]): fc.Arbitrary<History> =>
  fc.array(fc.oneof(...commands), { minLength: 1, maxLength: longest, size: 'max' }).map((history) => history.flat());

/** One call after the other. */
export const callByCall = historyOf(60, ...calls, weigh(5, pass), weigh(2, due), weigh(1, list));
/** Many calls at once. */
export const turnByTurn = historyOf(120, weigh(7, turn), weigh(1, pass), weigh(1, watch), weigh(1, due), weigh(1, list));
