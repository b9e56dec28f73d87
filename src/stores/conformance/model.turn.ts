/** Calls made at once on one store, or one by one in the order in which a store that batches them must do them. */
import fc from 'fast-check';
import type { JobId } from '../../core/id.ts';
import type { Job } from '../../core/job.ts';
import type { World } from './model.world.ts';
import { all } from './subject.ts';

/** Calls of histories, by how often they are made. */
export type Weighted<T> = fc.WeightedArbitrary<T>;
export const weigh = <T>(weight: number, arbitrary: fc.Arbitrary<T>): Weighted<T> => ({ weight, arbitrary });
export const is = <const K extends string>(kind: K): fc.Arbitrary<K> => fc.constant(kind);

/** What each kind of call asks of one store; `null`: there is nothing yet that it could be about. */
export type Plans<Call extends { readonly kind: string }> = {
  readonly [K in Call['kind']]: (world: World, call: Call & { readonly kind: K }) => Planned | null | Promise<Planned | null>;
};

/** Tells what can be seen of an answer, once it is known which jobs the turn has made. */
type Show = () => unknown;

/** A call that may be made. */
export interface Planned {
  readonly rank: number;
  /** The job whose attempt it settles; `null`: it settles none. */
  readonly settles: JobId | null;
  send(): Promise<Show>;
}

const planner =
  (rank: number) =>
  <T>(ask: () => Promise<T>, show: (answer: T) => unknown = (answer) => answer, settles: JobId | null = null): Planned => ({
    rank,
    settles,
    async send() {
      const answer = await ask();
      return () => show(answer);
    },
  });

/** What frees goes first within a turn, then what adds, then what takes. */
export const [frees, adds, takes] = [planner(0), planner(1), planner(2)];

/** Answers all that can be seen of what the calls did, in the order in which they must be done. */
export async function runTurn(world: World, calls: readonly Planned[]): Promise<unknown> {
  const inOrder = calls.toSorted((a, b) => a.rank - b.rank);
  const shows = await (world.isModel ? sendOneByOne(inOrder) : sendAtOnce(calls));
  const touched = await look(world, calls);
  const answers = inOrder.map((call) => shows.get(call)?.());
  return { answers, touched: touched.map((job) => world.job(job)) };
}

async function sendAtOnce(calls: readonly Planned[]): Promise<ReadonlyMap<Planned, Show>> {
  return new Map(await Promise.all(calls.map(async (call) => [call, await call.send()] as const)));
}

async function sendOneByOne(calls: readonly Planned[]): Promise<ReadonlyMap<Planned, Show>> {
  const shows = new Map<Planned, Show>();
  for (const call of calls) shows.set(call, await call.send());
  return shows;
}

/** What settles do not answer: how they leave their jobs, and what they have pushed. */
async function look(world: World, calls: readonly Planned[]): Promise<readonly Job[]> {
  const { store } = world.opened;
  const settled = new Set(calls.flatMap(({ settles }) => settles ?? []));
  if (settled.size === 0) return [];
  const [{ jobs: made }, ...found] = await Promise.all([
    store.jobs.list({ ...all, from: world.newest() }),
    ...[...settled].map((id) => store.jobs.get(id)),
  ]);
  for (const { id } of made) world.made(id);
  return [...found.filter((job) => job !== null), ...made];
}
