import { describe, expect, it } from 'vitest';
import { newTrigger } from './new-trigger.ts';
import { httpRetry } from './retry.ts';
import { type TriggerJob, writeTrigger } from './trigger.ts';
import { readTrigger } from './trigger-record.ts';

const job: TriggerJob = {
  ...{ queue: 'default', worker: 'w', name: '', comment: '', priority: 0, payload: '{"a":1}', url: '', headers: { 'X-A': 'b' }, limit: '' },
  options: { timeout: null, retry: httpRetry, onLost: 'retry', rules: 'v1' },
};
const made = { ref: { domain: '', id: 'a' }, now: 1_767_225_600_000, token: 't' };
const asked = [
  { type: '@every', arguments: '5m', jitter: 1_000, endsAt: 1_800_000_000_000 },
  { type: '@cron', arguments: '0 30 2 * * *', timeZone: 'Europe/Berlin', missed: { policy: 'all', most: 5, lateness: 60_000 } },
  { type: '@event', arguments: 'a.b:CREATED', debounce: { wait: 1_000, maxWait: null } },
  { type: '@webhook', secret: 'a secret of some length' },
  { type: '@client' },
] as const;

describe('the body of a trigger', () => {
  it.each(asked)('is what was made: $type', (each) => {
    const trigger = newTrigger({ job, ...each }, made);
    expect(readTrigger(writeTrigger(trigger))).toEqual(trigger);
  });

  const whole = JSON.parse(writeTrigger(newTrigger({ job, ...asked[1] }, made))) as Record<string, unknown>;
  const cases: readonly (readonly [string, unknown])[] = [
    ...Object.keys(whole).flatMap((field): (readonly [string, unknown])[] => [
      [field, { ...whole, [field]: {} }],
      [field, { ...whole, [field]: [-1] }],
      [field, { ...whole, [field]: undefined }],
    ]),
    ...['options', 'worker', 'queue', 'headers', 'payload', 'limit'].map((field): readonly [string, unknown] => [
      `job.${field}`,
      { ...whole, job: { ...job, [field]: 7 } },
    ]),
    ['job.payload', { ...whole, job: { ...job, payload: '{' } }],
    ['hook', { ...whole, hook: { token: 't', secret: null } }],
    ['schedule', { ...whole, schedule: { kind: 'cron', cron: '* * *', timeZone: 'UTC', gap: 'once', fold: 'first' } }],
    ['all of it', null],
    ['all of it', [whole]],
  ];
  // Any object may stand there: what is not named is as usual.
  const takesObjects = ['daylight'];
  it.each(cases.filter(([field, value]) => !takesObjects.includes(field) || typeof value !== 'object'))(
    'is refused when its %s is odd',
    (_, value) => {
      expect(() => readTrigger(JSON.stringify(value))).toThrow();
    },
  );
});
