import { describe, expect, it } from 'vitest';
import { asked, line, minute, node, only, refOf } from '../../conformance/subject.ts';
import { prefixOf } from '../format/keys.ts';
import { claim, newCluster, open, server } from '../store.suite.ts';

const large = '9223372036854775807';

describe('a log of which somebody damaged', () => {
  const damages: readonly (readonly [string, (text: string) => string])[] = [
    ['all that is known', () => 'garbage'],
    ['the counts', (text) => text.replaceAll(/(?<= )\d(?= )/g, large)],
    ['the number of its newest line', (text) => text.replace(/(?<=^\S+ )\d+/, large)],
  ];
  it.each(damages)('%s keeps its lines, and goes on', async (_, damage) => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.nodes.join(node('node'), minute);
    await store.jobs.push([asked()]);
    const job = only(await claim(store, 1));
    const report = (numbers: readonly number[]) =>
      store.jobs.report(refOf(job), { ttl: null, progress: null, lines: numbers.map((number) => line(number)), push: [] });
    await report([1, 2, 3]);
    const place = [`${prefixOf(cluster)}logs`, job.id.padStart(19, '0')] as const;
    await server.ask('HSET', ...place, damage(String(await server.ask('HGET', ...place))));
    expect(await report([2, 3, 4])).toMatchObject({ kind: 'reported' });
    const log = await store.jobs.lines(job.id, null, 9);
    expect(log.lines.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(log).toMatchObject({ dropped: 0, progress: null });
  });

  it('its progress, with a time beyond all dates, tells none until the next one', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.nodes.join(node('node'), minute);
    await store.jobs.push([asked()]);
    const job = only(await claim(store, 1));
    const report = (progress: string) => store.jobs.report(refOf(job), { ttl: null, progress, lines: [], push: [] });
    await report('1');
    const place = [`${prefixOf(cluster)}logs`, job.id.padStart(19, '0')] as const;
    await server.ask('HSET', ...place, String(await server.ask('HGET', ...place)).replace(/\d+(?=\n)/, large));
    expect((await store.jobs.lines(job.id, null, 9)).progress).toBeNull();
    await report('2');
    expect((await store.jobs.lines(job.id, null, 9)).progress).toMatchObject({ value: '2' });
  });
});
