import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import { Hatstand } from '../hatstand.ts';
import { defineTask } from '../library/define-task.ts';
import { openMemory } from '../library/stores.ts';
import type { Task } from '../library/task.ts';
import { type GivenTask, type Manager, runManaged, type TaskFunction } from './manager.ts';

let hatstand: Hatstand;
let again: string[];
beforeEach(async () => {
  again = [];
  hatstand = new Hatstand({ store: openMemory(), log: null });
  await hatstand.start();
});
afterEach(() => hatstand.stop(0));

/** Starts a task of this function. */
async function start(call: TaskFunction, data: unknown = { n: 1 }): Promise<void> {
  const run = defineTask({
    name: 'managed',
    restart: { on: 'never' },
    run: (context) => runManaged(call, 'managed', context, async () => void again.push('again')),
  });
  hatstand.worker(run);
  await hatstand.tasks.start(run, data, { id: 'k1' });
}

const look = async (): Promise<Task> => (await hatstand.tasks.get('k1')) ?? expect.fail('there is one');

async function ended(): Promise<Task> {
  await until('its end', async () => (await look()).endedAt !== null);
  return look();
}

it('a function is given its manager and the task, and has ended when it says so', async () => {
  const given = Promise.withResolvers<readonly [Manager, GivenTask]>();
  await start(function (this: unknown, manager: Manager, task: GivenTask) {
    given.resolve([manager, task]);
  });
  const [manager, task] = await given.promise;
  expect(task).toEqual({ id: 'k1', function: 'managed', data: { n: 1 } });
  expect((await look()).status).toBe('running');
  manager.emit('_end', { lines: 3 });
  expect(await ended()).toMatchObject({ end: 'succeeded', result: { lines: 3 } });
});

it('a class is one, too, also when what it makes tells by itself', async () => {
  const made = Promise.withResolvers<EventEmitter>();
  class Import extends EventEmitter {
    constructor(_: Manager, { data }: GivenTask) {
      super();
      this.on('stop', () => this.emit('_stop', data));
      made.resolve(this);
    }
  }
  await start(Import);
  const task = await made.promise;
  const stopped = once(task, '_stop');
  await hatstand.tasks.disable('k1');
  expect(await stopped).toEqual([{ n: 1 }]);
  await until('it is stopped', async () => (await look()).status === 'stopped');
});

it('the promise of a function is its end', async () => {
  await start(async (_, { data }) => data);
  expect(await ended()).toMatchObject({ end: 'succeeded', result: { n: 1 } });
});

it.each<readonly [string, TaskFunction, string]>([
  [
    'throws',
    () => {
      throw new Error('not today');
    },
    'not today',
  ],
  [
    'rejects',
    async () => {
      throw new Error('not today');
    },
    'not today',
  ],
  ['tells an error that nobody hears', (manager: Manager) => manager.emit('error', new Error('not today')), 'not today'],
  [
    'throws when it is told to stop',
    (manager: Manager) =>
      void manager.on('stop', () => {
        throw new Error('not today');
      }),
    '',
  ],
])('one that %s has crashed', async (_, call, told) => {
  await start(call);
  if (told === '') await until('it runs', async () => (await look()).status === 'running').then(() => hatstand.tasks.stop('k1'));
  const { end, newestCrashes } = await ended();
  expect([end, newestCrashes.map(({ error }) => error)]).toEqual(told === '' ? ['stopped', []] : ['crashed', [told]]);
});

it('one that hears of no stop is stopped at once', async () => {
  await start(() => undefined);
  await until('it runs', async () => (await look()).status === 'running');
  await hatstand.tasks.stop('k1');
  expect((await ended()).end).toBe('stopped');
});

it('so is that of another library', async () => {
  await start((_, { data }) => {
    const later: PromiseLike<unknown> = Promise.resolve(data);
    // biome-ignore lint/suspicious/noThenProperty: that is what makes it one
    return { then: later.then.bind(later) };
  });
  expect(await ended()).toMatchObject({ end: 'succeeded', result: { n: 1 } });
});

it('one that is async and hears of no stop has stopped when it has returned', async () => {
  const gate = Promise.withResolvers<void>();
  await start(() => gate.promise);
  await until('it runs', async () => (await look()).status === 'running');
  await hatstand.tasks.disable('k1');
  await until('it is told to stop', async () => (await look()).status === 'stopping');
  gate.resolve();
  await until('it has', async () => ['stopped', 'ended'].includes((await look()).status));
});

it('an emitter that it makes tells its errors to who listens, and is told once', async () => {
  const told: unknown[] = [];
  class Import extends EventEmitter {
    constructor() {
      super();
      this.on('error', (error: Error) => void told.push(error.message));
      setImmediate(() => {
        this.emit('error', new Error('mended'));
        this.emit('_end', 'well');
      });
    }
  }
  await start(Import);
  expect([(await ended()).result, told]).toEqual(['well', ['mended']]);
});

it('one that stops by itself is to begin again', async () => {
  await start((manager: Manager) => void setImmediate(() => manager.emit('_stop')));
  await until('it was asked for', () => again.length === 1);
});

it('what it tells goes to who watches, its updates to its progress, and its lines to its log', async () => {
  const given = Promise.withResolvers<Manager>();
  await start((manager: Manager) => given.resolve(manager));
  const manager = await given.promise;
  const watched = hatstand.watch({ task: 'k1' });
  await watched.next();
  const heard: unknown[] = [];
  const hearing = (async () => {
    for await (const told of watched) if (told.kind === 'event') heard.push([told.name, told.data]);
  })();
  manager.emit('line', 'one');
  manager.emit('pair', 1, 2);
  manager.emit('no name at all');
  manager.emit('_update', { at: 3 });
  manager.emit('_update', 3n);
  manager.log('hello', { a: 1 });
  manager.error('oh');
  const { job } = await look();
  await until('its progress', async () => (await hatstand.progress(job ?? ''))?.value !== undefined);
  manager.emit('_end');
  await hearing;
  expect(heard).toEqual([
    ['line', 'one'],
    ['pair', [1, 2]],
  ]);
  const page = await hatstand.lines(job ?? '');
  expect(page?.lines.map(({ level, text }) => [level, text])).toEqual([
    ['warn', 'event.untold'],
    ['warn', 'event.untold'],
    ['info', 'hello { a: 1 }'],
    ['error', 'oh'],
  ]);
});
