import { describe, expect, it } from 'vitest';
import { changedTrigger, newTrigger, pausedTrigger } from './new-trigger.ts';
import { httpRetry } from './retry.ts';
import type { TriggerJob } from './trigger.ts';

const job: TriggerJob = {
  ...{ queue: 'default', worker: 'w', name: '', comment: '', priority: 0, payload: null, url: '', headers: null, limit: '' },
  options: { timeout: null, retry: httpRetry, onLost: 'retry', rules: 'v1' },
};
const now = Date.UTC(2026, 0, 1);
const ref = { domain: '', id: 'a' };
const made = { ref, now, token: 't' };

describe('the moment from which a trigger counts', () => {
  it.each([{ type: '@every', arguments: '5m' }, { type: '@event', arguments: 'hatstand.jobs:CREATED' }, { type: '@webhook' }] as const)(
    'is that at which it is made: $type',
    (asked) => {
      expect(newTrigger({ job, ...asked }, made)).toMatchObject({ since: now, createdAt: now });
    },
  );

  it('is another one for another schedule, also within a millisecond, and now for other rules', () => {
    const timed = newTrigger({ job, type: '@every', arguments: '5m' }, made);
    expect(changedTrigger(timed, { arguments: '6m' }, { ref, now }).since).toBe(now + 1);
    const event = newTrigger({ job, type: '@event', arguments: 'a:CREATED' }, made);
    expect(changedTrigger(event, { arguments: 'b:CREATED' }, { ref, now }).since).toBe(now);
    expect(changedTrigger(event, { job }, { ref, now: now + 5 }).since).toBe(now);
  });
});

it('what becomes of earlier jobs is asked of triggers that fire by a time or a window alone', () => {
  const event = { job, type: '@event', arguments: 'a:CREATED', overlap: 'skip' } as const;
  expect(() => newTrigger(event, made)).toThrow('overlap of a trigger of the type @event must be "allow", not "skip"');
  const gathering = newTrigger({ ...event, debounce: { wait: 1_000, maxWait: null } }, made);
  expect(gathering.overlap).toBe('skip');
  expect(() => changedTrigger(gathering, { debounce: null }, { ref, now })).toThrow('must be "allow"');
  expect(newTrigger({ job, type: '@every', arguments: '5m', overlap: 'one' }, made).overlap).toBe('one');
});

describe('a moment that is past', () => {
  const timed = { job, type: '@every', arguments: '5m' } as const;
  const isRefused = (field: string) => expect.objectContaining({ code: 'malformed_trigger', details: { field } });

  it('is no end of a trigger, unless it has ended then already', () => {
    expect(() => newTrigger({ ...timed, endsAt: now }, made)).toThrow(isRefused('endsAt'));
    const ending = newTrigger({ ...timed, endsAt: now + 1 }, made);
    const later = { ref, now: now + 2 };
    expect(changedTrigger(ending, { endsAt: now + 1, jitter: 5 }, later)).toMatchObject({ endsAt: now + 1, jitter: 5 });
    expect(() => changedTrigger(ending, { endsAt: now }, later)).toThrow(isRefused('endsAt'));
    expect(changedTrigger(ending, { endsAt: null }, later).endsAt).toBeNull();
  });

  it('is nothing to pause until', () => {
    expect(() => pausedTrigger(newTrigger(timed, made), now, now)).toThrow('until must be in the future, but 2026-01-01T00:00:00');
    expect(pausedTrigger(newTrigger(timed, made), now + 1, now).pausedUntil).toBe(now + 1);
  });
});

it.each(['@webhook', '@client'] as const)('%s takes no arguments', (type) => {
  expect(() => newTrigger({ job, type, arguments: 'x' }, made)).toThrow(`A trigger of the type ${type} takes no arguments`);
});
