/** What happens in a random history. Each noun has its calls in a file of its own. */
import fc from 'fast-check';
import type { JobState } from '../../core/job.ts';
import { type DefinitionCall, definitionCalls, definitionPlans } from './model.definitions.ts';
import { type JobCall, jobCalls, jobPlans, settles } from './model.jobs.ts';
import { journalCalls, journalPlans, type PublishCall } from './model.journal.ts';
import { type LimitCall, limitCalls, limitPlans } from './model.limits.ts';
import { type NodeCall, nodeCalls, nodePlans } from './model.nodes.ts';
import { type QueueCall, queueCalls, queuePlans } from './model.queues.ts';
import { is, type Planned, type Plans, type Weighted, weigh } from './model.turn.ts';
import { type UpkeepCall, upkeepCalls, upkeepPlans } from './model.upkeep.ts';
import type { World } from './model.world.ts';

/** A call on the store. */
export type Call = JobCall | QueueCall | LimitCall | NodeCall | DefinitionCall | PublishCall | UpkeepCall;

const calls: readonly Weighted<Call>[] = [
  ...jobCalls,
  ...queueCalls,
  ...limitCalls,
  ...nodeCalls,
  ...definitionCalls,
  ...journalCalls,
  ...upkeepCalls,
];
const plans: Plans<Call> = { ...jobPlans, ...queuePlans, ...limitPlans, ...nodePlans, ...definitionPlans, ...journalPlans, ...upkeepPlans };

/** `null`: there is nothing yet that it could be about. */
export async function plan(world: World, call: Call): Promise<Planned | null> {
  const planOne = plans[call.kind] as (world: World, call: Call) => Planned | null | Promise<Planned | null>;
  return planOne(world, call);
}

export type Command =
  | Call
  /** Calls that are made at once. */
  | { readonly kind: 'turn'; readonly calls: readonly Call[] }
  | { readonly kind: 'pass'; readonly units: number }
  | { readonly kind: 'due'; readonly behind: number }
  | { readonly kind: 'list'; readonly state: JobState; readonly newest: boolean; readonly limit: number };

const units = fc.constantFrom(1, 1, 2, 3);

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
  Array.from({ length: count }, (): readonly Command[] => [
    { kind: 'pass', units: 1 },
    { kind: 'bury', dead: [] },
  ]).flat(),
);

export type History = readonly Command[];

const historyOf = (longest: number, ...commands: readonly Weighted<Command | readonly Command[]>[]): fc.Arbitrary<History> =>
  fc.array(fc.oneof(...commands), { minLength: 1, maxLength: longest, size: 'max' }).map((history) => history.flat());

/** One call after the other. */
export const callByCall = historyOf(60, ...calls, weigh(5, pass), weigh(2, due), weigh(1, list));
/** Many calls at once. */
export const turnByTurn = historyOf(120, weigh(7, turn), weigh(1, pass), weigh(1, watch), weigh(1, due), weigh(1, list));
