import { describe, expect, it } from 'vitest';
import { matchesFilter, parseFilter } from './filter.ts';
import { type Job, noResult } from './job.ts';
import { noRetry } from './retry.ts';
import { createJob } from './transitions.ts';

const now = Date.UTC(2026, 5, 15, 12);
const hour = 3_600_000;
const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;
const base: Job = createJob(
  {
    ...{ domain: '', queue: 'mail', worker: 'http', name: 'send 1', comment: '', manual: false, priority: 0, payload: null },
    ...{ url: 'http://host/a', headers: null, options, start: null, owner: '', limit: '', about: null, idempotency: null },
  },
  '1234567890123',
  now - 3 * hour,
  now - 3 * hour,
);
const failed: Job = { ...base, state: 'failed', startedAt: now - 2 * hour, endedAt: now - hour, result: { ...noResult, cause: 'timeout' } };

const fault = (text: string): unknown => {
  try {
    return parseFilter(text, now);
  } catch (error) {
    return error;
  }
};

describe('a filter', () => {
  it.each<[string, boolean]>([
    ['', true],
    ['   ', true],
    ['state:failed', true],
    ['state:queued,failed', true],
    ['state:queued', false],
    ['-state:queued', true],
    ['-state:failed', false],
    ['cause:timeout', true],
    ['cause:refused,timeout', true],
    ['cause:refused', false],
    ['-cause:refused', true],
    ['-cause:timeout', false],
    ['cause:timeout state:failed', true],
    ['state:failed queue:mail', true],
    ['state:failed queue:other', false],
    ['queue:ma*', true],
    ['queue:ma', false],
    ['queue:*', true],
    ['queue:x,ma*', true],
    ['worker:http', true],
    ['worker:HTTP', false],
    ['domain:*', true],
    ['name:"send 1"', true],
    ['name:"send *"', true],
    ['name:send', false],
    ['url:http://host/*', true],
    ['id:1234567890123', true],
    ['id:9,1234567890123', true],
    ['id:9', false],
    ['1234567890123', true],
    ['send', true],
    ['send*', true],
    ['"send 1"', true],
    ['end', false],
    ['-send', false],
    ['-other', true],
    ['created:>2h', true],
    ['created:<2h', false],
    ['created:<4h', true],
    ['-created:<2h', true],
    ['ended:<90m', true],
    ['ended:>90m', false],
    ['started:>2026-06-15T09:00:00Z', true],
    ['started:<2026-06-15', false],
    ['created:>2026-06-15', true],
  ])('%j: %s', (text, matches) => expect(matchesFilter(failed, parseFilter(text, now))).toBe(matches));

  it('does not meet a time that has not been', () => {
    expect(matchesFilter(base, parseFilter('ended:<100d', now))).toBe(false);
    expect(matchesFilter(base, parseFilter('ended:>1s', now))).toBe(false);
    expect(matchesFilter(base, parseFilter('-ended:<100d', now))).toBe(true);
  });

  it('takes a time without a zone as UTC', () => {
    const noon = Date.UTC(2026, 0, 31, 12);
    for (const text of ['2026-01-31T12:00', '2026-01-31t12:00:00', '2026-01-31T12:00:00.000Z', '2026-01-31T14:00+02:00']) {
      expect(parseFilter(`due:<${text}`, now)).toEqual([{ field: 'due', not: false, range: { from: null, to: noon } }]);
    }
    expect(parseFilter('due:>2026-01-31', now)).toEqual([{ field: 'due', not: false, range: { from: Date.UTC(2026, 0, 31), to: null } }]);
  });

  it('does not meet a cause where nothing has failed', () => {
    expect(matchesFilter(base, parseFilter('cause:timeout', now))).toBe(false);
    expect(matchesFilter(base, parseFilter('-cause:timeout', now))).toBe(true);
  });

  it('takes the beginning of a range in and leaves its end out', () => {
    const range = (from: number, to: number) => [{ field: 'created', not: false, range: { from, to } }] as const;
    expect(matchesFilter(base, range(base.createdAt, base.createdAt + 1))).toBe(true);
    expect(matchesFilter(base, range(base.createdAt - 1, base.createdAt))).toBe(false);
  });

  it('takes a short number for the beginning of a name', () => {
    expect(parseFilter('123', now)).toEqual([{ field: 'name', not: false, any: [{ text: '123', prefix: true }] }]);
  });

  it.each<[string, number]>([
    ['state:', 0],
    ['queue:mail state:done', 11],
    ['queue:mail cause:', 11],
    ['cause:tim*', 0],
    ['state:failed cause:timeout,broken', 13],
    ['colour:red', 0],
    ['id:abc', 0],
    ['id:99999999999999999999', 0],
    ['created:2h', 0],
    ['created:>soon', 0],
    ['created:>2026-13-45', 0],
    ['created:<tomorrow', 0],
    ['state:failed OR state:queued', 13],
    ['state:failed AND queue:a', 13],
    ['NOT queue:a', 0],
    ['queue:a name:"b', 8],
    ['created:>2026-02-30', 0],
    ['created:<2026-01-31T24:00Z', 0],
    ['due:<"2026-01-31 12:00"', 0],
    ['due:<10000-01-01', 0],
    ['a  ended:<', 3],
    ['queue=mail', 0],
    ['a -state=failed', 2],
    ['-', 0],
    ['""', 0],
  ])('refuses %j and tells where', (text, position) => {
    expect(fault(text)).toMatchObject({ code: 'invalid_filter', details: { position } });
  });

  it('is bounded', () => {
    expect(fault('x'.repeat(1_025))).toMatchObject({ code: 'invalid_filter' });
    expect(fault('a '.repeat(33))).toMatchObject({ code: 'invalid_filter' });
    expect(parseFilter('a '.repeat(32), now)).toHaveLength(32);
  });

  it('names what there is', () => {
    expect(String(fault('colour:red'))).toContain('worker');
    expect(String(fault('state:done'))).toContain('succeeded');
    expect(String(fault('state:failled'))).toContain('"failled"; did you mean failed? There are: scheduled');
    expect(String(fault('cause:timeot'))).toContain('"timeot"; did you mean timeout? There are: refused');
    expect(String(fault('cause:'))).toContain('cause:timeout');
    expect(String(fault('queu:mail'))).toContain('"queu"; did you mean queue? There are: state');
  });
});
