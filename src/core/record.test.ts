import { describe, expect, it } from 'vitest';
import type { Attempt, Job } from './job.ts';
import { jobLimits, newJob } from './new-job.ts';
import { checkAttempt, checkRecord, recordLimits } from './record.ts';
import { noRetry } from './retry.ts';
import { latestTime } from './time.ts';
import { createJob } from './transitions.ts';

const now = Date.UTC(2026, 5, 1);
const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;
const job = createJob(newJob({ worker: 'w', options }), '942130478012362752', now, now);
const { result } = job;
const attempt: Attempt = { run: 1, attempt: 1, fence: '7', holder: 'n', startedAt: now, endedAt: now, end: 'failed', result };

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
/** What came from outside has no types. */
const untyped = (fields: object): Job => ({ ...job, ...fields });

describe('checkRecord', () => {
  it.each([
    ['as much as there may be', { payload: nested(recordLimits.depth), result: { ...result, statusCode: 999, error: 'x'.repeat(9_000) } }],
    ['the last time of all', { createdAt: latestTime, dueAt: latestTime }],
    ['any timeout of HQ', { options: { ...options, rules: 'hq', timeout: 9e18 } }],
    ['headers that HQ takes', { headers: { Host: 'a', 'X-Tab': 'a\tb', 'X-Word': 'é' } }],
    ['an address that cannot be asked', { url: 'nowhere' }],
  ])('takes %s', (_, fields) => {
    expect(() => checkRecord(untyped(fields))).not.toThrow();
  });

  it.each([
    ['state', { state: 'done' }],
    ['payload', { payload: '{"a":1},"b":2' }],
    ['payload', { payload: '' }],
    ['payload', { payload: nested(recordLimits.depth + 1) }],
    ['about', { about: 'x' }],
    ['headers', { headers: { 'a b': 'c' } }],
    ['headers', { headers: { a: 'b\r\nc: d' } }],
    ['headers', { headers: { a: 'x'.repeat(20_000) } }],
    ['headers', { headers: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`h${n}`, ''])) }],
    ['url', { url: 'x'.repeat(9_000) }],
    ['name', { name: 7 }],
    ['manual', { manual: 1 }],
    ['priority', { priority: 1e7 }],
    ['timeout', { options: { ...options, timeout: -1 } }],
    ['timeout', { options: { ...options, rules: 'hq', timeout: Number.POSITIVE_INFINITY } }],
    ['attempts', { options: { ...options, retry: { ...noRetry, attempts: 1e9 } } }],
    ['backoff', { options: { ...options, retry: { ...noRetry, backoff: 1e300 } } }],
    ['onLost', { options: { ...options, onLost: 'x' } }],
    ['rules', { options: { ...options, rules: 'x' } }],
    ['createdAt', { createdAt: 1e300 }],
    ['createdAt', { createdAt: 0.5 }],
    ['dueAt', { dueAt: latestTime + 1 }],
    ['dueAt', { dueAt: Number.NaN }],
    ['startedAt', { startedAt: -1 }],
    ['endedAt', { endedAt: 1e17 }],
    ['run', { run: 0 }],
    ['attempt', { attempt: 2 ** 60 }],
    ['attempt', { attempt: jobLimits.attempts + 1 }],
    ['lost', { lost: 1e300 }],
    ['fence', { fence: '99999999999999999999' }],
    ['holder', { holder: 'x'.repeat(2_000) }],
    ['reason', { reason: 'x'.repeat(300) }],
    ['statusCode', { result: { ...result, statusCode: 2 ** 60 } }],
    ['statusCode', { result: { ...result, statusCode: -1 } }],
    ['output', { result: { ...result, output: 'x'.repeat(recordLimits.outputBytes + 1) } }],
    ['outputCut', { result: { ...result, outputCut: 1 } }],
    ['error', { result: { ...result, error: 'x'.repeat(recordLimits.told + 1) } }],
    ['stack', { result: { ...result, stack: null } }],
    ['cause', { result: { ...result, cause: 'x' } }],
  ])('refuses a wrong %s: %j', (field, fields) => {
    expect(() => checkRecord(untyped(fields))).toThrow(
      expect.objectContaining({ code: 'invalid_request', details: expect.objectContaining({ field }) }),
    );
  });
});

describe('checkAttempt', () => {
  it('takes what a history has', () => {
    expect(() => checkAttempt(attempt)).not.toThrow();
  });

  it.each([
    ['run', { run: 1e10 }],
    ['attempt', { attempt: -1 }],
    ['fence', { fence: 'x' }],
    ['startedAt', { startedAt: 1e300 }],
    ['end', { end: 'running' }],
    ['statusCode', { result: { ...result, statusCode: 2 ** 60 } }],
  ])('refuses a wrong %s: %j', (field, fields) => {
    const wrong: Attempt = { ...attempt, ...(fields as object) };
    expect(() => checkAttempt(wrong)).toThrow(expect.objectContaining({ details: { field } }));
  });
});
