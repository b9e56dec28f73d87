import { describe, expect, it } from 'vitest';
import { type Attempt, noResult } from '../../../core/job.ts';
import { anyServed } from '../../../core/serving.ts';
import { createJob } from '../../../core/transitions.ts';
import { readFence } from './cursor.ts';
import { attemptsJson, jobJson, jobWithHistoryJson } from './job-json.ts';

const job = createJob(
  {
    domain: '',
    queue: 'default',
    worker: 'http',
    name: '',
    comment: '',
    manual: false,
    priority: 0,
    payload: '{ "n": 1.0 }',
    url: 'http://127.0.0.1:9/',
    headers: null,
    options: { timeout: null, retry: { attempts: 1, backoff: 1_000, maxBackoff: 90_000 }, onLost: 'retry', rules: 'v1' },
    start: null,
    owner: '',
    limit: '',
    about: null,
    idempotency: null,
  },
  '7',
  1_700_000_000_000,
  1_700_000_000_000,
);

const attempt = (n: number, output: string): Attempt => ({
  run: 1,
  attempt: n,
  fence: String(n),
  holder: 'node',
  startedAt: 0,
  endedAt: 1,
  end: 'failed',
  result: { ...noResult, output },
});

describe('jobJson', () => {
  it('is JSON with the payload as the text it was', () => {
    const text = jobJson(job, anyServed);
    expect(text).toContain('"payload":{ "n": 1.0 }');
    expect(JSON.parse(text)).toMatchObject({
      id: '7',
      timeout: null,
      retry: { maxBackoff: '1m30s' },
      createdAt: '2023-11-14T22:13:20.000Z',
    });
  });
});

describe('jobWithHistoryJson', () => {
  it('tells the attempts of its page and where the next one begins', () => {
    const attempts = [attempt(3, 'third'), attempt(2, '')];
    const page = JSON.parse(jobWithHistoryJson(job, { attempts, more: true }, null, anyServed)) as {
      history: unknown;
      historyNext: string;
    };
    expect(page.history).toMatchObject([{ fence: '3', output: 'third' }, { fence: '2' }]);
    expect(readFence(page.historyNext)).toBe('2');
    expect(JSON.parse(attemptsJson({ attempts, more: true }))).toEqual({ attempts: page.history, next: page.historyNext });
    expect(JSON.parse(jobWithHistoryJson(job, { attempts: [], more: false }, null, anyServed))).toMatchObject({
      history: [],
      historyNext: null,
    });
  });
});
