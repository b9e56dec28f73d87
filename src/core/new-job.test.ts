import { describe, expect, it } from 'vitest';
import type { HatstandError } from './errors.ts';
import { identityOf, type JobRequest, jobLimits, newJob } from './new-job.ts';
import { noRetry } from './retry.ts';

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
      ...{ headers: null, options, start: null, idempotency: null },
    });
  });

  it('keeps what was asked for', () => {
    const asked = {
      ...{ domain: 'tenant.a', queue: 'q-1', worker: 'w_2', name: 'näme', comment: 'c', manual: true, priority: -9, payload: 'null' },
      ...{ url: 'http://h/', headers: { a: 'b' }, options, start: { delay: 5 }, idempotency: { key: 'k', digest: 'd' } },
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
    { payload: '{"a": 1}' },
    { payload: null },
    { url: 'http://h/' },
    { headers: {} },
    { start: { delay: 1 } },
    { options: { ...options, timeout: 1 } },
    { options: { ...options, onLost: 'fail' } },
  ])('tells another job apart: %j', (otherwise) => {
    expect(identityOf(newJob({ ...least, payload: '{"a":1}', ...otherwise }))).not.toBe(identityOf(job));
  });
});
