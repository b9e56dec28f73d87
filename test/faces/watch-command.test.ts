/** `hatstand watch`, of a node whose function emits. */
import { once } from 'node:events';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { Hatstand, openMemory } from '../../src/index.ts';
import { collectLines } from '../support/lines.ts';
import { until } from '../support/until.ts';
import { type Ran, run, start } from './command.ts';

let hatstand: Hatstand;
let address: string;
let go: PromiseWithResolvers<void>;
beforeEach(async () => {
  go = Promise.withResolvers();
  hatstand = new Hatstand({ store: openMemory(), log: null });
  hatstand.worker('work', async (_, { progress, logger, emit }) => {
    await go.promise;
    progress({ done: 1 });
    logger.warn('half\u202e', { of: 2 });
    emit('scanned', [1]);
    emit('other');
  });
  await hatstand.start();
  ({ address } = await hatstand.listen({ port: 0 }));
  onTestFinished(() => hatstand.stop(0));
});

const ask = (...args: readonly string[]): Promise<Ran> => run(args, { HATSTAND_ADDRESS: address });

function watch(...args: readonly string[]) {
  const child = start(['watch', ...args], { HATSTAND_ADDRESS: address });
  onTestFinished(() => void child.kill());
  const ended = once(child, 'close').then(([code]) => code as number);
  return { ended, lines: collectLines([child.stdout], ended), notes: collectLines([child.stderr], ended) };
}

it('tells what is told, for people and as JSON, and ends with the job', async () => {
  const { id } = await hatstand.push('work');
  const [people, json] = [watch(id, '--event', 'scanned'), watch(id, '--json')];
  await Promise.all([people.notes.line(/running at node\./), json.lines.line(/"state":"running"/)]);
  go.resolve();
  expect([await people.ended, await json.ended]).toEqual([0, 0]);
  expect(people.lines.lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
    'progress {"done":1}',
    'warn half\\u202e {"of":2}',
    'event scanned [1]',
  ]);
  expect(people.notes.lines.at(-1)).toBe(`job ${id} succeeded`);
  const told = json.lines.lines.map((line) => JSON.parse(line) as { readonly kind: string; readonly place?: string });
  expect(told.map(({ kind }) => kind)).toEqual(['job', 'progress', 'line', 'event', 'event', 'job']);
  expect(told[1]?.place).toMatch(/^\d+\.1$/);
});

it('ends after as much as somebody wants, and refuses what is not there', async () => {
  const { id } = await hatstand.push('work');
  const some = watch(id, '-c', '2');
  await some.notes.line(/running/);
  go.resolve();
  expect([await some.ended, some.lines.lines.length]).toEqual([0, 2]);
  expect(await ask('watch', '7')).toMatchObject({ code: 5, err: expect.stringContaining('There is no job 7') });
  expect(await ask('watch', 'nobody')).toMatchObject({ code: 5, err: expect.stringContaining('There is no task "nobody"') });
  expect(await ask('watch', '7', '--task')).toMatchObject({ code: 5, err: expect.stringContaining('There is no task "7"') });
  expect(await ask('watch', id, '--after', 'x')).toMatchObject({ code: 2 });
  await until('the job has ended', async () => (await hatstand.get(id))?.state === 'succeeded');
});
