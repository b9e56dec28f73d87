/** From what somebody asks for to a complete NewJob: limits checked, defaults filled in. */
import { checkAfter } from './after.ts';
import { hasAtMost } from './characters.ts';
import { longestDuration, type Millis } from './duration.ts';
import { HatstandError } from './errors.ts';
import { checkStartBefore } from './expiry.ts';
import type { After, IdempotencyKey, JobOptions, NewJob } from './job.ts';
import { jsonIdentity } from './json.ts';
import { latestTime } from './time.ts';
import { checkUnique } from './unique.ts';

/** The limits of every job: texts in characters, the payload in UTF-8 bytes. */
export const jobLimits = {
  payloadBytes: 4 * 1024 * 1024,
  outputBytes: 1024 * 1024,
  /** How deep objects and arrays of a payload may nest. */
  depth: 64,
  /** As of workers and domains. */
  queue: 128,
  name: 1_024,
  comment: 65_536,
  url: 8_192,
  headers: 64,
  headerBytes: 16_384,
  idempotencyKey: 256,
  priority: 1_000_000,
  owner: 1_024,
  limit: 256,
  about: 65_536,
  /** Characters of the error of an attempt. */
  error: 8_192,
  /** Characters of where it was thrown. */
  stack: 16_384,
  /** Earlier attempts that are kept of one job: the newest. */
  history: 100,
  /** Bytes that are kept of the output of each of them, unless configured otherwise. */
  historyOutput: 16_384,
  attempts: 1_000,
} as const;

type Sized = Pick<NewJob, 'payload' | 'comment' | 'about' | 'headers' | 'options'>;

/** About how many characters it takes on its way to a store. */
export function sizeOfNewJob({ payload, comment, about, headers, options: { after } }: Sized): number {
  const texts = (payload?.length ?? 0) + comment.length + (about?.length ?? 0);
  return plainSize + texts + (headers === null ? 0 : sizeOfHeaders(headers)) + (after === undefined ? 0 : after.jobs.length * idSize);
}

/** What a job takes beside its texts. */
const plainSize = 300;
const idSize = 22;

const sizeOfHeaders = (headers: Readonly<Record<string, string>>): number =>
  Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);

/** Names of queues, workers and domains: they appear in addresses (where dots alone mean another one), logs and keys. */
export const namePattern = /^\.*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** Such a name in words: completes "must be". */
export const nameExpected = `1 to ${jobLimits.queue} letters, digits, dots, dashes or underscores, and not only dots`;
export const isName = (text: string): boolean => text.length <= jobLimits.queue && namePattern.test(text);

export interface JobRequest {
  readonly worker: string;
  readonly queue?: string | undefined;
  readonly domain?: string | undefined;
  readonly name?: string | undefined;
  readonly comment?: string | undefined;
  readonly manual?: boolean | undefined;
  readonly priority?: number | undefined;
  readonly payload?: string | null | undefined;
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | null | undefined;
  readonly start?: NewJob['start'] | undefined;
  readonly options: JobOptions;
  readonly owner?: string | undefined;
  readonly limit?: string | undefined;
  readonly about?: string | null | undefined;
  readonly idempotency?: IdempotencyKey | null | undefined;
}

const invalid = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });

/** Throws `invalid_request` for a name that cannot stand in an address. */
export function checkName(name: string, field: string): string {
  if (isName(name)) return name;
  throw invalid(`${field} must be ${nameExpected}, not ${JSON.stringify(name.slice(0, 160))}.`, field);
}

/** `''` is the domain of those who have none. Throws `invalid_request`. */
export const checkDomain = (domain: string): string => (domain === '' ? '' : checkName(domain, 'domain'));

function checkLength(text: string, max: number, field: string): string {
  if (hasAtMost(text, max)) return text;
  throw invalid(`${field} may have ${max} characters, this one has ${text.length}.`, field);
}

function checkPriority(priority: number): number {
  if (!Number.isInteger(priority) || Math.abs(priority) > jobLimits.priority) {
    throw invalid(`priority must be a whole number from -${jobLimits.priority} to ${jobLimits.priority}, not ${priority}.`, 'priority');
  }
  return priority;
}

function checkMillis(time: Millis, longest: Millis, field: string): void {
  if (time >= 0 && time <= longest) return;
  throw invalid(`${field} must be from 0 to ${longest} milliseconds, not ${time}.`, field);
}

function checkStart(start: NewJob['start']): NewJob['start'] {
  if (start === null) return null;
  if ('at' in start) checkMillis(start.at, latestTime, 'at');
  else checkMillis(start.delay, longestDuration, 'delay');
  return start;
}

function startIn({ start = null, options: { startBefore } }: JobRequest): NewJob['start'] {
  const checked = checkStart(start);
  if (startBefore !== undefined) checkStartBefore(startBefore, checked);
  return checked;
}

