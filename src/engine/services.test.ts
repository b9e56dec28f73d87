import { describe, expect, it } from 'vitest';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { systemClock } from '../system/clock.ts';
import { silent } from '../system/silent.ts';
import { controlled, node, push } from './engine.suite.ts';
import { type Service, stopInOrder } from './services.ts';

/** A log that keeps its lines. */
function keeping() {
  const lines: [name: string, fields: unknown][] = [];
  const keep = (name: string, fields?: unknown): void => void lines.push([name, fields]);
  return { lines, log: { ...silent, warn: keep, error: keep } };
}

/** Every wait is over as soon as everything else has been done. */
const hurried: Clock = {
  ...systemClock,
  after(_delay, call) {
    const immediate = setImmediate(call);
    return () => clearImmediate(immediate);
  },
};

/** Services of these names; what they do when they are stopped. */
function servicesThat(stops: Readonly<Record<string, () => Promise<void>>>): { services: readonly Service[]; order: string[] } {
  const order: string[] = [];
  const services = Object.entries(stops).map(([name, stop]) => ({
    name,
    within: 2_000,
    stop() {
      order.push(name);
      return stop();
    },
  }));
  return { services, order };
}

describe('services', () => {
  it('are stopped one after the other', async () => {
    const first = Promise.withResolvers<void>();
    const { services, order } = servicesThat({ first: () => first.promise, second: async () => {} });
    const stopped = stopInOrder(services, { clock: systemClock, log: silent });
    expect(order).toEqual(['first']);
    first.resolve();
    await stopped;
    expect(order).toEqual(['first', 'second']);
  });

  it('are stopped although one before them fails, which is logged and thrown in the end', async () => {
    const { log, lines } = keeping();
    const { services, order } = servicesThat({
      first: () => Promise.reject(new Error('broken')),
      second: () => Promise.reject(new Error('broken too')),
      third: async () => {},
    });
    await expect(stopInOrder(services, { clock: systemClock, log })).rejects.toThrow(/^broken$/);
    expect(order).toEqual(['first', 'second', 'third']);
    expect(lines).toEqual([
      ['stop.failed', { service: 'first', error: 'broken' }],
      ['stop.failed', { service: 'second', error: 'broken too' }],
    ]);
  });

  it('that fail leave no timer behind, also when they fail at once', async () => {
    const timers = new Set<object>();
    const after: Clock['after'] = (delay, call) => {
      const forget = systemClock.after(delay, call);
      timers.add(forget);
      return () => {
        timers.delete(forget);
        forget();
      };
    };
    const { services } = servicesThat({
      first() {
        throw new Error('broken');
      },
      second: () => Promise.reject(new Error('broken too')),
    });
    await expect(stopInOrder(services, { clock: { ...systemClock, after }, log: silent })).rejects.toThrow(/^broken$/);
    expect(timers.size).toBe(0);
  });

  it('are stopped although one before them hangs, which is logged', async () => {
    const { log, lines } = keeping();
    const hanging = Promise.withResolvers<void>();
    const { services, order } = servicesThat({ first: () => hanging.promise, second: async () => {} });
    await stopInOrder(services, { clock: hurried, log });
    expect(order).toEqual(['first', 'second']);
    expect(lines).toEqual([['stop.late', { service: 'first', seconds: 2 }]]);
    // Nobody waits for it any more, and nobody is hurt.
    hanging.reject(new Error('at last'));
  });
});

describe('a node that stops', () => {
  /** A store, and an executor on it, that write down what the node does with them from now on. */
  function watched() {
    const order: string[] = [];
    const memory = openMemory();
    const { executor, attempt } = controlled();
    const store: Store = {
      ...altered(memory, {
        jobs: {
          claim(request) {
            order.push('claim');
            return memory.jobs.claim(request);
          },
          settle(...settle) {
            order.push('settle');
            return memory.jobs.settle(...settle);
          },
        },
        nodes: {
          steer(...steer) {
            order.push('steer');
            return memory.nodes.steer(...steer);
          },
          leave(incarnation) {
            order.push('leave');
            return memory.nodes.leave(incarnation);
          },
        },
      }),
      onHint(listener) {
        const forget = memory.onHint(listener);
        return () => {
          order.push('hear no more');
          forget();
        };
      },
    };
    const close = async (): Promise<void> => void order.push('close');
    return { memory, store, executor: { ...executor, close }, attempt, order };
  }

  it('claims no more, ends or interrupts what runs, hears no more, leaves, and closes its executors', async () => {
    const { memory, store, executor, attempt, order } = watched();
    const engine = node(store, executor);
    await engine.start();
    const job = await push(engine);
    await attempt(0);
    order.length = 0;
    await engine.stop(0);
    expect(order).toEqual(['steer', 'settle', 'hear no more', 'leave', 'close']);
    expect(await memory.jobs.get(job.id)).toMatchObject({ state: 'queued', attempt: 0 });
  });

  it('leaves and closes its executors although one cannot be closed', async () => {
    const { store, executor, order } = watched();
    const engine = node(store, { ...executor, close: () => Promise.reject(new Error('stuck')) });
    engine.addWorker({ name: 'other', executor, concurrency: 1, queues: 'any' });
    await engine.start();
    order.length = 0;
    await expect(engine.stop(0)).rejects.toThrow('stuck');
    expect(order).toEqual(['hear no more', 'leave', 'close']);
  });

  it('leaves although an attempt ignores that it should stop', async () => {
    const { memory, store, executor, order } = watched();
    const { log, lines } = keeping();
    const deaf = { ...executor, run: () => new Promise<never>(() => {}) };
    const engine = node(store, deaf, 1, { log, clock: hurried });
    await engine.start();
    const job = await push(engine);
    order.length = 0;
    await engine.stop(3_000);
    expect(order).toEqual(['steer', 'hear no more', 'leave', 'close']);
    expect(lines).toEqual([
      ['stop.late', { service: 'attempts', seconds: 3 }],
      ['stop.late', { service: 'interrupted attempts', seconds: 1 }],
    ]);
    expect(await memory.jobs.get(job.id)).toMatchObject({ state: 'queued', attempt: 0, lost: 0 });
  });
});
