import { expect, it } from 'vitest';
import { makeDiscards } from './discards.ts';

const mebibyte = 1024 * 1024;
const never = (): never => expect.fail('nobody is given up');

it('reads so many bytes at a time, of all who send them, and lets those wait go on in their order', async () => {
  const discards = makeDiscards();
  const wentOn: number[] = [];
  const last = Promise.withResolvers<void>();
  const take = (who: number): boolean =>
    discards.take(mebibyte, {
      goOn() {
        wentOn.push(who);
        if (who === 4) last.resolve();
      },
      end: never,
    });
  expect([0, 1, 2, 3, 4].map(take)).toEqual([true, false, false, false, false]);
  await last.promise;
  expect(wentOn).toEqual([1, 2, 3, 4]);
  expect(take(5)).toBe(true);
});

it('lets only so many go on at a time as may read something', async () => {
  const discards = makeDiscards();
  let wentOn = 0;
  const first = Promise.withResolvers<number>();
  const goOn = (): void => {
    wentOn += 1;
    // Those who go on together do so in one turn of the event loop.
    setImmediate(() => first.resolve(wentOn));
  };
  for (let n = 0; n < 100; n++) discards.take(2 * mebibyte, { goOn, end: never });
  expect(await first.promise).toBe(32);
});

it('gives up those who have waited the longest when too many do', () => {
  const discards = makeDiscards();
  const ended: number[] = [];
  const goOn = (): void => undefined;
  for (let n = 0; n < 103; n++) discards.take(2 * mebibyte, { goOn, end: () => void ended.push(n) });
  // Within this turn of the event loop nobody goes on.
  expect(ended).toEqual([0, 1, 2]);
});
