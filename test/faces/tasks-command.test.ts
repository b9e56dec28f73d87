/** What `hatstand tasks` does with a node that runs tasks. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defineTask, Hatstand, openMemory } from '../../src/index.ts';
import { until } from '../support/until.ts';
import { type Ran, run } from './command.ts';

let node: Hatstand;
let address = '';

/** Keeps what it is told, until it is told to end. */
const tail = defineTask<{ file: string }>({
  name: 'tail',
  async run({ message, signal, checkpoint, onControl, update, end }) {
    update({ of: message.file });
    onControl(({ name, data }) => (name === 'end' ? end(data) : checkpoint(data)));
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  },
});
const crashing = defineTask({
  name: 'crashing',
  restart: { backoff: 1, crashes: 2 },
  run: () => Promise.reject(new Error('the file is not there')),
});

beforeAll(async () => {
  node = new Hatstand({ store: openMemory(), name: 'one', log: null });
  node.worker(tail);
  node.worker(crashing);
  await node.start();
  ({ address } = await node.listen({ port: 0 }));
});
afterAll(() => node.stop(0));

const tasks = (...args: readonly string[]): Promise<Ran> => run(['tasks', ...args], { HATSTAND_ADDRESS: address });
const shows = (id: string, what: RegExp): Promise<void> => until(`${id}: ${what}`, async () => what.test((await tasks('show', id)).out));
const shown = async (id: string): Promise<object> => JSON.parse((await tasks('show', id, '--json')).out) as object;

it('starts a task, shows it, tells it something, stops it, and collects its result', async () => {
  const start = ['start', 'tail', '-p', '{"file": "orders.log"}', '--id', 'tail-1', '-n', 'the tail'];
  expect(await tasks(...start)).toEqual({ code: 0, out: 'tail-1\n', err: '' });
  expect(await tasks(...start)).toMatchObject({ code: 6, out: '', err: expect.stringContaining('There is a task "tail-1" already') });
  await shows('tail-1', /^status +running$/m);
  await shows('tail-1', /^progress +\{"of":"orders\.log"\}/m);
  expect((await tasks('show', 'tail-1')).out).toMatch(/^message +\{"file":"orders\.log"\}\n(.*\n)*holder +one\./m);
  expect((await tasks()).out).toMatch(/^tail-1 +tail +one\.\S+ +(now|\d+ seconds? ago) +0 +enabled +running$/m);

  expect(await tasks('tell', 'tail-1', 'rewind', '-d', '{"line": 7}')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^tail-1\/\S+\n$/),
  });
  await shows('tail-1', /^checkpoint +\{"line":7\}$/m);
  expect(await tasks('disable', 'tail-1')).toMatchObject({ code: 0, out: 'tail-1\n' });
  await shows('tail-1', /^status +stopped$/m);
  const later = JSON.parse((await tasks('tell', 'tail-1', 'rewind', '-d', '{"line": 8}', '--json')).out) as { readonly id: string };
  expect((await tasks('controls', 'tail-1')).out).toMatch(/^rewind +\{"line":8\} +(now|1 second ago) +tail-1\/\S+$/m);
  expect(JSON.parse((await tasks('controls', 'tail-1', '--json')).out)).toMatchObject({ ...later, name: 'rewind', data: { line: 8 } });
  await tasks('enable', 'tail-1');
  await shows('tail-1', /^checkpoint +\{"line":8\}$/m);
  expect((await tasks('controls', 'tail-1')).out).toBe('NAME  DATA  TOLD  ID\n');

  expect(await tasks('collect', 'tail-1')).toMatchObject({ code: 6, err: expect.stringContaining('has not ended') });
  await tasks('tell', 'tail-1', 'end', '-d', '{"lines": 9}');
  await shows('tail-1', /^ended .*: it returned$/m);
  expect((await tasks('collect', 'tail-1')).out).toMatch(/^result +\{"lines":9\}$/m);
  expect(await tasks('show', 'tail-1')).toMatchObject({ code: 5, out: '' });
});

