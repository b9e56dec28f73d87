import { describe, expect, it } from 'vitest';
import type { HatstandError } from './errors.ts';
import type { After } from './job.ts';
import { identityOf, type JobRequest, jobLimits, newJob } from './new-job.ts';
import { noRetry } from './retry.ts';
import { latestTime } from './time.ts';

const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;
const least: JobRequest = { worker: 'mail', options };
const refusal = (asked: Partial<JobRequest>): Pick<HatstandError, 'code' | 'details'> | null => {
  try {
    newJob({ ...least, ...asked });
    return null;
  } catch (error) {
    const { code, details } = error as HatstandError;
    return { code, details };
  }
};

describe('newJob', () => {
  it('fills in every default', () => {
    expect(newJob(least)).toEqual({
      ...{ domain: '', queue: 'default', worker: 'mail', name: '', comment: '', manual: false, priority: 0, payload: null, url: '' },
      ...{ headers: null, options, start: null, owner: '', limit: '', about: null, idempotency: null },
    });
  });

  it('keeps what was asked for', () => {
    const asked = {
      ...{ domain: 'tenant.a', queue: 'q-1', worker: 'w_2', name: 'näme', comment: 'c', manual: true, priority: -9, payload: 'null' },
      ...{ url: 'http://h/', headers: { a: 'b' }, options, start: { delay: 5 }, idempotency: { key: 'k', digest: 'd' } },
      ...{ owner: 'trigger//a', limit: 'mail', about: '{}' },
    };
    expect(newJob(asked)).toEqual(asked);
  });

  it.each(['worker', 'queue', 'domain'] as const)('refuses a %s that cannot stand in an address', (field) => {
    for (const name of ['a b', 'a/b', 'é', 'x'.repeat(129), 'a\n', '\u0000']) {
      expect(refusal({ [field]: name })).toEqual({ code: 'invalid_request', details: { field } });
    }
    expect(refusal({ [field]: 'x'.repeat(128) })).toBeNull();
  });

  it('refuses an empty worker and an empty queue, not an empty domain', () => {
    expect(refusal({ worker: '' })?.details).toEqual({ field: 'worker' });
    expect(refusal({ queue: '' })?.details).toEqual({ field: 'queue' });
    expect(refusal({ domain: '' })).toBeNull();
  });

  it.each([
    ['name', jobLimits.name],
    ['comment', jobLimits.comment],
    ['url', jobLimits.url],
    ['owner', jobLimits.owner],
    ['limit', jobLimits.limit],
    ['about', jobLimits.about],
  ] as const)('holds %s to its length', (field, limit) => {
    expect(refusal({ [field]: 'x'.repeat(limit) })).toBeNull();
    expect(refusal({ [field]: 'x'.repeat(limit + 1) })).toEqual({ code: 'invalid_request', details: { field } });
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, jobLimits.priority + 1, -jobLimits.priority - 1])(
    'refuses the priority %d',
    (priority) => expect(refusal({ priority })?.details).toEqual({ field: 'priority' }),
  );

  it('takes the extreme priorities', () => {
    expect(refusal({ priority: jobLimits.priority })).toBeNull();
    expect(refusal({ priority: -jobLimits.priority })).toBeNull();
  });

  it.each(['x', 'é', '\u20AC', '\u{1F600}'])('measures the payload in bytes, filled with %s', (char) => {
    const bytes = Buffer.byteLength(char);
    const most = Math.floor(jobLimits.payloadBytes / bytes);
    expect(refusal({ payload: char.repeat(most) })).toBeNull();
    expect(refusal({ payload: char.repeat(most + 1) })?.code).toBe('too_large');
  });
});

