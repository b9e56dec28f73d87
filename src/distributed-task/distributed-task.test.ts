import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../test/support/redis-server.ts';
import { until } from '../../test/support/until.ts';
import type { DistributedTaskConfig } from './config.ts';
import type { GivenTask, Manager } from './manager.ts';

let server: RedisServer;
let redis: Redis;
let config: DistributedTaskConfig;
let modules: typeof import('./index.ts');
let defineTask: typeof import('../library/define-task.ts').defineTask;
const loops = { loop_interval: 20, check_interval: 50 } as const;

beforeEach(async () => {
  server = await startRedis();
  redis = new Redis(server.port, '127.0.0.1');
  config = {
    share_key: 'abc',
    redis: { host: '127.0.0.1', port: server.port },
    host: '127.0.0.1',
    distributors: [['localhost', 5000]],
    ...loops,
  };
  // Each is one of its process.
  vi.resetModules();
  modules = await import('./index.ts');
  ({ defineTask } = await import('../library/define-task.ts'));
});
afterEach(async () => {
  await Promise.all([modules.distributor.close(), modules.worker.close(), modules.watcher.close()]);
  redis.disconnect();
  await server.stop();
});

const push = (task: object): Promise<number> => redis.lpush('new-task', JSON.stringify(task));
const stateOf = (id: string): Promise<string | null> => redis.hget(`task-${id}`, 'state');
const state = (id: string, wanted: string | null): Promise<void> => until(`${id} is ${wanted}`, async () => (await stateOf(id)) === wanted);

/** Tells who began, and ends when it is told to. */
function endable() {
  const begun = new Map<string, { readonly manager: Manager; readonly task: GivenTask }>();
  const call = function (this: unknown, manager: Manager, task: GivenTask): void {
    begun.set(task.id, { manager, task });
    manager.on('stop', () => manager.emit('_stop'));
  };
  return { begun, call };
}

