import { describe, expect, it } from 'vitest';
import { checkStartBefore, type StartBefore } from './expiry.ts';
import type { NewJob } from './job.ts';

describe('checkStartBefore', () => {
  it.each<[StartBefore, NewJob['start']]>([
    [{ delay: 1 }, null],
    [{ at: 0 }, null],
    [{ delay: 6 }, { delay: 5 }],
    [{ at: 6 }, { at: 5 }],
    // Nobody knows yet when the push comes.
    [{ at: 5 }, { delay: 60_000 }],
    [{ delay: 5 }, { at: 60_000 }],
  ])('takes %j of a job that starts %j', (startBefore, start) => {
    expect(() => checkStartBefore(startBefore, start)).not.toThrow();
  });

  it.each<[StartBefore, NewJob['start']]>([
    [{ delay: 0 }, null],
    [{ delay: 5 }, { delay: 5 }],
    [{ delay: 5 }, { delay: 6 }],
    [{ at: 5 }, { at: 5 }],
    [{ at: 5 }, { at: 6 }],
  ])('refuses %j of a job that starts %j, which nothing could meet', (startBefore, start) => {
    expect(() => checkStartBefore(startBefore, start)).toThrow(/could never start/);
  });
});
