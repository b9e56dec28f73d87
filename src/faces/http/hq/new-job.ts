/** POST /job: from HQ's fields to a job that follows HQ's rules. */
import { isHeaderName, isHeaderValue } from '../../../core/headers.ts';
import type { NewJob } from '../../../core/job.ts';
import { checkPayload, jobLimits, newJob } from '../../../core/new-job.ts';
import { noRetry } from '../../../core/retry.ts';
import { keyedJob } from '../keyed-job.ts';
import type { Fields } from './fields.ts';
import { badRequest, refused } from './refusal.ts';

/** The worker that runs HTTP jobs; HQ's API shows no others. */
export const httpWorker = 'http';

/**
 * The URL is taken as it is: one that cannot be requested fails when it is tried.
 *
 * @param key of the Idempotency-Key header
 */
export function newHqJob(fields: Fields, payloadBytes: number, key: string | undefined): NewJob {
  const timeout = fields.whole('timeout');
  const asked = {
    worker: httpWorker,
    name: fields.text('name') || 'default',
    comment: fields.text('comment'),
    url: fields.text('url'),
    payload: checkPayload(fields.json('payload'), payloadBytes),
    headers: checkHeaders(fields.texts('headers')),
    options: { timeout: timeout > 0 ? timeout * 1_000 : null, retry: noRetry, onLost: 'retry', rules: 'hq' },
  } as const;
  if (asked.url === '') throw refused("'url' is required");
  const job = newJob(asked);
  return key === undefined ? job : keyedJob(job, checkKey(key));
}

function checkKey(key: string): string {
  if (key.length >= 1 && key.length <= jobLimits.idempotencyKey) return key;
  throw badRequest(`Idempotency-Key must have 1 to ${jobLimits.idempotencyKey} characters, not ${key.length}`);
}

function checkHeaders(headers: NewJob['headers']): NewJob['headers'] {
  if (headers === null) return null;
  const all = Object.entries(headers);
  for (const [name, value] of all) {
    if (!isHeaderName(name)) throw badRequest(`headers: ${JSON.stringify(name.slice(0, 100))} is not a header name`);
    if (!isHeaderValue(value)) throw badRequest(`headers: the value of ${name} must not have line breaks or control characters`);
  }
  const size = all.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (all.length > jobLimits.headers || size > jobLimits.headerBytes) {
    throw badRequest(`headers: at most ${jobLimits.headers} with ${jobLimits.headerBytes} characters, not ${all.length} with ${size}`);
  }
  return headers;
}