describe('a task that is pushed to new-task', () => {
  it('runs at a worker, its record tells how it stands, and whoever takes that away has collected it', async () => {
    const { distributor, worker } = modules;
    const { begun, call } = endable();
    const node = await distributor.init(config);
    await push({ id: 't1', function: 'work', data: { n: 1 } });
    // Nobody runs it yet.
    await state('t1', 'STOPPED');
    void worker.init(config);
    worker.addTask('work', call);
    await state('t1', 'RUNNING');
    expect(begun.get('t1')?.task).toEqual({ id: 't1', function: 'work', data: { n: 1 } });
    const { data = '', start, update, worker: holder } = await redis.hgetall('task-t1');
    expect([JSON.parse(data), holder !== '', await redis.smembers('tasks')]).toEqual([
      { id: 't1', function: 'work', data: { n: 1 } },
      true,
      ['t1'],
    ]);
    expect(Number(start)).toBeLessThanOrEqual(Number(update));
    await until('its update is newer', async () => (await redis.hget('task-t1', 'update')) !== update);
    begun.get('t1')?.manager.emit('_end', 'done');
    await state('t1', 'END');
    expect(await redis.hget('task-t1', 'end')).toBe('succeeded');
    expect((await node.tasks.get('t1'))?.result).toBe('done');
    await redis.multi().srem('tasks', 't1').del('task-t1').exec();
    await until('it is collected', async () => (await node.tasks.get('t1')) === null);
    await until('nothing is left of it', async () => (await redis.exists('tasks-mirrored')) === 0);
  });

  it('is gone with clean_end, goes on without Redis with state_optional, and what is none of them is kept as refused', async () => {
    const { distributor, worker } = modules;
    const { begun, call } = endable();
    const node = await distributor.init({ ...config, task_timeout: 60_000 });
    void worker.init(config);
    worker.addTask('work', call);
    await push({ id: 'clean', function: 'work', clean_end: true });
    await push({ id: 'long', function: 'work', data: { state_optional: true } });
    for (const wrong of ['no JSON', '[]', '{"function":"work"}', '{"id":"a b","function":"work"}', '{"id":"x"}'])
      await redis.lpush('new-task', wrong);
    await push({ id: 'long', function: 'work', data: 'another one' });
    await Promise.all([state('clean', 'RUNNING'), state('long', 'RUNNING')]);
    expect(await node.tasks.get('long')).toMatchObject({ stateOptional: true, cleanEnd: false, stalledAfter: 60_000 });
    begun.get('clean')?.manager.emit('_end');
    await state('clean', null);
    expect(await redis.smembers('tasks')).toEqual(['long']);
    await until('all is refused', async () => (await redis.llen('new-task-refused')) === 6);
    expect(await redis.keys('new-task*')).toHaveLength(3);
  });

  it('that its function stops by itself begins again', async () => {
    const { distributor, worker } = modules;
    let begins = 0;
    void distributor.init(config);
    void worker.init(config);
    worker.addTask('work', (manager) => {
      begins += 1;
      setImmediate(() => manager.emit(begins < 3 ? '_stop' : '_end'));
    });
    await push({ id: 't1', function: 'work', data: 1 });
    await state('t1', 'END');
    expect(begins).toBe(3);
  });

  it('runs on when all distributors are gone, and new ones wait for the next', async () => {
    const { distributor, worker } = modules;
    const { begun, call } = endable();
    await distributor.init(config);
    await worker.init(config);
    worker.addTask('work', call);
    await push({ id: 't1', function: 'work', data: 1 });
    await state('t1', 'RUNNING');
    await distributor.close();
    await push({ id: 't2', function: 'work', data: 1 });
    vi.resetModules();
    const another = await import('./distributor.ts');
    expect([[...begun.keys()], await redis.llen('new-task')]).toEqual([['t1'], 1]);
    await another.init(config);
    await state('t2', 'RUNNING');
    // As the one before has left it, which was not this one's own.
    begun.get('t1')?.manager.emit('_end');
    await state('t1', 'END');
    await another.close();
  });

  it('is one of its cluster, whose lists and records begin with its name', async () => {
    const { distributor, worker } = modules;
    const blue = { ...config, cluster_name: 'blue' };
    void distributor.init(blue);
    void worker.init(blue);
    worker.addTask('work', async () => 'done');
    await redis.lpush('blue:new-task', JSON.stringify({ id: 't1', function: 'work' }));
    await until('it has ended', async () => (await redis.hget('blue:task-t1', 'state')) === 'END');
    expect([await redis.smembers('blue:tasks'), await redis.exists('tasks', 'task-t1', 'tasks-mirrored')]).toEqual([['t1'], 0]);
  });

  it('is run by what defineTask gives, too', async () => {
    const { distributor, worker } = modules;
    void distributor.init(config);
    const node = await worker.init(config);
    worker.addTask('ours', defineTask<unknown>({ name: 'ours', run: ({ message, taskId }) => [taskId, message] }));
    await push({ id: 't1', function: 'ours', data: { n: 1 } });
    await state('t1', 'END');
    expect((await node.tasks.get('t1'))?.result).toEqual(['t1', { n: 1 }]);
  });
});

describe('the intake', () => {
  it('refuses bytes that are no UTF-8 once, as they came', async () => {
    const bytes = [Buffer.from('{"id":"a","function":"work","clean_end":true,"data":"caf\u00e9"}', 'latin1'), Buffer.from([0xff, 0x7b])];
    for (const each of bytes) await redis.lpush('new-task', each);
    await push({ id: 'b', function: 'work', data: 'café' });
    const node = await modules.distributor.init(config);
    await state('b', 'STOPPED');
    await until('both are refused', async () => (await redis.llen('new-task-refused')) === 2);
    const again = (await redis.keys('new-task-taken:*')).length;
    expect([await redis.lrangeBuffer('new-task-refused', 0, -1), again, (await node.tasks.list()).tasks.map(({ id }) => id)]).toEqual([
      ...[bytes.toReversed(), 0, ['b']],
    ]);
  });

  it('gives back what a dead one has left, and starts again what was cut short, once', async () => {
    const { distributor, worker } = modules;
    const begun: string[] = [];
    await redis.sadd('new-task-takers', 'dead');
    const left = ['a', 'b'].map((id) => JSON.stringify({ id, function: 'work', data: 1 }));
    await redis.lpush('new-task-taken:dead', ...left);
    const node = await worker.init(config);
    worker.addTask('work', (_, { id }) => void begun.push(id));
    // It was started, and not taken out of the list.
    await node.tasks.start('work', 1, { id: 'a' });
    void distributor.init(config);
    await Promise.all([state('a', 'RUNNING'), state('b', 'RUNNING')]);
    await until('nothing is left', async () => (await redis.keys('new-task*')).length === 2);
    expect([
      begun.toSorted((a, b) => a.localeCompare(b)),
      await redis.llen('new-task-refused'),
      await redis.scard('new-task-takers'),
    ]).toEqual([['a', 'b'], 0, 1]);
  });
});

