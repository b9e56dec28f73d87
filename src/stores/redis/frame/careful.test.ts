/** What somebody wrote into Redis beside a step: the step is done once, however late it meets that. */
import { describe, expect, it } from 'vitest';
import { settleMoves } from '../../../core/transitions.ts';
import { fireNow, found, partOf, putOf, trigger } from '../../conformance/definitions.ts';
import { eventOf, jobOf, publishOf } from '../../conformance/journal.publish.suite.ts';
import { all, asked, attemptsOf, entriesOf, failure, minute, node, only, refOf, retrying } from '../../conformance/subject.ts';
import type { RedisStore } from '../index.ts';
import { claim, newCluster, open, type Write, write } from '../store.suite.ts';

async function damaged(...writes: readonly Write[]): Promise<RedisStore> {
  const cluster = newCluster();
  const store = await open(cluster);
  await write(cluster, ...writes);
  return store;
}

const tables = (...names: readonly string[]): readonly Write[] => names.map((name) => ['SET', name, 'x']);

const pushedIn = async (store: RedisStore): Promise<number> => (await store.jobs.list(all)).jobs.length;

describe('a publish is done once', () => {
  const damages: readonly (readonly [string, readonly Write[]])[] = [
    ['a table of told entries that is a text', tables('told')],
    ['times of event keys that are a text', tables('event-key-times')],
    ['event keys that are a text', tables('event-keys')],
    ['a count of characters that is none', [['HSET', 'meta', 'told', 'abc']]],
    ['a count of characters beyond all numbers', [['HSET', 'meta', 'told', '9223372036854775807']]],
    ['a table of nodes that is a text', tables('nodes')],
    ['a journal that is a text', tables('journal')],
    ['places that are a text', tables('followers')],
    ['jobs that are a text', tables('jobs')],
    ['bodies that are a text', tables('bodies')],
    ['a journal and all tables of what is set aside that are texts', tables('journal', 'unreadable', 'unreadable-ids')],
  ];
  it.each(damages)('beside %s', async (_, damage) => {
    const store = await damaged(...damage);
    const event = eventOf({ key: 'k' });
    const causes = [jobOf(0), { event: null, job: asked() }];
    expect(await store.journal.publish(publishOf([event], { causes }))).toMatchObject({
      kind: 'published',
      causes: [{ kind: 'pushed' }, { kind: 'pushed' }],
    });
    expect((await entriesOf(store)).flatMap(({ told }) => told)).toHaveLength(1);
    expect(await pushedIn(store)).toBe(2);
    expect(await store.journal.publish(publishOf([event]))).toMatchObject({ events: [{ kind: 'known' }] });
  });

  it.each(damages)('and its reader moves once beside %s', async (_, damage) => {
    const store = await damaged(...damage);
    const follow = { name: 'reader', from: 0, to: 7, waits: false };
    const published = store.journal.publish(publishOf([eventOf({ key: 'k' })], { causes: [jobOf(0)], follow }));
    expect(await published).toMatchObject({ kind: 'published', causes: [{ kind: 'pushed' }] });
    expect(await pushedIn(store)).toBe(1);
    expect(await store.journal.publish(publishOf([], { follow }))).toEqual({ kind: 'moved', at: 7 });
  });

  it('and its parts are gathered once', async () => {
    for (const key of ['jobs', 'bodies', 'facts']) {
      const cluster = newCluster();
      const store = await open(cluster);
      await store.definitions.put([putOf('a')]);
      await write(cluster, ['DEL', key], ['SET', key, 'x']);
      const causes = [jobOf(0), { event: 0, part: partOf('a', '1') }];
      expect(await store.journal.publish(publishOf([eventOf()], { causes }))).toMatchObject({ kind: 'published' });
      expect(await store.definitions.parts(trigger('a')), key).toEqual(['1']);
      expect((await found(store, 'a')).window).toMatchObject({ count: 1 });
    }
  });
});

describe('a firing', () => {
  it.each(['jobs', 'bodies', 'texts', 'ids', 'owned:trigger/!!a', 'lane:w/q/0'])('is done once beside %s that are a text', async (name) => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.definitions.put([putOf('a')]);
    await write(cluster, ...tables(name));
    const job = asked({ owner: 'trigger//a', payload: JSON.stringify('x'.repeat(5_000)) });
    expect(await fireNow(store, 'a', { jobs: [job] })).toMatchObject({ kind: 'fired' });
    expect(await pushedIn(store)).toBe(1);
    expect((await found(store, 'a')).state).toBe('fired');
    expect((await entriesOf(store)).flatMap(({ fired }) => fired)).toHaveLength(1);
  });
});

