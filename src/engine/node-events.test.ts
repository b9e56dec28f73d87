import { expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import { openMemory } from '../stores/memory/index.ts';
import { controlled, node } from './engine.suite.ts';
import { follower, jobsIn, rule } from './events.suite.ts';

it('nodes are told to who names them: joined, drained, resumed, gone', async () => {
  const store = openMemory();
  const a = node(store, controlled().executor, 1, { name: 'a' });
  await a.start();
  const { event, stop } = await follower(a, ['hatstand.nodes', 'hatstand.*']);
  const b = node(store, controlled().executor, 1, { name: 'b' });
  await b.start();
  const joined = await event();
  expect(joined).toMatch(/^hatstand.nodes CREATED b\./);
  const [, , incarnation = ''] = joined.split(' ');
  await a.nodes.steer('b', 'draining');
  expect(await event()).toBe(`hatstand.nodes UPDATED ${incarnation}`);
  await a.nodes.steer('b', 'active');
  expect(await event()).toBe(`hatstand.nodes UPDATED ${incarnation}`);
  await b.stop(0);
  expect(await event()).toBe(`hatstand.nodes DELETED ${incarnation}`);
  stop();
});

it('fire the rules that name them, and no others', async () => {
  const store = openMemory();
  const a = node(store, controlled().executor, 0);
  await a.start();
  await rule(a, 'named', 'hatstand.nodes:CREATED');
  await rule(a, 'all', '*');
  await node(store, controlled().executor, 0).start();
  await until('a job', async () => (await jobsIn(store)).length > 0);
  expect((await jobsIn(store)).map(({ owner }) => owner)).toEqual(['trigger//named']);
});
