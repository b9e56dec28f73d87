import { describe, expect, it } from 'vitest';
import { newJob } from './new-job.ts';
import { changedTask, newTask, taskJobOf } from './new-task.ts';
import { functionRetry, noRetry } from './retry.ts';
import { jobOfTask, taskKeyOf } from './task.ts';
import { triggerJobOf } from './trigger-target.ts';

const ref = { domain: '', id: 'tail' };
const made = { ref, now: 1_800_000_000_000 };
const usual = { timeout: 10_000, retry: { ...functionRetry, attempts: 3 }, onLost: 'retry', rules: 'v1' } as const;
const jobFor = (worker: string) => triggerJobOf(newJob({ worker, options: { ...usual, totalTimeout: 60_000, startBefore: { delay: 5 } } }));

describe('a new task', () => {
  it('takes as long as it takes and is tried once, whatever its worker says of jobs', () => {
    const { options } = jobOfTask(taskKeyOf(ref), newTask({ job: jobFor('tail') }, made), 0);
    expect(options).toEqual({ timeout: null, retry: noRetry, onLost: 'always', rules: 'v1' });
  });

  it('is one of a function', () => {
    for (const worker of ['http', 'client'])
      expect(() => taskJobOf(jobFor(worker))).toThrow(expect.objectContaining({ code: 'invalid_request', details: { field: 'worker' } }));
  });

  it('has a bound for its time without the store, or none', () => {
    const plain = newTask({ job: jobFor('tail') }, made);
    expect([plain.maxDetached, changedTask(plain, { stateOptional: true }).maxDetached]).toEqual([null, 3_600_000]);
    expect(() => changedTask(plain, { stateOptional: false, maxDetached: 5 })).toThrow('maxDetached is for tasks that are stateOptional');
  });
});