describe('an attempt', () => {
  it.each(['', 'trigger//a'])('that ends stands in its history once, of the owner “%s”', async (owner) => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.nodes.join(node('node'), minute);
    await store.jobs.push([asked({ ...retrying(2), ...(owner === '' ? {} : { owner }) })]);
    const job = only(await claim(store, 1));
    await write(cluster, ...tables('results'));
    const moves = settleMoves(job, { kind: 'failed', result: failure('no') }, 0.5);
    expect(await store.jobs.settle(refOf(job), moves)).toBe('settled');
    expect(await attemptsOf(store, job.id)).toHaveLength(1);
  });
});

describe('what is restored', () => {
  it('is there once, with all that belongs to it', async () => {
    const from = await open();
    await from.nodes.join(node('node'), minute);
    await from.jobs.push([asked(retrying(2))]);
    const job = only(await claim(from, 1));
    await from.jobs.settle(refOf(job), settleMoves(job, { kind: 'failed', result: failure('no') }, 0.5));
    await from.definitions.put([putOf('a', { due: 'never' })]);
    await from.definitions.gather([partOf('a', '1'), partOf('a', '2')]);
    const copy = { job: only((await from.jobs.list(all)).jobs), attempts: await attemptsOf(from, job.id) };
    const definition = { definition: await found(from, 'a'), parts: ['1', '2'] };
    for (const name of ['bodies', 'ids', 'due', 'definition-bodies', 'places:trigger', 'facts']) {
      const store = await damaged(...tables(name));
      expect(await store.jobs.restore([copy]), name).toEqual(['restored']);
      expect(await attemptsOf(store, job.id), name).toHaveLength(1);
      expect(await store.definitions.restore([definition]), name).toEqual(['restored']);
      expect(await store.definitions.parts(trigger('a')), name).toEqual(['1', '2']);
    }
  });
});

describe('a push', () => {
  it('is done once beside a table of nodes that is a text', async () => {
    const store = await damaged(['SET', 'nodes', 'x']);
    await store.jobs.push([asked()]);
    expect(await pushedIn(store)).toBe(1);
  });
});

describe('a gather', () => {
  it('is done once beside whatever its record meets', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.definitions.put([putOf('a', { due: 'never' })]);
    await write(cluster, ['DEL', 'dues:trigger'], ['SET', 'dues:trigger', 'x']);
    expect(await store.definitions.gather([partOf('a', '1')])).toEqual(['gathered']);
    expect(await store.definitions.parts(trigger('a'))).toEqual(['1']);
  });
});

describe('gathers of many windows', () => {
  const words = ['a', 'b', 'c', 'd'];
  it.each(words)('are done once each beside parts of %s that are a text', async (broken) => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.definitions.put(words.map((key) => putOf(key, { due: 'never' })));
    await write(cluster, ...tables(`parts:trigger/!!${broken}`));
    expect(await store.definitions.gather(words.map((key) => partOf(key, '1')))).toEqual(words.map(() => 'gathered'));
    for (const key of words) expect(await store.definitions.parts(trigger(key)), key).toEqual(['1']);
  });
});

describe('numbers beyond all that are counted', () => {
  it.each(['4398046511103', '9223372036854775807', '1e300'])('leave ids apart: a floor of %s', async (floor) => {
    const store = await damaged(['HSET', 'meta', 'floor', floor]);
    await store.jobs.push([asked()]);
    await store.jobs.push([asked(), asked()]);
    expect(new Set((await store.jobs.list(all)).jobs.map(({ id }) => id)).size).toBe(3);
  });

  it.each(['9007199254740992', 'inf', '-1'])('of a round, such as %s, end the wait for a job all the same', async (score) => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.jobs.push([asked()]);
    const [first = expect.fail()] = (await store.jobs.list(all)).jobs;
    await write(cluster, ['ZADD', `waiting:${first.id}`, score, '1047319229029683999']);
    const waiting = { ...asked(), options: { ...asked().options, after: { jobs: [first.id], onFailure: 'start' } } } as const;
    expect(await store.jobs.push([waiting, waiting])).toMatchObject([{ kind: 'pushed' }, { kind: 'pushed' }]);
  });
});
