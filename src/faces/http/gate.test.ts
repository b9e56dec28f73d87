import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeGate } from './gate.ts';

it('lets so many in at a time, in order, also after one that fails', async () => {
  const gate = makeGate(2);
  const began: number[] = [];
  const works = [0, 1, 2, 3].map(() => Promise.withResolvers<number>());
  const done = works.map(({ promise }, n) =>
    gate(() => {
      began.push(n);
      return promise;
    }),
  );
  await turn();
  expect(began).toEqual([0, 1]);
  works[1]?.reject(new Error('no'));
  await expect(done[1]).rejects.toThrow('no');
  await turn();
  expect(began).toEqual([0, 1, 2]);
  works[0]?.resolve(0);
  await done[0];
  await turn();
  expect(began).toEqual([0, 1, 2, 3]);
  works[2]?.resolve(2);
  works[3]?.resolve(3);
  expect(await Promise.all([done[2], done[3]])).toEqual([2, 3]);
});
