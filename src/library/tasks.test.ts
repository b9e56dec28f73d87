import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { until } from '../../test/support/until.ts';
import { conditionOf } from '../core/node.ts';
import { Hatstand } from '../hatstand.ts';
import type { Store } from '../ports/store/store.ts';
import { systemMachine } from '../system/machine.ts';
import { silent } from '../system/silent.ts';
import { defineTask, type TaskContext } from './define-task.ts';
import { hatstand, store } from './hatstand.suite.ts';
import type { HatstandOptions } from './options.ts';

/** What functions of tasks did, in order. */
let did: string[] = [];
beforeEach(() => {
  did = [];
});

/** Counts on from its checkpoint until it is told to return. */
async function count({ message, signal, resumeFrom, checkpoint, onControl }: TaskContext<string>, at = ''): Promise<void> {
  let n = typeof resumeFrom === 'number' ? resumeFrom : 0;
  did.push(`begins ${message} at ${n}${at}`);
  onControl(({ name, data }) => void did.push(`${name} ${JSON.stringify(data)}`));
  while (!signal.aborted) {
    n += 1;
    await checkpoint(n);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  did.push(`${signal.reason} at ${n}`);
}
const counter = defineTask<string>({ name: 'counter', run: (context) => count(context) });

const statusOf = async (task: string) => (await hatstand.tasks.get(task))?.status;
const standsAs = (task: string, status: string) => until(`the task is ${status}`, async () => (await statusOf(task)) === status);

describe('a task', () => {
  beforeEach(async () => {
    hatstand.worker(counter);
    await hatstand.start();
  });

  it('runs until it is disabled, keeps where it was, and goes on from there', async () => {
    expect(await hatstand.tasks.start(counter, 'a', { id: 'a' })).toMatchObject({
      id: 'a',
      worker: 'counter',
      desired: 'enabled',
      message: 'a',
    });
    await standsAs('a', 'running');
    await until('a checkpoint', async () => Number((await hatstand.tasks.get('a'))?.checkpoint) > 2);
    expect(await hatstand.tasks.disable('a')).toMatchObject({
      desired: 'disabled',
      status: expect.stringMatching(/running|stop/),
      job: expect.any(String),
    });
    await standsAs('a', 'stopped');
    const reached = (await hatstand.tasks.get('a'))?.checkpoint;
    expect(did).toEqual(['begins a at 0', `canceled at ${reached}`]);
    await hatstand.tasks.enable('a');
    await until('it goes on', async () => did.length > 2);
    expect(did.at(-1)).toBe(`begins a at ${reached}`);
  });

  it('that is restarted with another message stops before it begins anew', async () => {
    await hatstand.tasks.start(counter, 'a', { id: 'a' });
    await until('it begins', async () => did.length > 0);
    await hatstand.tasks.restart('a', { message: 'b' });
    await until('it begins anew', async () => did.length > 2);
    expect(did.map((each) => each.replace(/ at \d+/, ''))).toEqual(['begins a', 'canceled', 'begins b']);
  });

  it('that is stopped has ended; it is collected once, and its id is free again', async () => {
    await hatstand.tasks.start(counter, 'a', { id: 'a' });
    await standsAs('a', 'running');
    await expect(hatstand.tasks.collect('a')).rejects.toMatchObject({ code: 'conflict' });
    await hatstand.tasks.stop('a');
    await standsAs('a', 'ended');
    expect(await hatstand.tasks.collect('a')).toMatchObject({ end: 'stopped', result: undefined });
    expect(await hatstand.tasks.collect('a')).toBeNull();
    expect(await hatstand.tasks.start(counter, 'b', { id: 'a' })).toMatchObject({ message: 'b', checkpoint: undefined });
    await expect(hatstand.tasks.start(counter, 'b', { id: 'a' })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('that is deleted is stopped before it goes, with what it kept', async () => {
    await hatstand.tasks.start(counter, 'a', { id: 'a' });
    await until('a checkpoint', async () => (await hatstand.tasks.get('a'))?.checkpoint !== undefined);
    expect(await hatstand.tasks.delete('a')).toBe(true);
    await until('it is gone', async () => (await hatstand.tasks.get('a')) === null);
    expect(did.at(-1)).toMatch(/^canceled at/);
    await until('what it kept is gone', async () => (await keptOf('checkpoint')).length === 0);
    expect(await hatstand.tasks.delete('a')).toBe(false);
  });

  it('is told what people tell it, in order, also what they told while it did not run', async () => {
    await hatstand.tasks.start(counter, 'a', { id: 'a' });
    await standsAs('a', 'running');
    for (const n of [1, 2, 3]) await hatstand.tasks.tell('a', 'turn', { n });
    await until('it is told', async () => did.length === 4);
    await hatstand.tasks.disable('a');
    await standsAs('a', 'stopped');
    await hatstand.tasks.tell('a', 'later');
    expect(await hatstand.tasks.controls('a')).toMatchObject([{ name: 'later', data: undefined }]);
    await hatstand.tasks.enable('a');
    await until('all is handled', async () => (await hatstand.tasks.controls('a')).length === 0);
    expect(did.filter((each) => /turn|later/.test(each))).toEqual(['turn {"n":1}', 'turn {"n":2}', 'turn {"n":3}', 'later undefined']);
    expect(await hatstand.tasks.tell('none', 'turn')).toBeNull();
  });

  it('runs as its definition says where its start says nothing, also one over HTTP', async () => {
    hatstand.worker(defineTask({ name: 'paused', pause: 60_000, restart: { crashes: 3 }, run: () => undefined }));
    const { address } = await hatstand.listen({ port: 0 });
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ id: 'over-http', worker: 'paused', restart: { backoff: '5s' } });
    expect((await fetch(`${address}/v1/tasks`, { method: 'POST', headers, body })).status).toBe(201);
    await hatstand.tasks.start('paused', undefined, { id: 'here', restart: { backoff: 5_000 } });
    for (const id of ['over-http', 'here'])
      expect(await hatstand.tasks.get(id)).toMatchObject({ pause: 60_000, restart: { crashes: 3, backoff: 5_000 } });
  });

  it('is listed with its kind and its tenant', async () => {
    for (const id of ['a', 'b', 'c']) await hatstand.tasks.start(counter, id, { id, domain: id === 'c' ? 'acme' : '' });
    const { tasks, next } = await hatstand.tasks.list({ worker: 'counter', limit: 2 });
    expect(tasks.map(({ id }) => id)).toEqual(['a', 'b']);
    const rest = await hatstand.tasks.list({ worker: 'counter', ...(next === null ? {} : { from: next }) });
    expect(rest.tasks.map(({ id, domain }) => [id, domain])).toEqual([['c', 'acme']]);
    expect((await hatstand.tasks.list({ worker: 'other' })).tasks).toEqual([]);
  });
});

async function keptOf(kind: 'checkpoint' | 'mail') {
  return (await store.definitions.list({ by: 'place', kind, domain: null, group: null, from: null, limit: 10 })).definitions;
}

describe('how a task ends', () => {
  it('returns, and is collected with its result', async () => {
    hatstand.worker(defineTask({ name: 'once', run: () => ({ done: 7 }) }));
    await hatstand.start();
    const { id } = await hatstand.tasks.start('once');
    await standsAs(id, 'ended');
    expect(await hatstand.tasks.collect(id)).toMatchObject({ end: 'succeeded', result: { done: 7 } });
  });

  it('returns more than is kept of a result', async () => {
    hatstand.worker(defineTask({ name: 'once', run: () => 'x'.repeat(1024 * 1024) }));
    await hatstand.start();
    const { id } = await hatstand.tasks.start('once');
    await standsAs(id, 'ended');
    expect(await hatstand.tasks.get(id)).toMatchObject({ end: 'succeeded', result: undefined });
  });

  it('goes by itself when it is to', async () => {
    hatstand.worker(defineTask({ name: 'once', cleanEnd: true, run: () => did.push('ran') }));
    await hatstand.start();
    const { id } = await hatstand.tasks.start('once');
    await until('it is gone', async () => (await hatstand.tasks.get(id)) === null);
    expect(did).toEqual(['ran']);
  });

  it('says so in one of its passes', async () => {
    const passes = defineTask({
      name: 'passes',
      pause: 1,
      run({ pass, end }) {
        did.push(`pass ${pass}`);
        if (pass === 2) end({ after: pass });
      },
    });
    hatstand.worker(passes);
    await hatstand.start();
    const { id } = await hatstand.tasks.start(passes);
    await standsAs(id, 'ended');
    expect(did).toEqual(['pass 0', 'pass 1', 'pass 2']);
    expect(await hatstand.tasks.get(id)).toMatchObject({ end: 'succeeded', result: { after: 2 } });
  });

  it('crashes too often in a row, with the evidence, and can be restarted', async () => {
    const crashing = defineTask({
      name: 'crashing',
      restart: { backoff: 1, crashes: 3 },
      run() {
        did.push('crash');
        throw new Error(`boom ${did.length}`);
      },
    });
    hatstand.worker(crashing);
    await hatstand.start();
    const { id } = await hatstand.tasks.start(crashing);
    await standsAs(id, 'crashed');
    const crashed = await hatstand.tasks.get(id);
    expect(crashed).toMatchObject({ end: 'crashed', crashes: 3 });
    expect(crashed?.newestCrashes.map(({ error }) => error)).toEqual(['boom 1', 'boom 2', 'boom 3']);
    await hatstand.tasks.restart(id, { restart: { on: 'never' } });
    await until('it has crashed again', async () => did.length === 4);
    await standsAs(id, 'crashed');
  });

  it('goes on elsewhere when it tells nothing for too long', async () => {
    hatstand.worker(defineTask({ name: 'silent', stalledAfter: 1_000, run: ({ fence }) => new Promise<void>(() => void did.push(fence)) }));
    await hatstand.start();
    const { id } = await hatstand.tasks.start('silent');
    await until('another attempt begins', async () => did.length === 2);
    expect(new Set(did).size).toBe(2);
    expect(await hatstand.tasks.get(id)).toMatchObject({ crashes: 0, desired: 'enabled' });
  });
});

describe('tasks on several nodes', () => {
  let nodes: Hatstand[] = [];
  afterEach(async () => {
    for (const node of nodes) await node.stop(0);
    nodes = [];
  });

  /** They share the store of the test, which its own Hatstand closes. */
  async function startNode(
    name: string,
    run: (context: TaskContext<string>) => unknown,
    otherwise: Partial<HatstandOptions> = {},
  ): Promise<Hatstand> {
    const shared: Store = { ...store, close: () => Promise.resolve() };
    const node = new Hatstand({ store: shared, name, log: silent, ...otherwise });
    node.worker(defineTask<string>({ name: 'counter', run }));
    await node.start();
    nodes.push(node);
    return node;
  }
  const begun = () => did.filter((each) => each.startsWith('begins'));

  it('are handed over at once by one that stops, from the newest checkpoint, and no two run at once', async () => {
    const one = await startNode('one', (context) => count(context, ' on one'));
    await one.tasks.start('counter', 'a', { id: 'a' });
    await until('it runs', async () => Number((await hatstand.tasks.get('a'))?.checkpoint) > 2);
    await startNode('two', (context) => count(context, ' on two'));
    await one.stop('10s');
    await until('it goes on', async () => begun().length === 2);
    const reached = /^handover at (\d+)$/.exec(did[1] ?? '')?.[1];
    expect(did).toEqual(['begins a at 0 on one', `handover at ${reached}`, `begins a at ${reached} on two`]);
    expect(await hatstand.tasks.get('a')).toMatchObject({ status: 'running', crashes: 0 });
  });

  it('are shared among the nodes that serve them, also with one that joins later, and with those that are left', async () => {
    const onNode = new Map<string, string>();
    const sit =
      (name: string) =>
      async ({ message, signal }: TaskContext<string>): Promise<void> => {
        onNode.set(message, name);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      };
    const countsOf = (): readonly number[] =>
      ['one', 'two', 'three'].map((name) => [...onNode.values()].filter((each) => each === name).length);
    const one = await startNode('one', sit('one'));
    await startNode('two', sit('two'));
    await Promise.all(Array.from({ length: 12 }, (_, n) => hatstand.tasks.start('counter', `k${n}`)));
    await until('both have their share', () => String(countsOf()) === '6,6,0');
    await startNode('three', sit('three'));
    await until('the third has its share', () => String(countsOf()) === '4,4,4');
    await store.nodes.steer('two', 'draining');
    await until('the others have those of one that is drained', () => String(countsOf()) === '6,0,6');
    await store.nodes.steer('two', 'active');
    await until('it has its share again', () => String(countsOf()) === '4,4,4');
    await one.stop('5s');
    await until('the others have those of the first', () => String(countsOf()) === '0,6,6');
    for (const { crashes, status } of (await hatstand.tasks.list()).tasks) expect([crashes, status]).toEqual([0, 'running']);
  });

  it('stay where they are as long as nothing changes, although nodes look for more again and again', { timeout: 60_000 }, async () => {
    await startNode('one', (context) => count(context, ' on one'));
    await startNode('two', (context) => count(context, ' on two'));
    await hatstand.tasks.start('counter', 'a', { id: 'a' });
    await until('it runs', async () => begun().length === 1);
    const holder = async () => (await hatstand.tasks.get('a'))?.holder;
    const first = await holder();
    // Claims and looks at the shares come once a second, and may meet.
    const since = performance.now();
    await until('some rounds', () => performance.now() - since > 8_000, 10_000);
    expect([await holder(), begun().length]).toEqual([first, 1]);
  });

  it('leave a node that is critical, and come back to it when it has recovered', async () => {
    const machine = vi.spyOn(systemMachine, 'use').mockReturnValue({ cpu: 95, memory: 50 });
    onTestFinished(() => machine.mockRestore());
    const nodeNow = async (name: string) => (await store.nodes.list()).filter((each) => each.name === name).map(conditionOf);
    const one = await startNode('one', (context) => count(context, ' on one'), { cpuThreshold: 90, healthInterval: '1s' });
    expect(await nodeNow('one')).toEqual(['critical']);
    await one.tasks.start('counter', 'a', { id: 'a' });
    machine.mockReturnValue({ cpu: 84, memory: 50 });
    await until('it has recovered and runs it', async () => begun().length === 1);
    await startNode('two', (context) => count(context, ' on two'));
    machine.mockReturnValue({ cpu: 91, memory: 50 });
    await until('the other one has it', async () => did.at(-1)?.endsWith('on two') === true);
    const [first, second] = [await nodeNow('one'), await nodeNow('two')];
    expect([first, second]).toEqual([['critical'], ['active']]);
    expect(await hatstand.tasks.get('a')).toMatchObject({ status: 'running', crashes: 0 });
  });

  it('move to a node, or away from one, when somebody wants that', async () => {
    await startNode('one', (context) => count(context, ' on one'));
    await hatstand.tasks.start('counter', 'a', { id: 'a' });
    await until('it runs', async () => begun().length === 1);
    await startNode('two', (context) => count(context, ' on two'));
    await hatstand.tasks.move('a', { to: 'two' });
    await until('it moves', async () => did.at(-1)?.endsWith('on two') === true);
    await hatstand.tasks.move('a', { from: 'two' });
    await until('it moves back', async () => did.at(-1)?.endsWith('on one') === true);
    await expect(hatstand.tasks.move('a', { to: 'three' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(hatstand.tasks.move('a', { from: 'three' })).rejects.toThrow(
      'There is no node "three" from which it could be moved. These do: ',
    );
    expect(await hatstand.tasks.get('a')).toMatchObject({ status: 'running', crashes: 0 });
    await hatstand.tasks.stop('a');
    await until('it has ended', async () => (await hatstand.tasks.get('a'))?.status === 'ended');
    await expect(hatstand.tasks.move('a', { from: 'one' })).rejects.toThrow('has ended, and runs nowhere');
  });
});
