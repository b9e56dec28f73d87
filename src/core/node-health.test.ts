import { expect, it } from 'vitest';
import { overThreshold } from './node-health.ts';

const none = { cpu: null, memory: null };

it('a machine is over its threshold above it, not at it', () => {
  expect(overThreshold({ cpu: 90, memory: 50 }, { cpu: 90, memory: 90 }, false)).toEqual([]);
  expect(overThreshold({ cpu: 91, memory: 50 }, { cpu: 90, memory: 90 }, false)).toEqual(['cpu']);
  expect(overThreshold({ cpu: 250, memory: 99 }, { cpu: 90, memory: 90 }, false)).toEqual(['cpu', 'memory']);
});

it('a critical node recovers only clearly below the threshold', () => {
  expect(overThreshold({ cpu: 86, memory: 0 }, { cpu: 90, memory: 90 }, true)).toEqual(['cpu']);
  expect(overThreshold({ cpu: 85, memory: 0 }, { cpu: 90, memory: 90 }, true)).toEqual([]);
});

it('what has no threshold, or is not told, makes nobody critical', () => {
  expect(overThreshold({ cpu: 900, memory: 100 }, none, true)).toEqual([]);
  expect(overThreshold(none, { cpu: 1, memory: 1 }, true)).toEqual([]);
});
