import { describe, expect, it } from 'vitest';
import { parseTopic } from '../core/event-topic.ts';
import type { Store } from '../ports/store/store.ts';
import { openMemory } from '../stores/memory/index.ts';
import { ask, controlled, duty, node, push } from './engine.suite.ts';
import { aboutOf, jobsIn, publish, rule } from './events.suite.ts';

async function opened(): Promise<{ readonly store: Store; readonly engines: readonly ReturnType<typeof node>[] }> {
  const store = openMemory();
  const engines = [1, 2, 3].map(() => node(store, controlled().executor, 0));
  for (const engine of engines) await engine.start();
  return { store, engines };
}

describe('triggers of what Hatstand tells', () => {
  it('fire once for each entry, whichever nodes look', async () => {
    const { store, engines } = await opened();
    const [a] = engines;
    if (a === undefined) throw new Error('there are three');
    await push(a);
    await rule(a, 'pushed', 'hatstand.jobs:CREATED:other:worker');
    await Promise.all(engines.map((engine) => duty(engine, 'follow').tick()));
    await rule(a, 'work', 'hatstand.jobs:CREATED');
    await Promise.all(engines.map((engine) => duty(engine, 'follow').tick()));
    const before = (await jobsIn(store)).length;
    const job = await push(a);
    for (let i = 0; i < 3; i++) await Promise.all(engines.map((engine) => duty(engine, 'follow').tick()));
    const jobs = (await jobsIn(store)).slice(before + 1);
    expect(await aboutOf(store, jobs[0]?.id)).toMatchObject({
      event: { type: 'hatstand.jobs', id: job.id, doc: { worker: 'work' } },
      depth: 1,
    });
    expect(jobs.every(({ owner }) => owner === 'trigger//work')).toBe(true);
  });

  it('follow one another sixteen deep at most', async () => {
    const { store, engines } = await opened();
    const [a] = engines;
    if (a === undefined) throw new Error('there are three');
    await rule(a, 'chain', 'hatstand.jobs:CREATED');
    await duty(a, 'follow').tick();
    await push(a);
    for (let i = 0; i < 40; i++) await duty(a, 'follow').tick();
    expect(await jobsIn(store)).toHaveLength(1 + 16);
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

describe('subscribers that hear of each event once in the cluster', () => {
  it('get a job for each, whichever nodes look, from when the first of them was there', async () => {
    const { store, engines } = await opened();
    const [a] = engines;
    if (a === undefined) throw new Error('there are three');
    await publish(a, { id: 'before' });
    const subscription = { name: 'thumbnails', topics: [parseTopic('io.*')], domain: null, job: ask() };
    for (const engine of engines) await engine.subscribe(subscription);
    await publish(a, { id: '1' }, { id: '2', domain: 'acme' }, { type: 'other' }, { id: '3', verb: 'NOTIFIED' });
    for (let i = 0; i < 3; i++) await Promise.all(engines.map((engine) => duty(engine, 'follow').tick()));
    const jobs = await jobsIn(store);
    expect(jobs.map(({ payload, domain }) => [(JSON.parse(payload ?? '') as { id: string }).id, domain])).toEqual([
      ['1', ''],
      ['2', 'acme'],
      ['3', ''],
    ]);
    await publish(a, ...Array.from({ length: 300 }, (_, i) => ({ id: `${i}` })));
    await Promise.all(engines.map((engine) => duty(engine, 'follow').tick()));
    expect(await jobsIn(store)).toHaveLength(303);
  });

  it('are run at the hint, and are told of jobs if they name them', async () => {
    const { store, engines } = await opened();
    const [a] = engines;
    if (a === undefined) throw new Error('there are three');
    await a.subscribe({ name: 's', topics: [parseTopic('io.files')], domain: null, job: ask() });
    const pushed = Promise.withResolvers<void>();
    store.onHint(({ kind }) => {
      if (kind === 'ready') pushed.resolve();
    });
    await publish(a, {});
    await pushed.promise;
    await a.subscribe({ name: 'l', topics: [parseTopic('hatstand.jobs')], domain: null, job: ask() });
    await push(a);
    for (let i = 0; i < 40; i++) await duty(a, 'follow').tick();
    expect(await jobsIn(store)).toHaveLength(2 + 16);
  });
});