/** Under HQ's rules any timeout is taken, as HQ does. */
function checkOptions(options: JobOptions): JobOptions {
  const { timeout, totalTimeout, rules, retry, unique, after } = options;
  if (timeout !== null && rules !== 'hq') checkMillis(timeout, longestDuration, 'timeout');
  if (!Number.isInteger(retry.attempts) || retry.attempts < 1 || retry.attempts > jobLimits.attempts) {
    throw invalid(`attempts must be a whole number from 1 to ${jobLimits.attempts}, not ${retry.attempts}.`, 'attempts');
  }
  if (totalTimeout !== undefined) checkTotal(totalTimeout, retry.attempts);
  checkMillis(retry.backoff, longestDuration, 'backoff');
  checkMillis(retry.maxBackoff, longestDuration, 'maxBackoff');
  if (unique !== undefined) checkUnique(unique);
  if (after !== undefined) checkAfter(after);
  return options;
}

/** When the first attempt began is known as long as the history has it. */
function checkTotal(totalTimeout: Millis, attempts: number): void {
  checkMillis(totalTimeout, longestDuration, 'totalTimeout');
  if (attempts <= jobLimits.history) return;
  throw invalid(
    `attempts may be ${jobLimits.history} with a totalTimeout, not ${attempts}: of more, the history does not tell when the first one began.`,
    'attempts',
  );
}

/** Throws `invalid_request` for a key that is empty or too long. */
export function checkKey(key: string): string {
  if (key === '') throw invalid(`idempotencyKey must have 1 to ${jobLimits.idempotencyKey} characters.`, 'idempotencyKey');
  return checkLength(key, jobLimits.idempotencyKey, 'idempotencyKey');
}

function checkIdempotency(idempotency: IdempotencyKey | null): IdempotencyKey | null {
  if (idempotency !== null) checkKey(idempotency.key);
  return idempotency;
}

/**
 * Throws `too_large` for a payload of more UTF-8 bytes than `limit`.
 *
 * @param what names it in the error, whose details name the `field`
 */
export function checkPayload(payload: string | null, limit: number, what = 'payload', field = what): string | null {
  // No character has more than three bytes for each of its UTF-16 units, so most payloads need not be counted.
  if (payload === null || payload.length * 3 <= limit) return payload;
  const bytes = utf8Length(payload);
  if (bytes <= limit) return payload;
  throw new HatstandError(
    'too_large',
    `${what} may have ${limit} bytes, this one has ${bytes}. Keep large data elsewhere and send its address.`,
    { field, limit },
  );
}

/** How many bytes the text has in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code < 0xdc00 ? 4 : code >= 0xdc00 && code < 0xe000 ? 0 : 3;
  }
  return bytes;
}

/** Throws `invalid_request` or `too_large`. The face that asks has checked URL and headers. */
export function newJob(asked: JobRequest): NewJob {
  return {
    domain: checkDomain(asked.domain ?? ''),
    queue: checkName(asked.queue ?? 'default', 'queue'),
    worker: checkName(asked.worker, 'worker'),
    name: checkLength(asked.name ?? '', jobLimits.name, 'name'),
    comment: checkLength(asked.comment ?? '', jobLimits.comment, 'comment'),
    manual: asked.manual ?? false,
    priority: checkPriority(asked.priority ?? 0),
    payload: checkPayload(asked.payload ?? null, jobLimits.payloadBytes),
    url: checkLength(asked.url ?? '', jobLimits.url, 'url'),
    headers: asked.headers ?? null,
    options: checkOptions(asked.options),
    start: startIn(asked),
    owner: checkLength(asked.owner ?? '', jobLimits.owner, 'owner'),
    limit: checkLength(asked.limit ?? '', jobLimits.limit, 'limit'),
    about: asked.about == null ? null : checkLength(asked.about, jobLimits.about, 'about'),
    idempotency: checkIdempotency(asked.idempotency ?? null),
  };
}

/**
 * All that makes the job, as one text: two pushes with one idempotency key are the same job if their texts are equal. The
 * order of headers and options does not count, nor do blanks and escapes of the payload; none is the same as null.
 */
export function identityOf(job: Omit<NewJob, 'idempotency'>): string {
  const { domain, queue, worker, name, comment, manual, priority, payload, url, headers, options, start, owner, limit, about } = job;
  const content = payload === null || payload === 'null' ? null : jsonIdentity(payload);
  const sorted = headers === null ? null : Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
  // Most jobs have none of the last three; their text stays what it was before there were any.
  const rest = owner === '' && limit === '' && about === null ? [] : [owner, limit, about];
  return JSON.stringify([domain, queue, worker, name, comment, manual, priority, content, url, sorted, inOrder(options), start, ...rest]);
}

/** Each of them is named, so that none is forgotten. */
type Named<T> = { readonly [Name in keyof Required<T>]: unknown };

/** In one order, whichever face they were said to. */
function inOrder({ timeout, totalTimeout, retry, onLost, rules, unique, startBefore, after }: JobOptions): Named<JobOptions> {
  const { attempts, backoff, maxBackoff } = retry;
  const policy: Named<JobOptions['retry']> = { attempts, backoff, maxBackoff };
  const others: Named<After> | undefined = after && { jobs: after.jobs, onFailure: after.onFailure };
  return { timeout, totalTimeout, retry: policy, onLost, rules, unique, startBefore, after: others };
}
