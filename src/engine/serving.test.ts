import { describe, expect, it } from 'vitest';
import type { WorkerRules } from '../core/run-limits.ts';
import type { Logger } from '../ports/logger.ts';
import { altered } from '../stores/conformance/altered.ts';
import { node } from '../stores/conformance/subject.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { makeServing } from './serving.ts';

const line = (worker: string, queue = 'q') => ({ worker, queue });

function open() {
  let time = 0;
  let asked = 0;
  let isAway = false;
  const warned: unknown[] = [];
  const log: Logger = { ...silent, warn: (name, fields) => warned.push([name, fields?.['worker']]) };
  const whole = openMemory();
  const store = altered(whole, {
    nodes: {
      list: async () => {
        asked += 1;
        if (isAway) throw new Error('away');
        return whole.nodes.list();
      },
    },
  });
  const clock = { now: () => time, monotonic: () => time, after: () => () => {}, soon: () => undefined };
  const serving = makeServing({ store, clock, log, serves: ({ worker }) => worker === 'own' });
  return {
    serving,
    warned,
    join: (worker: string) => whole.nodes.join(node(worker, { serves: [{ worker, queues: ['q'] }] }), 60_000),
    tell: (worker: string, rules: WorkerRules) => whole.nodes.join(node(worker, { serves: [{ worker, queues: 'any', rules }] }), 60_000),
    leave: (worker: string) => whole.nodes.leave(worker),
    asked: () => asked,
    pass(by: number) {
      time += by;
    },
    away() {
      isAway = true;
    },
    isServed: async (worker: string, queue?: string) => (await serving.of([line(worker, queue)]))(line(worker, queue)),
    /** Resolves when what was begun has been answered. */
    settle: () => serving.of([line('somebody')]),
  };
}

describe('serving', () => {
  it('asks nobody about what this node serves itself', async () => {
    const { isServed, asked, serving } = open();
    expect(await isServed('own')).toBe(true);
    serving.pushed([line('own'), line('own')]);
    expect(asked()).toBe(0);
  });

  it('tells what nodes say of who may push, and looks again without anybody waiting for it', async () => {
    const { serving, tell, asked, pass, away, settle } = open();
    await tell('bounded', { adminOnly: false, limits: { attempts: 2 } });
    expect([await serving.rulesOf('bounded'), await serving.rulesOf('free')]).toEqual([
      { adminOnly: false, limits: { attempts: 2 } },
      null,
    ]);
    expect(asked()).toBe(1);
    pass(2_000);
    await tell('free', { adminOnly: true, limits: {} });
    expect(await serving.rulesOf('free')).toBeNull();
    await settle();
    expect([await serving.rulesOf('free'), asked()]).toEqual([{ adminOnly: true, limits: {} }, 2]);
    pass(2_000);
    away();
    expect(await serving.rulesOf('free')).toMatchObject({ adminOnly: true });
    pass(10_000);
    expect(await serving.rulesOf('free')).toBeNull();
  });

  it('believes for a while what it was told, longer that a worker is served than that it is not', async () => {
    const { isServed, asked, join, leave, pass } = open();
    await join('there');
    expect([await isServed('there'), await isServed('there', 'other'), await isServed('not')]).toEqual([true, false, false]);
    expect(asked()).toBe(1);
    await join('not');
    pass(99);
    expect(await isServed('not')).toBe(false);
    pass(1);
    expect(await isServed('not')).toBe(true);
    expect(asked()).toBe(2);
    await leave('not');
    pass(999);
    expect(await isServed('not')).toBe(true);
    pass(1);
    expect(await isServed('not')).toBe(false);
  });

  it('asks once for all that ask at once', async () => {
    const { isServed, asked } = open();
    await Promise.all([isServed('a'), isServed('b'), isServed('a')]);
    expect(asked()).toBe(1);
  });

  it('takes everything to be served when the store cannot tell', async () => {
    const { isServed, away, pass } = open();
    expect(await isServed('a')).toBe(false);
    away();
    pass(1_000);
    expect(await isServed('a')).toBe(true);
  });

  it('warns once for each worker in ten minutes', async () => {
    const { serving, warned, join, pass, settle } = open();
    await join('there');
    serving.pushed([line('there'), line('a'), line('a'), line('b'), line('own')]);
    await settle();
    serving.pushed([line('a')]);
    await settle();
    expect(warned).toEqual([
      ['worker.unserved', 'a'],
      ['worker.unserved', 'b'],
    ]);
    pass(600_000);
    serving.pushed([line('a', 'other')]);
    await settle();
    expect(warned).toHaveLength(3);
  });

  it('forgets of whom it has warned before there are too many', async () => {
    const { serving, warned, settle } = open();
    for (let n = 0; n < 1_001; n++) serving.pushed([line(`w${n}`)]);
    await settle();
    serving.pushed([line('w0')]);
    await settle();
    expect(warned).toHaveLength(1_002);
  });
});