describe('a watcher', () => {
  it('hears what tasks tell by the names of events, until it asks for no more, and their end', async () => {
    const { distributor, worker, watcher } = modules;
    const { begun, call } = endable();
    void distributor.init(config);
    void worker.init(config);
    void watcher.init(config);
    worker.addTask('work', call);
    await push({ id: 't1', function: 'work', data: 1 });
    await state('t1', 'RUNNING');
    const heard: unknown[] = [];
    const hear = (data: unknown): unknown => heard.push(data);
    const listen = watcher.subscribe('t1', 'line', hear);
    await Promise.all([listen, watcher.subscribe('t1', '_update', hear), watcher.subscribe('t1', '_end', hear)]);
    const manager = begun.get('t1')?.manager ?? expect.fail('it runs');
    // Its worker may hear of it a moment later.
    await until('it listens', () => {
      manager.emit('line', 'one');
      return heard.length > 0;
    });
    heard.length = 0;
    manager.emit('line', 'two');
    await until('the second is heard', () => heard.includes('two'));
    manager.emit('other', 'three');
    manager.emit('_update', { at: 4 });
    await until('how far it is, is heard', () => heard.length > 0 && typeof heard.at(-1) === 'object');
    watcher.unsubscribe('t1', 'line', hear);
    manager.emit('line', 'five');
    manager.emit('_end', 'six');
    await until('its end is heard', () => 'end' in Object(heard.at(-1)));
    const others = heard.filter((each) => each !== 'one');
    expect(others).toEqual(['two', { at: 4 }, expect.objectContaining({ id: 't1', end: 'succeeded', result: 'six' })]);
    expect([(await watcher.task('t1'))?.status, (await watcher.tasks()).tasks.length]).toEqual(['ended', 1]);
  });
});

it('a watcher waits for a task that is not there yet', async () => {
  const { distributor, worker, watcher } = modules;
  const { begun, call } = endable();
  void watcher.init(config);
  const heard: unknown[] = [];
  await watcher.subscribe('later', 'line', (line) => heard.push(line));
  void distributor.init(config);
  void worker.init(config);
  worker.addTask('work', call);
  await push({ id: 'later', function: 'work', data: 1 });
  await state('later', 'RUNNING');
  await until('it is heard', () => {
    begun.get('later')?.manager.emit('line', 'one');
    return heard.includes('one');
  });
});

describe('a configuration', () => {
  it.each([
    [undefined, 'worker.init needs its configuration'],
    [{ share_keys: 'x' }, 'worker.init has no option "share_keys". Did you mean share_key?'],
    [{ redis: { host: 'a', prot: 1 } }, 'redis of worker.init has no option "prot". Did you mean port?'],
    [{ distributors: [['localhost']] }, 'distributors[0] of worker.init must be a pair of a host and a port'],
    [{ distributors: 'localhost' }, 'distributors of worker.init must be a list of pairs'],
    [{ cert: 'a.pem' }, 'cert and key of worker.init must be set together'],
    [{ loop_interval: 1 }, 'loop_interval of worker.init must be a whole number from 10'],
  ])('that makes no sense is refused: %j', async (given, told) => {
    await expect(modules.worker.init(given as DistributedTaskConfig)).rejects.toThrow(told);
  });

  it('begins a role once, and each name has one function', async () => {
    const { worker } = modules;
    await worker.init(config);
    await expect(worker.init(config)).rejects.toMatchObject({ code: 'conflict' });
    worker.addTask('work', () => undefined);
    expect(() => worker.addTask('work', () => undefined)).toThrow('There is a task function "work" already');
    expect(() => worker.addTask('other', defineTask({ name: 'ours', run: () => 1 }))).toThrow('is called "ours"');
    expect(() => worker.addTask('none', undefined as never)).toThrow('task of addTask must be a function');
    expect(() => worker.addTask('a b', () => undefined)).toThrow('name of defineTask');
  });

  it('waits for a Redis that is away', async () => {
    await server.kill('SIGTERM');
    const begun = modules.worker.init(config);
    await server.restart();
    expect((await begun).workers()).toEqual([]);
  });
});
