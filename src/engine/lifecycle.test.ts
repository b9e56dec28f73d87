import { describe, expect, it } from 'vitest';
import { parseTopic } from '../core/event-topic.ts';
import { noResult } from '../core/job.ts';
import type { Store } from '../ports/store/store.ts';
import { asked } from '../stores/conformance/subject.ts';
import { openMemory } from '../stores/memory/index.ts';
import { systemClock } from '../system/clock.ts';
import { silent } from '../system/silent.ts';
import { ask, controlled, duty, ended, node, push } from './engine.suite.ts';
import { aboutOf, follower, jobsIn, publish, rule } from './events.suite.ts';
import { makeLifecycle } from './lifecycle.ts';
import { makeTelling, type Telling } from './telling.ts';

async function opened(): Promise<{ readonly store: Store; readonly engines: readonly ReturnType<typeof node>[] }> {
  const store = openMemory();
  const engines = [1, 2, 3].map(() => node(store, controlled().executor, 0));
  for (const engine of engines) await engine.start();
  return { store, engines };
}

/** Those of three nodes that leave the journal to no other. */
const racing = (store: Store): readonly Telling[] =>
  [1, 2, 3].map(() =>
    makeTelling({
      ...{ store, clock: systemClock, log: silent, now: Date.now },
      ...{ rank: () => Promise.resolve(0), mayFire: () => true, isStopping: () => false, onPushed: () => undefined },
    }),
  );

async function pushOne(store: Store): Promise<{ readonly id: string }> {
  const [pushed] = await store.jobs.push([asked({ worker: 'w' })]);
  if (pushed?.kind !== 'pushed') throw new Error('it was not kept');
  return pushed;
}

const race = (all: readonly Telling[]): Promise<unknown> => Promise.all(all.map((each) => each.tick()));

describe('triggers of what Hatstand tells', () => {
  it('miss nothing behind the moment at which they were made, also the first of a cluster', async () => {
    const store = openMemory();
    const a = node(store, controlled().executor, 0);
    await a.start();
    for (let at = 0; at < 20; at++) await push(a);
    await rule(a, 'first', 'hatstand.jobs:CREATED');
    const job = await push(a);
    await race(racing(store));
    const abouts = await Promise.all((await jobsIn(store)).map(({ id }) => aboutOf(store, id)));
    expect(abouts.filter((about) => about !== null)).toContainEqual(
      expect.objectContaining({ event: expect.objectContaining({ id: job.id }) }),
    );
  });

  it('tell of a push as it was, though the job has run since', async () => {
    const store = openMemory();
    const lifecycleOf = makeLifecycle(store);
    const { id } = await pushOne(store);
    await store.nodes.join({ incarnation: 'n', name: 'n', version: '1', address: '', serves: [], link: null, serverId: null }, 60_000);
    const wants = () => [{ worker: 'w', queues: 'any', slots: 1 }] as const;
    await store.jobs.claim({ operation: '1', holder: 'n', wants, attemptTtl: null });
    const { entries } = await store.journal.entries(0, 10);
    const told = (await Promise.all(entries.map((entry) => lifecycleOf(entry, (event) => event.id === id)))).flat();
    const docs = told.map(({ verb, doc }) => [verb, (JSON.parse(doc ?? 'null') as { attempt: number }).attempt]);
    expect(docs).toEqual([
      ['CREATED', 0],
      ['UPDATED', 1],
    ]);
  });

  it('fire once for each entry, whichever nodes look', async () => {
    const store = openMemory();
    const a = node(store, controlled().executor, 0);
    // So that it knows the store's present.
    await a.start();
    const nodes = racing(store);
    await push(a);
    await rule(a, 'pushed', 'hatstand.jobs:CREATED:other:worker');
    await race(nodes);
    await rule(a, 'work', 'hatstand.jobs:CREATED');
    await rule(a, 'back', 'hatstand.jobs:CREATED:trigger//work:owner');
    await race(nodes);
    const before = (await jobsIn(store)).length;
    const job = await push(a);
    for (let i = 0; i < 3; i++) await race(nodes);
    const jobs = (await jobsIn(store)).slice(before + 1);
    const abouts = await Promise.all(jobs.map(({ id }) => aboutOf(store, id)));
    expect(abouts[0]).toMatchObject({ event: { type: 'hatstand.jobs', id: job.id, doc: { worker: 'work' } }, depth: 1 });
    expect(abouts.map((about) => (about as { depth: number }).depth)).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
    expect(jobs.map(({ owner }) => owner)).toEqual(Array.from({ length: 16 }, (_, at) => `trigger//${at % 2 === 0 ? 'work' : 'back'}`));
  });

  it('do not hear what becomes of their own jobs, nor of themselves', async () => {
    const { store, engines } = await opened();
    const [a] = engines;
    if (a === undefined) throw new Error('there are three');
    await rule(a, 'jobs', 'hatstand.jobs');
    await rule(a, 'triggers', 'hatstand.triggers', { debounce: { wait: 0, maxWait: null } });
    await push(a);
    for (let i = 0; i < 10; i++) {
      await duty(a, 'follow').tick();
      await duty(a, 'fire').tick();
    }
    // Of what was put last the other one hears, and of that job the first one.
    expect((await jobsIn(store)).length).toBeLessThanOrEqual(4);
  });

  it('are told the state that a job came to, however far it is when they hear of it', async () => {
    const store = openMemory();
    const a = node(store, { run: () => Promise.resolve({ kind: 'succeeded', result: noResult }), close: () => Promise.resolve() });
    await a.start();
    const { next, stop } = await follower(a, ['hatstand.jobs']);
    const job = await push(a);
    await ended(a, job);
    const told = [];
    for (let n = 0; n < 3; n++) {
      const heard = await next();
      if (heard.kind !== 'event') throw new Error('no event');
      const { move, state } = JSON.parse(heard.event.doc ?? '{}') as Record<string, string>;
      told.push([move, state]);
    }
    expect(told).toEqual([
      ['push', 'queued'],
      ['claim', 'running'],
      ['succeed', 'succeeded'],
    ]);
    stop();
    await a.stop(0);
  });

  it('that gather end the chain, so that it goes on by no other way', async () => {
    const { store, engines } = await opened();
    const [a] = engines;
    if (a === undefined) throw new Error('there are three');
    await rule(a, 'gathering', 'hatstand.jobs:CREATED', { debounce: { wait: 0, maxWait: null } });
    await rule(a, 'other', 'hatstand.jobs:CREATED:trigger//gathering:owner');
    await duty(a, 'follow').tick();
    await push(a);
    for (let i = 0; i < 5; i++) {
      await duty(a, 'follow').tick();
      await duty(a, 'fire').tick();
    }
    const jobs = await jobsIn(store);
    expect(jobs.map(({ owner }) => owner)).toEqual(['', 'trigger//gathering']);
    expect(await aboutOf(store, jobs[1]?.id)).toMatchObject({ gathered: { count: 1 }, depth: 16 });
  });

  it('follow one another sixteen deep at most', async () => {
    const { store, engines } = await opened();
    const [a] = engines;
    if (a === undefined) throw new Error('there are three');
    await rule(a, 'ping', 'hatstand.jobs:CREATED');
    await rule(a, 'pong', 'hatstand.jobs:CREATED');
    await duty(a, 'follow').tick();
    await push(a);
    for (let i = 0; i < 40; i++) await duty(a, 'follow').tick();
    // Two chains, each job of which the other trigger hears.
    expect(await jobsIn(store)).toHaveLength(1 + 2 * 16);
  });

  it('are none of those that are for all types', async () => {
    const { store, engines } = await opened();
    const [a] = engines;
    if (a === undefined) throw new Error('there are three');
    await rule(a, 'all', '*');
    await push(a);
    await duty(a, 'follow').tick();
    await publish(a, {});
    expect(await jobsIn(store)).toHaveLength(2);
  });
});

