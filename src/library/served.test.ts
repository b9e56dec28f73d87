/** When workers run, and what they ask for. */
import { expect, it } from 'vitest';
import { Hatstand } from '../hatstand.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { defineWorker } from './defined.ts';
import { hatstand } from './hatstand.suite.ts';

it('a worker that comes during the start waits for its init also when the start has ended', async () => {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  hatstand.worker(defineWorker({ name: 'first', init: () => first.promise, run: () => 1 }));
  const starting = hatstand.start();
  hatstand.worker(defineWorker({ name: 'second', init: () => second.promise, run: () => 'ran' }));
  first.resolve();
  await starting;
  expect(hatstand.workers()).toMatchObject([{ state: 'active' }, { state: 'waiting' }]);
  second.resolve();
  expect(await hatstand.wait(await hatstand.push('second'))).toMatchObject({ result: 'ran' });
  expect(hatstand.workers()).toMatchObject([{ state: 'active' }, { state: 'active' }]);
});

it('a worker without a commit asks the store for nothing when a failure of it is tried again', async () => {
  const memory = openMemory();
  let asked = 0;
  const get: typeof memory.jobs.get = (id) => {
    asked += 1;
    return memory.jobs.get(id);
  };
  const node = new Hatstand({ store: altered(memory, { jobs: { get } }), log: null });
  const over = Promise.withResolvers<void>();
  node.worker(
    defineWorker({
      ...{ name: 'w', attempts: 3, backoff: 0 },
      run({ isFinal }) {
        if (!isFinal) throw new Error('again');
        over.resolve();
      },
    }),
  );
  await node.start();
  await node.push('w');
  await over.promise;
  await node.stop();
  expect(asked).toBe(0);
});
