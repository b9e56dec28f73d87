import { describe, expect, it } from 'vitest';
import { checkAfter, isAfter, leftOf, mostAwaited, readAfter, waitingReason, withAfter } from './after.ts';

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => String(at + 1));

describe('what a job waits for', () => {
  it('is read with its default, each job once', () => {
    expect(readAfter({ jobs: ['1', '2', '1'] })).toEqual({ jobs: ['1', '2'], onFailure: 'cancel' });
    expect(readAfter({ jobs: ['1'], onFailure: 'start' })).toEqual({ jobs: ['1'], onFailure: 'start' });
  });

  it.each([
    [{ jobs: [], onFailure: 'cancel' }, 'after.jobs must be 1 to 100 ids of jobs, not 0. A batch'],
    [{ jobs: ids(mostAwaited + 1), onFailure: 'cancel' }, 'after.jobs must be 1 to 100 ids of jobs, not 101.'],
    [{ jobs: ['x'], onFailure: 'cancel' }, 'after.jobs must be ids of jobs, not "x".'],
    [{ jobs: ['1'], onFailure: 'stop' }, 'after.onFailure must be cancel or start, not "stop".'],
  ])('is refused in words: %j', (after, message) => {
    expect(() => checkAfter(after)).toThrow(message);
    expect(isAfter(after)).toBe(false);
  });

  it('is told by what is kept, and by nothing else', () => {
    expect(isAfter({ jobs: ids(mostAwaited), onFailure: 'start' })).toBe(true);
    for (const damaged of [null, 'x', {}, { jobs: 'x', onFailure: 'start' }, { jobs: [1], onFailure: 'start' }])
      expect(isAfter(damaged)).toBe(false);
  });

  it('says how many are left as long as the job waits', () => {
    expect(leftOf({ state: 'scheduled', reason: waitingReason(3) })).toBe(3);
    for (const reason of ['', 'after 12', 'after x left', 'limit after 3 left']) expect(leftOf({ state: 'scheduled', reason })).toBeNull();
    expect(leftOf({ state: 'canceled', reason: waitingReason(3) })).toBeNull();
  });

  it('is put among options and taken out of them', () => {
    const options = { timeout: null, retry: { attempts: 1, backoff: 1, maxBackoff: 1 }, onLost: 'retry', rules: 'v1' } as const;
    const after = { jobs: ['1'], onFailure: 'cancel' } as const;
    expect(withAfter(options, undefined)).toBe(options);
    expect(withAfter(options, after)).toEqual({ ...options, after });
    expect(withAfter({ ...options, after }, null)).toEqual(options);
  });
});