describe('what a job is about', () => {
  it('stops nobody who follows what is told when it is damaged', async () => {
    const { store, engines } = await opened();
    const [a] = engines;
    if (a === undefined) throw new Error('there are three');
    await rule(a, 'ended', 'hatstand.jobs:CREATED');
    await duty(a, 'follow').tick();
    const damaged = ['{', '[]', 'null', '{"depth":-5}', '{"depth":1e99}', '{"depth":"x"}'];
    await store.jobs.push(damaged.map((about) => ({ ...ask(), about })));
    await duty(a, 'follow').tick();
    const first = (await jobsIn(store)).filter(({ owner }) => owner !== '').slice(0, damaged.length);
    expect(await Promise.all(first.map(({ id }) => aboutOf(store, id)))).toMatchObject(damaged.map(() => ({ depth: 1 })));
  });
});

describe('subscribers that hear of each event once in the cluster', () => {
  it('get a job for each, whichever nodes look, from when the first of them was there', async () => {
    const store = openMemory();
    const a = node(store, controlled().executor, 0);
    const nodes = racing(store);
    await publish(a, { id: 'before' });
    const subscription = { name: 'thumbnails', topics: [parseTopic('io.*')], domain: null };
    for (const { subscriptions } of nodes) await subscriptions.add(subscription, () => ask());
    await publish(a, { id: '1' }, { id: '2', domain: 'acme' }, { type: 'other' }, { id: '3', verb: 'NOTIFIED' });
    for (let i = 0; i < 3; i++) await race(nodes);
    const jobs = await jobsIn(store);
    expect(jobs.map(({ payload, domain }) => [(JSON.parse(payload ?? '') as { id: string }).id, domain])).toEqual([
      ['1', ''],
      ['2', 'acme'],
      ['3', ''],
    ]);
    await publish(a, ...Array.from({ length: 300 }, (_, i) => ({ id: `${i}` })));
    await race(nodes);
    expect(await jobsIn(store)).toHaveLength(303);
  });

  it('are run at the hint, and are told of jobs if they name them', async () => {
    const lines: string[] = [];
    const store = openMemory();
    const a = node(store, controlled().executor, 0, { log: { ...silent, warn: (name) => void lines.push(name) } });
    await a.start();
    await a.subscribe({ name: 's', topics: [parseTopic('io.files')], domain: null }, () => ask());
    const pushed = Promise.withResolvers<void>();
    store.onHint(({ kind }) => {
      if (kind === 'ready') pushed.resolve();
    });
    await publish(a, {});
    await pushed.promise;
    for (const name of ['l', 'm'])
      await a.subscribe({ name, topics: [parseTopic('hatstand.jobs')], domain: null }, () => ({ ...ask(), worker: name }));
    await push(a);
    for (let i = 0; i < 40; i++) await duty(a, 'follow').tick();
    // Two chains: each of them hears of the jobs of the other, and not of its own.
    expect(await jobsIn(store)).toHaveLength(2 + 2 * 16);
    expect(lines.filter((name) => name === 'event.too_deep')).toHaveLength(1);
  });
});
