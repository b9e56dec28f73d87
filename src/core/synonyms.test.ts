import { describe, expect, it } from 'vitest';
import { meantBy, synonymIn } from './synonyms.ts';

const ours = ['attempts', 'backoff', 'timeout', 'payload', 'delay', 'at', 'keepEnded', 'idempotencyKey', 'queue'];

describe('what others call it', () => {
  it.each([
    ['retries', 'attempts'],
    ['maxRetries', 'attempts'],
    ['max_attempts', 'attempts'],
    ['ttl', 'timeout'],
    ['timeoutMs', 'timeout'],
    ['data', 'payload'],
    ['runAt', 'at'],
    ['countdown', 'delay'],
    ['retryDelay', 'backoff'],
    ['removeOnComplete', 'keepEnded'],
    ['jobId', 'idempotencyKey'],
    ['zzzzzz', null],
  ])('%s is %s', (word, meant) => {
    expect(meantBy(word, ours)).toBe(meant);
  });

  it('is told only where it is known, and in its spelling', () => {
    expect(meantBy('retries', ['payload', 'timeout'])).toBeNull();
    expect(synonymIn('--max-retries', ['--url', '--attempts'])).toBe('--attempts');
    expect(synonymIn('REMOVE_ON_COMPLETE', ['keep_ended'])).toBe('keep_ended');
  });

  it('gives way to a name that is near', () => {
    expect(meantBy('retries', ['retry', 'attempts'])).toBe('retry');
  });
});
