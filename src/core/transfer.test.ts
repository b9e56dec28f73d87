import { describe, expect, it } from 'vitest';
import type { Definition } from './definition.ts';
import type { Job } from './job.ts';
import { parkedReason } from './limit.ts';
import { jobLimits, newJob } from './new-job.ts';
import { noEnds } from './owned.ts';
import { noRetry } from './retry.ts';
import { arrived, checkCopy, checkDefinitionCopy, type JobCopy } from './transfer.ts';
import { createJob } from './transitions.ts';

const now = Date.UTC(2026, 5, 1);
const id = (BigInt(now - 1_546_300_800_000) << 22n).toString();
const fence = String(now * 1_000);
const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;
const queued = createJob(newJob({ worker: 'w', options }), id, now, now);
const running: Job = { ...queued, state: 'running', attempt: 1, fence, holder: 'n', startedAt: now };
const longest = 'k'.repeat(jobLimits.limit);
const copy = (job: Job, attempts: JobCopy['attempts'] = []): JobCopy => ({ job, attempts });

describe('arrived', () => {
  it('leaves alone what waits or has ended', () => {
    for (const job of [queued, { ...running, state: 'failed', endedAt: now } as const]) expect(arrived(copy(job), now)).toEqual(copy(job));
  });

  it('leaves it to the store whether a job waits for others', () => {
    expect(arrived(copy({ ...queued, reason: parkedReason('worker:w') }), now)).toEqual(copy(queued));
  });

  it('hands back what runs, without counting the attempt', () => {
    const { job, attempts } = arrived(copy(running), now + 5);
    expect(job).toEqual({ ...queued, fence });
    expect(attempts).toMatchObject([{ fence, end: 'returned', startedAt: now, endedAt: now + 5 }]);
    expect(() => checkCopy({ job, attempts }, now)).not.toThrow();
  });

  it('ends what is being stopped', () => {
    const { job, attempts } = arrived(copy({ ...running, state: 'stopping' }), now + 5);
    expect(job).toMatchObject({ state: 'canceled', reason: 'stopped', endedAt: now + 5 });
    expect(attempts).toEqual([]);
  });
});

describe('checkCopy', () => {
  const attempt = { run: 1, attempt: 1, fence, holder: 'n', startedAt: now, endedAt: now, end: 'failed', result: queued.result } as const;

  it.each([
    ['a job that waits', copy(queued)],
    ['a job that runs', copy(running)],
    ['a job that waits parked for its worker', copy({ ...queued, reason: parkedReason('worker:w') })],
    ['a job that waits parked for the longest key', copy({ ...queued, limit: longest, reason: parkedReason(longest) })],
    ['a job with a history', copy({ ...queued, fence }, [attempt])],
    ['a job of a clock that runs ahead a little', copy({ ...queued, id: (BigInt(id) + (3_600_000n << 22n)).toString() })],
  ])('takes %s', (_, sound) => {
    expect(() => checkCopy(sound, now)).not.toThrow();
  });

  it.each([
    ['an id of the far future', copy({ ...queued, id: '9223372036854775807' }), 'id'],
    ['an id that is none', copy({ ...queued, id: '99999999999999999999' }), 'id'],
    ['an id with leading zeros', copy({ ...queued, id: '007' }), 'id'],
    ['a fence with leading zeros', copy({ ...queued, fence: '007' }), 'fence'],
    ['a fence of the far future', copy({ ...queued, fence: '9223372036854775807' }), 'fence'],
    ['an attempt with a greater fence than its job', copy(queued, [attempt]), 'fence'],
    ['attempts that are not in order', copy({ ...queued, fence }, [attempt, { ...attempt, fence: '1' }]), 'fence'],
    ['an end that has no time', copy({ ...running, state: 'failed' }), 'state'],
    ['a time that has no end', copy({ ...queued, endedAt: now }), 'state'],
    ['a waiting job with a holder', copy({ ...queued, holder: 'n' }), 'state'],
    ['a running job without one', copy({ ...running, holder: '' }), 'state'],
    ['a waiting job with a reason', copy({ ...queued, reason: 'stopped' }), 'reason'],
    ['a job that waits parked for a key that is not its own', copy({ ...queued, reason: parkedReason('k') }), 'reason'],
    ['a scheduled job that waits parked', copy({ ...queued, state: 'scheduled', reason: parkedReason('worker:w') }), 'reason'],
    ['a running job of no attempt', copy({ ...running, attempt: 0 }), 'attempt'],
    ['a waiting job of less than none', copy({ ...queued, attempt: -1 }), 'attempt'],
    ['a queue that is no name', copy({ ...queued, queue: 'a b' }), 'queue'],
    ['a priority that is none', copy({ ...queued, priority: 0.5 }), 'priority'],
  ])('refuses %s', (_, wrong, field) => {
    expect(() => checkCopy(wrong, now)).toThrow(expect.objectContaining({ code: 'invalid_request', details: { field } }));
  });
});

describe('checkDefinitionCopy', () => {
  const fact = { id, at: now, end: 'succeeded', error: '' } as const;
  const definition: Definition = {
    ...{ kind: 'script', domain: '', key: 'a', version: 1, group: '', body: '{}', state: '', due: null, dueOnEnd: false },
    ...{ firedAt: now, changedAt: now, window: { openedAt: now, closesAt: now, count: 0, dropped: 0 } },
    owned: { newest: fact, succeeded: fact, failed: null, manual: { ...fact, end: null }, live: 0, ended: null, gone: noEnds },
  };

  it('takes what a store can have made', () => {
    for (const closesAt of [now, null]) {
      const window = { openedAt: now, closesAt, count: 1, dropped: 0 };
      expect(() => checkDefinitionCopy({ definition: { ...definition, window }, parts: ['1'] }, now)).not.toThrow();
    }
  });

  it.each([
    ['a removed one', { body: null }, 'body'],
    ['a body that is no JSON', { body: '{' }, 'body'],
    ['a task that is none', { kind: 'task' as const }, 'body'],
    ['a control message that is none', { kind: 'mail' as const, key: 'a/b' }, 'body'],
    ['a control message for no task', { kind: 'mail' as const, key: ' /b', body: '{"name":"a","data":null}' }, 'key'],
    ['a checkpoint of no task', { kind: 'checkpoint' as const, key: ' ' }, 'key'],
    ['a tick of the far future', { firedAt: now + 100 * 86_400_000 }, 'firedAt'],
    ['a window that closes before it opens', { window: { openedAt: now, closesAt: now - 1, count: 0, dropped: 0 } }, 'closesAt'],
    ['a window without its parts', { window: { openedAt: now, closesAt: now, count: 1, dropped: 0 } }, 'parts'],
    ['a job of the far future', { owned: { ...definition.owned, newest: { ...fact, id: '9223372036854775807' } } }, 'newest'],
    ['a job of no plain id', { owned: { ...definition.owned, manual: { ...fact, id: '007' } } }, 'manual'],
    ['a failure that is none', { owned: { ...definition.owned, failed: fact } }, 'failed'],
  ])('refuses %s', (_, otherwise, field) => {
    const wrong = { definition: { ...definition, ...otherwise }, parts: [] };
    expect(() => checkDefinitionCopy(wrong, now)).toThrow(expect.objectContaining({ code: 'invalid_request', details: { field } }));
  });

  it('refuses a part that is no JSON', () => {
    const window = { openedAt: now, closesAt: now, count: 1, dropped: 0 };
    const wrong = { definition: { ...definition, window }, parts: ['{'] };
    expect(() => checkDefinitionCopy(wrong, now)).toThrow(expect.objectContaining({ details: { field: 'parts' } }));
  });
});
