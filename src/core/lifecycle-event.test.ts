import { expect, it } from 'vitest';
import { stateAfter } from './lifecycle-event.ts';

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
