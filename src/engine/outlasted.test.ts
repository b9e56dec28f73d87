import { expect, it } from 'vitest';
import { minute } from '../stores/conformance/subject.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { ask, controlled, duty, ended, node } from './engine.suite.ts';

const start = Date.UTC(2026, 0, 1);

it('a trigger whose runs outlast its interval is told of once, until one ends in time', async () => {
  let time = start;
  const store = openMemory({ clock: { now: () => time } });
  const { executor, attempt } = controlled();
  const told: object[] = [];
  const log = { ...silent, warn: (name: string, fields?: object) => void (name === 'trigger.outlasted' && told.push(fields ?? {})) };
  const engine = node(store, executor, 9, { log });
  await engine.start();
  const pass = async (by: number): Promise<void> => {
    time += by;
    await duty(engine, 'clock').tick();
    await duty(engine, 'fire').tick();
  };
  const outlasted = async () => {
    const record = (await engine.triggers.get({ domain: '', id: 'slow' })) ?? expect.fail('it is there');
    return record.definition.owned.live;
  };
  await pass(0);
  await engine.triggers.add({ domain: '', id: 'slow' }, { type: '@every', arguments: '1m', job: ask() });
  await pass(0);
  // A slow machine makes the trigger a little later than the clock stands.
  await pass(1.5 * minute);
  expect([told, await outlasted()]).toEqual([[], 1]);
  await pass(minute);
  await pass(minute);
  expect([told, await outlasted()]).toEqual([[{ trigger: 'trigger//slow', live: 1, overlap: 'allow' }], 3]);
  for (const at of [0, 1, 2]) {
    const run = await attempt(at);
    run.succeed();
    await ended(engine, run.job);
  }
  await pass(minute);
  expect(told).toHaveLength(1);
  await pass(minute);
  expect(told).toHaveLength(2);
});