describe('identityOf', () => {
  const job = newJob({ ...least, payload: '{"a":1}' });

  it('is the same for the same job', () => {
    expect(identityOf(newJob({ ...least, payload: '{"a":1}' }))).toBe(identityOf(job));
  });

  it('is the same for a payload that another program wrote', () => {
    const of = (payload: string | null): string => identityOf(newJob({ ...least, payload }));
    expect(of('{ "a" : 1 }')).toBe(identityOf(job));
    expect(of('["\\u00fc", 1]')).toBe(of('["ü",1]'));
    expect(of('null')).toBe(of(null));
    expect(of('"null"')).not.toBe(of(null));
  });

  it('is the same for options in another order', () => {
    const retry = { maxBackoff: noRetry.maxBackoff, backoff: noRetry.backoff, attempts: noRetry.attempts };
    const of = (said: JobRequest['options']): string => identityOf(newJob({ ...least, options: said }));
    expect(of({ rules: 'v1', onLost: 'retry', retry, totalTimeout: 5, timeout: null })).toBe(of({ ...options, totalTimeout: 5 }));
    expect(of({ ...options, totalTimeout: 6 })).not.toBe(of({ ...options, totalTimeout: 5 }));
  });

  it('tells apart what a job waits for, however it was written', () => {
    const of = (after: After): string => identityOf(newJob({ ...least, options: { ...options, after } }));
    const first = of({ jobs: ['1'], onFailure: 'cancel' });
    expect(of({ onFailure: 'cancel', jobs: ['1'] })).toBe(first);
    const others = [
      of({ jobs: ['2'], onFailure: 'cancel' }),
      of({ jobs: ['1', '2'], onFailure: 'cancel' }),
      of({ jobs: ['1'], onFailure: 'start' }),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it('does not depend on the key', () => {
    expect(identityOf(newJob({ ...least, payload: '{"a":1}', idempotency: { key: 'k', digest: 'd' } }))).toBe(identityOf(job));
  });

  it.each<Partial<JobRequest>>([
    { domain: 'd' },
    { queue: 'q' },
    { worker: 'v' },
    { name: 'n' },
    { comment: 'c' },
    { manual: true },
    { priority: 1 },
    { payload: '{"a":"1"}' },
    { payload: null },
    { url: 'http://h/' },
    { headers: {} },
    { start: { delay: 1 } },
    { options: { ...options, timeout: 1 } },
    { options: { ...options, onLost: 'fail' } },
    { options: { ...options, after: { jobs: ['1'], onFailure: 'cancel' } } },
  ])('tells another job apart: %j', (otherwise) => {
    expect(identityOf(newJob({ ...least, payload: '{"a":1}', ...otherwise }))).not.toBe(identityOf(job));
  });
});

describe('times, attempts and keys', () => {
  const tenYears = 3_653 * 86_400_000;
  const senseless = [Number.NaN, Number.POSITIVE_INFINITY, -1];
  const withRetry = (retry: object) => refusal({ options: { ...options, retry: { ...noRetry, ...retry } } });
  const fieldOf = (refused: ReturnType<typeof refusal>) => [refused?.code, refused?.details['field']];

  it('refuses times that are none, negative or longer than ten years', () => {
    for (const time of [...senseless, tenYears + 1]) {
      expect(fieldOf(refusal({ start: { delay: time } }))).toEqual(['invalid_request', 'delay']);
      expect(fieldOf(refusal({ options: { ...options, timeout: time } }))).toEqual(['invalid_request', 'timeout']);
      expect(fieldOf(withRetry({ backoff: time }))).toEqual(['invalid_request', 'backoff']);
      expect(fieldOf(withRetry({ maxBackoff: time }))).toEqual(['invalid_request', 'maxBackoff']);
    }
    expect(refusal({ start: { delay: tenYears } })).toBeNull();
  });

  it('refuses a start at no time, and after the year 9999', () => {
    for (const at of [...senseless, latestTime + 1]) expect(fieldOf(refusal({ start: { at } }))).toEqual(['invalid_request', 'at']);
  });

  it('leaves the length of a timeout to HQ where its rules hold', () => {
    expect(refusal({ options: { ...options, rules: 'hq', timeout: tenYears + 1 } })).toBeNull();
  });

  it('refuses a number of attempts that is not from 1 to the limit', () => {
    for (const attempts of [0, 1.5, Number.NaN, jobLimits.attempts + 1]) {
      expect(fieldOf(withRetry({ attempts }))).toEqual(['invalid_request', 'attempts']);
    }
    expect(withRetry({ attempts: jobLimits.attempts })).toBeNull();
  });

  it('refuses an idempotency key that is empty or too long', () => {
    for (const key of ['', 'k'.repeat(jobLimits.idempotencyKey + 1)]) {
      expect(fieldOf(refusal({ idempotency: { key, digest: 'd' } }))).toEqual(['invalid_request', 'idempotencyKey']);
    }
  });
});
