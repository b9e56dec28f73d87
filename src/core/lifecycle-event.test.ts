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
  expect(stateAfter(move, { state: known, startedAt: 5, endedAt: null }, 10)).toBe(state);
});

it.each([
  ['that waited', { state: 'canceled', startedAt: null, endedAt: 10 }, 'canceled'],
  ['that ran, and was canceled', { state: 'canceled', startedAt: 5, endedAt: 12 }, 'stopping'],
  ['that ran, and succeeded all the same', { state: 'succeeded', startedAt: 5, endedAt: 12 }, 'stopping'],
  ['that failed at once', { state: 'failed', startedAt: 10, endedAt: 10 }, 'stopping'],
  ['that was restarted', { state: 'queued', startedAt: null, endedAt: null }, 'canceled'],
  ['that was restarted, and succeeded', { state: 'succeeded', startedAt: 30, endedAt: 40 }, 'canceled'],
] as const)('a cancel of a job %s: %j', (_, record, state) => {
  expect(stateAfter('cancel', record, 10)).toBe(state);
});

it('tells what was decided about a definition, also that it was put off', () => {
  const fired = [{ owner: 'trigger/acme/nightly', tick: 5, overlap: false, putOff: true, note: 'put off since a limit is reached' }];
  const facts = { tick: 5, overlap: false, putOff: true, note: 'put off since a limit is reached' };
  const event = { type: 'hatstand.triggers', verb: 'UPDATED', id: 'nightly', domain: 'acme', move: 'fire', facts };
  expect(lifecycleEvents({ moved: [], defined: [], fired })).toEqual([event]);
});
