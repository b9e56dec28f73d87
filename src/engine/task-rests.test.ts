import { expect, it } from 'vitest';
import { makeTaskRests } from './task-rests.ts';

/** In which of so many rounds they may be given away. */
function given(surpluses: readonly number[]): readonly number[] {
  const rests = makeTaskRests();
  return surpluses.flatMap((surplus, round) => (rests.mayGive('tail', surplus) ? [round] : []));
}

it('what comes back is given away less and less often', () => {
  expect(given(Array.from({ length: 60 }, () => 2))).toEqual([0, 1, 3, 7, 15, 31, 47]);
});

it('what is taken is given away in each round, until nothing is left', () => {
  expect(given([200, 100, 50, 25, 12, 0, 0])).toEqual([0, 1, 2, 3, 4]);
});

it('what is too much anew is given away at once', () => {
  expect(given([2, 2, 2, 0, 2, 2, 2, 3])).toEqual([0, 1, 4, 5, 7]);
});

it('each worker has its own', () => {
  const rests = makeTaskRests();
  expect([rests.mayGive('a', 2), rests.mayGive('b', 2), rests.mayGive('a', -1)]).toEqual([true, true, false]);
});
