import { describe, expect, it } from 'vitest';
import { newJob } from './new-job.ts';
import { changedTask, newTask } from './new-task.ts';
import { functionRetry } from './retry.ts';
import { triggerJobOf } from './trigger-target.ts';

const ref = { domain: '', id: 'tail' };
const made = { ref, now: 1_800_000_000_000 };
const options = { timeout: 10_000, retry: functionRetry, onLost: 'retry', rules: 'v1' } as const;
const jobFor = (worker: string) => triggerJobOf(newJob({ worker, options }));

describe('a new task', () => {
  it('runs as it is said, else as its worker says, else as usual', () => {
    const usual = { pause: 5, restart: { backoff: 7, crashes: 3 }, maxDetached: 60_000 };
    const said = { restart: { crashes: 4 }, stalledAfter: 2_000 };
    expect(newTask({ job: jobFor('tail'), usual, ...said }, made)).toMatchObject({
      ...{ pause: 5, stalledAfter: 2_000, maxDetached: 60_000, cleanEnd: false },
      restart: { on: 'failure', backoff: 7, maxBackoff: 60_000, crashes: 4 },
    });
  });

  it('has no further passes when it is said to be restarted after crashes alone', () => {
    const usual = { restart: { on: 'always' as const } };
    expect(newTask({ job: jobFor('tail'), usual }, made).pause).toBe(1_000);
    expect(newTask({ job: jobFor('tail'), usual, restart: { on: 'failure' } }, made).pause).toBe(null);
  });

  it('loses the pause of one that is always started again when it is so no more', () => {
    const always = newTask({ job: jobFor('tail'), restart: { on: 'always' } }, made);
    expect(changedTask(always, { restart: { on: 'failure' } }).pause).toBeNull();
    expect(changedTask(always, { restart: { on: 'failure' }, pause: 7 }).pause).toBe(7);
    expect(changedTask(always, { restart: { backoff: 5 } }).pause).toBe(1_000);
  });

  it.each([
    [{ maxDetached: 5 }, {}, 5],
    [{ maxDetached: 5 }, { stateOptional: false }, null],
    [{ stateOptional: false }, { maxDetached: 7 }, 7],
    [{ stateOptional: false }, { stateOptional: true }, 3_600_000],
    [{ maxDetached: 5 }, { stateOptional: true }, 5],
  ])('does without the store as %j and %j say', (usual, said, maxDetached) => {
    expect(newTask({ job: jobFor('tail'), usual, ...said }, made).maxDetached).toBe(maxDetached);
  });

  it('is one of a function', () => {
    for (const worker of ['http', 'client'])
      expect(() => newTask({ job: jobFor(worker) }, made)).toThrow(
        expect.objectContaining({ code: 'invalid_request', details: { field: 'worker' } }),
      );
  });

  it('has a bound for its time without the store, or none', () => {
    const plain = newTask({ job: jobFor('tail') }, made);
    expect([plain.maxDetached, changedTask(plain, { stateOptional: true }).maxDetached]).toEqual([null, 3_600_000]);
    expect(() => changedTask(plain, { stateOptional: false, maxDetached: 5 })).toThrow('maxDetached is for tasks that are stateOptional');
  });
});