it('tells crashes with their errors, and restarts with what is given', async () => {
  const { out } = await tasks('start', 'crashing', '--json');
  const { id } = JSON.parse(out) as { readonly id: string };
  await shows(id, /^status +crashed$/m);
  expect((await tasks('show', id)).out).toMatch(/^crashes +2 in a row\n\nCRASHED +JOB +ERROR\n(.* \d+ +the file is not there\n){2}$/m);
  const restarted = await tasks(
    'restart',
    id,
    '-p',
    '[1]',
    '--restart',
    'never',
    '--pause',
    '1m',
    '--clean-end',
    '--max-detached',
    '5m',
    '--json',
  );
  expect(JSON.parse(restarted.out)).toMatchObject({
    ...{ id, message: [1], pause: '1m', cleanEnd: true, stateOptional: true, maxDetached: '5m' },
    restart: { on: 'never', backoff: '1ms', crashes: 2 },
  });
  await tasks('restart', id, '--pause', 'none', '--no-clean-end', '--no-state-optional', '--stalled-after', '5m', '--healthy-after', '30');
  expect(await shown(id)).toMatchObject({
    ...{ message: [1], pause: null, cleanEnd: false, stateOptional: false, stalledAfter: '5m' },
    restart: { on: 'never', healthyAfter: '30s' },
  });
  expect(await tasks('delete', id, 'never')).toMatchObject({ code: 5, out: `${id}\n`, err: expect.stringContaining('no task "never"') });
});

it('moves a task, and says when it cannot', async () => {
  await tasks('start', 'tail', '-p', '{"file": "x"}', '--id', 'moving', '--domain', 'acme');
  const move = (...args: readonly string[]): Promise<Ran> => tasks('move', 'moving', '--domain', 'acme', ...args);
  expect(await move('--to', 'one')).toEqual({ code: 0, out: 'moving\n', err: '' });
  expect(await move('--to', 'two')).toMatchObject({ code: 6, err: expect.stringContaining('These do: one') });
  expect(await move('--from', 'one')).toMatchObject({ code: 6, out: '' });
  for (const wrong of [[], ['--to', 'one', '--from', 'two']]) expect(await move(...wrong)).toMatchObject({ code: 2, out: '' });
  expect(await tasks('stop', 'moving', '--domain', 'acme')).toMatchObject({ code: 0 });
  expect((await tasks('--domain', 'acme', '--worker', 'tail', '--json')).out).toMatch(/^\{"id":"moving","domain":"acme",.*\}\n$/);
  expect((await tasks('--worker', 'nobody')).out).toMatch(/^ID .*\n$/);
});

it('says what is wrong, and that nobody serves a worker', async () => {
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [['start', 'http'], 'the worker "http" is none'],
    [['start', 'tail', '-p', '{'], '--message must be JSON'],
    [['start', 'tail', '--restart', 'often'], 'never or failure or always'],
    [['start', 'tail', '--stalled-after', '1ms'], 'stalledAfter must be at least 1s'],
    [['start', 'tail', '--no-state-optional', '--max-detached', '1m'], 'maxDetached is for tasks that are stateOptional'],
    [['tell', 'tail-1', 'two words'], 'name must be'],
    [['tell', 'tail-1', 'x', '-d', 'y'], '--data must be JSON'],
    [['list', '--worker', ''], '--worker must not be empty'],
  ];
  for (const [args, told] of wrong)
    expect(await tasks(...args), args.join(' ')).toMatchObject({ code: 2, out: '', err: expect.stringContaining(told) });
  const unserved = await tasks('start', 'nobody', '--id', 'waiting');
  expect(unserved).toMatchObject({ code: 0, out: 'waiting\n', err: expect.stringContaining('No live node serves the worker nobody') });
  expect((await tasks('show', 'waiting')).out).toMatch(/^unserved +no live node serves the worker nobody/m);
});
