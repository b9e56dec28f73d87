import { expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import type { EventCause } from '../core/event-cause.ts';
import type { Publish } from '../ports/store/journal.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { ask, controlled, node } from './engine.suite.ts';
import { follower, jobsIn, rule } from './events.suite.ts';
import { makeNodeEvents } from './node-events.ts';

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

/** What was decided by which rules; `rules` are half read at first, and then have this version. */
function watched(causes: readonly EventCause[]) {
  let isRead = false;
  let catchUps = 0;
  const [steps, warnings]: [Publish[], unknown[]] = [[], []];
  const inner = openMemory();
  const { journal } = altered(inner, {
    journal: {
      publish: (asked) => {
        steps.push(asked);
        return inner.journal.publish({ ...asked, rules: null });
      },
    },
  });
  const rules = {
    version: () => (isRead ? 7 : null),
    catchUp: () => {
      catchUps += 1;
      isRead = catchUps > 1;
      return Promise.resolve();
    },
    match: () => Promise.resolve({ triggers: causes.length, steps: 0, causes }),
  };
  const warn = (event: string, fields?: object): void => void warnings.push([event, fields]);
  const tellNodes = makeNodeEvents({ store: { journal }, log: { ...silent, warn }, rules, now: Date.now, onPushed: () => undefined });
  return { tellNodes, steps, warnings };
}

it('wait for rules that are half read', async () => {
  const { tellNodes, steps } = watched([]);
  await tellNodes('bury', ['a.1']);
  expect(steps.map(({ rules }) => rules)).toEqual([7]);
});

it('are told each in a step of its own, with what one event may cause at most', async () => {
  const some = watched(Array.from({ length: 900 }, () => ({ job: ask() })));
  await some.tellNodes('bury', ['a.1', 'b.1', 'c.1']);
  expect(some.steps.map(({ events, causes }) => [events.map(({ id }) => id), causes.length])).toEqual([
    [['a.1'], 900],
    [['b.1'], 900],
    [['c.1'], 900],
  ]);
  const many = watched(Array.from({ length: 1_001 }, () => ({ job: ask() })));
  await many.tellNodes('bury', ['a.1']);
  expect(many.steps).toEqual([]);
  expect(many.warnings).toEqual([['event.untold', expect.objectContaining({ incarnation: 'a.1' })]]);
});
