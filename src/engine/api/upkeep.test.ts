import { expect, it } from 'vitest';
import { openMemory } from '../../stores/memory/index.ts';
import { systemClock } from '../../system/clock.ts';
import { silent } from '../../system/silent.ts';
import { makeClockCheck } from '../clock-check.ts';
import { makeUpkeep } from './upkeep.ts';

it('tells with the first part what the store warns of', async () => {
  const store = { ...openMemory(), warnings: ['Something was lost.'] };
  const common = { store, clock: systemClock, log: silent };
  const upkeep = makeUpkeep({ ...common, clockCheck: makeClockCheck(common), wake: () => undefined });
  expect((await upkeep.examine(null)).warnings).toEqual(['Something was lost.']);
  expect((await upkeep.examine('1')).warnings).toEqual([]);
});
