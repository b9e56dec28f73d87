/** All that one store shows at the end of a history, after checking that it agrees with itself. */
import { expect } from 'vitest';
import { type Job, type JobState, jobStates } from '../../core/job.ts';
import { digestOf, noLoad } from '../../core/node.ts';
import { openQueue } from '../../core/queue.ts';
import type { JobCount } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Scrubbed } from '../../ports/store/upkeep.ts';
import { dumpDefinitions } from './model.definitions.ts';
import { dumpEvents } from './model.journal.ts';
import type { World } from './model.world.ts';
import { all, attemptsOf, entriesOf, noJobs } from './subject.ts';

const place = ({ worker, queue }: { readonly worker: string; readonly queue: string }): string => `${worker} in ${queue}`;

export async function dump(world: World): Promise<unknown> {
  const { store } = world.opened;
  const { jobs } = await store.jobs.list(all);
  const counts = countsOf(await store.jobs.count());
  expect(counts, 'counts are those of the list').toEqual(recount(jobs));
  await checkStates(store, jobs);
  await checkDigests(world, jobs);
  const attempts = await Promise.all(
    jobs.map(async ({ id }) => (await attemptsOf(store, id)).map((attempt) => world.attempt(id, attempt))),
  );
  const logs = await Promise.all(jobs.map(async ({ id }) => world.log(id, await store.jobs.lines(id, null, 1_000))));
  await checkScrub(store);
  const nodes = (await store.nodes.list()).map((node) => [node.incarnation, world.node(node)]);
  const queues = (await store.queues.list())
    .map(({ name, counts: states, paused, closed, concurrency, rate }) => [name, { states, paused, closed, concurrency, rate }] as const)
    .filter(([, queue]) => JSON.stringify(queue) !== JSON.stringify({ states: noJobs, ...openQueue }));
  return {
    jobs: jobs.map((job) => world.job(job)),
    attempts,
    logs,
    counts,
    nodes: Object.fromEntries(nodes),
    queues: Object.fromEntries(queues),
    limits: Object.fromEntries(
      (await store.limits.list()).map(({ name, pausedUntil, ...limit }) => [name, { ...limit, pausedUntil: world.time(pausedUntil) }]),
    ),
    verbs: await verbs(world),
    definitions: await dumpDefinitions(world),
    events: await dumpEvents(world),
    unreadable: await unreadable(world),
  };
}

async function unreadable(world: World): Promise<unknown> {
  const { total, records } = await world.opened.store.upkeep.unreadable(null, 1_000);
  return { total, ids: records.map(({ id }) => world.number(id)) };
}

function countsOf(counts: readonly JobCount[]): unknown {
  const filled = counts.filter((line) => jobStates.some((state) => line.counts[state] > 0));
  return Object.fromEntries(filled.map((line) => [place(line), line.counts]));
}

function recount(jobs: readonly Job[]): unknown {
  const byPlace = Map.groupBy(jobs, place);
  return Object.fromEntries(
    [...byPlace].map(([name, there]) => [
      name,
      Object.fromEntries(jobStates.map((state) => [state, there.filter((job) => job.state === state).length])),
    ]),
  );
}

/** Each job is found under its state, and under that alone. */
async function checkStates(store: Store, jobs: readonly Job[]): Promise<void> {
  const ids = (some: readonly Job[]): readonly string[] => some.map(({ id }) => id);
  const find = async (state: JobState): Promise<readonly string[]> =>
    ids((await store.jobs.list({ ...all, filter: [{ field: 'state', not: false, any: [state] }] })).jobs);
  const found = await Promise.all(jobStates.map(async (state) => [state, await find(state)] as const));
  const expected = jobStates.map((state) => [state, ids(jobs.filter((job) => job.state === state))] as const);
  expect(found, 'each job is listed under its state').toEqual(expected);
}

/** A step looks at some of what there is. */
async function checkScrub(store: Store): Promise<void> {
  let cursor: string | null = null;
  do {
    const { next, repaired }: Scrubbed = await store.upkeep.scrub(cursor, 1_000);
    expect(repaired, 'a scrub finds nothing wrong').toEqual({});
    cursor = next;
  } while (cursor !== null);
}

async function checkDigests(world: World, jobs: readonly Job[]): Promise<void> {
  for (const seat of world.seats) {
    if (seat.incarnation === null) continue;
    const renewed = await world.opened.store.nodes.renew(seat.incarnation, 1, 0, noLoad);
    if (renewed.kind === 'buried') continue;
    const held = jobs.filter((job) => job.holder === seat.incarnation && (job.state === 'running' || job.state === 'stopping'));
    expect(renewed.digest, 'the digest is that of the list').toBe(digestOf(held));
  }
}

/** What happened to each job, in order. */
async function verbs(world: World): Promise<unknown> {
  const byJob = new Map<number, string[]>();
  for (const { moved } of await entriesOf(world.opened.store)) {
    for (const { verb, ids } of moved) {
      for (const id of ids) byJob.set(world.number(id), [...(byJob.get(world.number(id)) ?? []), verb]);
    }
  }
  return Object.fromEntries([...byJob].sort(([a], [b]) => a - b));
}
