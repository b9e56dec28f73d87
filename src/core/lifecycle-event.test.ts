import { expect, it } from 'vitest';
import { lifecycleEvents, stateAfter } from './lifecycle-event.ts';

it.each([
  ['push', 'succeeded', 'queued'],
  ['push', 'scheduled', 'scheduled'],
  ['claim', 'succeeded', 'running'],
  ['succeed', 'succeeded', 'succeeded'],
  ['retry', 'running', 'scheduled'],
  ['cancel', 'stopping', 'stopping'],
  ['lose', 'failed', 'failed'],
  ['put', 'queued', 'queued'],
] as const)('%s of a job that is %s by now brought it to %s', (move, known, state) => {
  expect(stateAfter(move, known)).toBe(state);
});

it('tells what was decided about a definition, also that it was put off', () => {
  const fired = [{ owner: 'trigger/acme/nightly', tick: 5, overlap: false, putOff: true, note: 'put off since a limit is reached' }];
  const facts = { tick: 5, overlap: false, putOff: true, note: 'put off since a limit is reached' };
  const event = { type: 'hatstand.triggers', verb: 'UPDATED', id: 'nightly', domain: 'acme', move: 'fire', facts };
  expect(lifecycleEvents({ moved: [], defined: [], fired })).toEqual([event]);
});
