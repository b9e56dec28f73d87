import { expect, it } from 'vitest';
import { openMemory } from '../stores/memory/index.ts';
import { systemClock } from '../system/clock.ts';
import { ask } from './engine.suite.ts';
import { shownOrNull } from './readable.ts';

it.each([
  ['its payload', { payload: '{' }],
  ['what it is about', { about: '{"event":' }],
])('a job is set aside when %s is no JSON', async (what, damage) => {
  const store = openMemory();
  await store.jobs.push([
    { ...ask(), payload: '{}', about: '{}', ...damage },
    { ...ask(), payload: '{}', about: '{}' },
  ]);
  const parts = { store, clock: systemClock };
  const { jobs } = await store.jobs.list({ filter: [], match: null, order: 'oldest', from: null, limit: 2, brief: false, lookAt: null });
  const shown = await Promise.all(jobs.map((job) => shownOrNull(parts, job)));
  expect(shown.filter((job) => job !== null)).toEqual(jobs.slice(1));
  expect(await store.upkeep.unreadable(null, 10)).toMatchObject({ records: [{ reason: `${what} is no JSON` }], total: 1 });
});
