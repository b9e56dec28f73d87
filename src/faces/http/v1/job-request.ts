/** From the fields of a push, or of a restart that changes some, to a complete NewJob. */
import { alsoAbout } from '../../../core/about.ts';
import { readAfter, withAfter } from '../../../core/after.ts';
import { type Millis, parseDuration } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { readStartBefore, withStartBefore } from '../../../core/expiry.ts';
import type { Job, JobOptions, NewJob } from '../../../core/job.ts';
import type { Span } from '../../../core/json.ts';
import { checkPayload, newJob } from '../../../core/new-job.ts';
import type { TaskChange } from '../../../core/new-task.ts';
import { functionRetry, httpRetry, noRetry, type RetryPolicy, retryOf } from '../../../core/retry.ts';
import { shownUrl, withHidden } from '../../../core/secret.ts';
import { parseTime } from '../../../core/time.ts';
import type { TriggerJob } from '../../../core/trigger.ts';
import { triggerJobOf } from '../../../core/trigger-target.ts';
import { readUnique, withUnique } from '../../../core/unique.ts';
import { keyedJob } from '../keyed-job.ts';
import { quoted, refuseRepeated, refuseRepeatedIn } from './body.ts';
import { checkCharacters, checkHeaders, checkUrl } from './http-job.ts';
import { oneKey } from './idempotency.ts';
import type { JsonText } from './json-text.ts';
import type { Push, Restart } from './schemas.ts';

/** The values of fields that are not given: the defaults of this kind of work, or the values of the job that is copied. */
type Defaults = Pick<
  NewJob,
  'queue' | 'domain' | 'name' | 'comment' | 'manual' | 'priority' | 'url' | 'headers' | 'options' | 'payload' | 'owner' | 'limit' | 'about'
>;

const httpWorker = 'http';
const plainJob: Omit<Defaults, 'options'> = {
  queue: 'default',
  domain: '',
  name: '',
  comment: '',
  manual: false,
  priority: 0,
  url: '',
  headers: null,
  payload: null,
  owner: '',
  limit: '',
  about: null,
};
const v1Job: Defaults = { ...plainJob, options: { timeout: 30_000, retry: httpRetry, onLost: 'retry', rules: 'v1' } };
const hqJob: Defaults = { ...plainJob, name: 'default', options: { timeout: null, retry: noRetry, onLost: 'retry', rules: 'hq' } };
const functionJob: Defaults = { ...plainJob, options: { timeout: 10_000, retry: functionRetry, onLost: 'retry', rules: 'v1' } };

export interface PushLimits {
  /** The largest payload, in UTF-8 bytes. */
  readonly payloadBytes: number;
  /** What the jobs of a function that this process serves get, where a push does not say it. */
  readonly usualOf?: (worker: string) => JobOptions | undefined;
  /** The same of a task. */
  readonly usualTaskOf?: (worker: string) => TaskChange | undefined;
  /** The job as its worker takes it, if this process knows the worker. */
  readonly admit?: (job: NewJob, what?: 'all' | 'worker') => Promise<NewJob>;
}

/**
 * The job that a push asks for.
 *
 * @param json what `asked` is the value of, for the payload's exact text
 * @param key of the `Idempotency-Key` header
 * Throws `invalid_request` or `too_large`.
 */
export function pushedJob(asked: Push, json: JsonText | null, key: string | null, limits: PushLimits): NewJob {
  const payload = payloadText(asked, json, limits);
  const worker = asked.worker ?? httpWorker;
  const fields = merged(asked, worker, payload, defaultsFor(worker, asked, limits));
  const options = asked.after == null ? fields.options : withAfter(fields.options, readAfter(asked.after));
  const plain = newJob({ ...fields, options, start: startOf(asked) });
  const about = {
    ...(asked.forwardLogs === true ? { forwardLogs: true as const } : {}),
    ...(asked.hooked === true ? { hooked: true as const } : {}),
  };
  const job = Object.keys(about).length === 0 ? plain : alsoAbout(plain, about);
  const idempotencyKey = oneKey(asked.idempotencyKey, key);
  return idempotencyKey === null ? job : keyedJob(job, idempotencyKey);
}

function defaultsFor(worker: string, { rules }: Pick<Push, 'rules'>, limits: PushLimits): Defaults {
  if (worker !== httpWorker) return functionDefaults(worker, limits);
  return rules === 'hq' ? hqJob : v1Job;
}

function functionDefaults(worker: string, { usualOf }: PushLimits): Defaults {
  const options = usualOf?.(worker);
  return options === undefined ? functionJob : { ...functionJob, options };
}

/** What copies are not asked for. */
type OnlyPushed = 'unique' | 'startBefore' | 'totalTimeout';

/** The copy of a job that a restart asks for: whatever it does not name stays as it is. */
export function copiedJob(original: Job, asked: Restart, json: JsonText | null, limits: PushLimits): Omit<NewJob, 'start' | 'idempotency'> {
  return changedJob(original, asked, payloadText(asked, json, limits));
}

function changedJob(
  original: Defaults & Pick<NewJob, 'worker'>,
  asked: Restart & Pick<Push, OnlyPushed>,
  payload: string | null,
): Omit<NewJob, 'start' | 'idempotency'> {
  const worker = asked.worker ?? original.worker;
  const keepsTarget = (worker === httpWorker) === (original.worker === httpWorker);
  const defaults = keepsTarget ? original : { ...original, url: '', headers: null };
  const { start: _start, idempotency: _idempotency, ...job } = newJob(merged(asked, worker, payload, defaults));
  return job;
}

/**
 * What each job of a trigger is. Throws `invalid_request` or `too_large`, and `conflict` for what does not go with the worker that it has.
 *
 * @param message JSON text; `null`: as it is, or none
 * @param original what it was so far
 */
export function triggerJob(
  asked: Restart & Pick<Push, OnlyPushed>,
  message: string | null,
  original: TriggerJob | null,
  limits: PushLimits,
): TriggerJob {
  const payload = checkPayload(message, limits.payloadBytes, 'message');
  const worker = asked.worker ?? httpWorker;
  if (asked.totalTimeout != null && (asked.worker ?? original?.worker ?? httpWorker) === httpWorker) throw noTotalTimeout();
  // What is right for another trigger is no fault of the request.
  if (original !== null && asked.worker === undefined && original.worker !== httpWorker)
    refuseHttpFields(asked, original.worker, 'conflict');
  const job =
    original === null
      ? newJob(merged(asked, worker, payload, defaultsFor(worker, asked, limits)))
      : changedJob({ ...plainJob, ...original }, asked, payload);
  return triggerJobOf(job);
}

function merged(
  asked: Restart & Pick<Push, OnlyPushed>,
  worker: string,
  payload: string | null,
  defaults: Defaults,
): Omit<NewJob, 'start' | 'idempotency'> {
  if (worker !== httpWorker) refuseHttpFields(asked, worker);
  checkCharacters(asked.name ?? '', 'name');
  checkCharacters(asked.comment ?? '', 'comment');
  return {
    worker,
    queue: asked.queue ?? defaults.queue,
    domain: asked.domain ?? defaults.domain,
    name: asked.name ?? defaults.name,
    comment: asked.comment ?? defaults.comment,
    manual: asked.manual ?? defaults.manual,
    priority: asked.priority ?? defaults.priority,
    payload: payload ?? defaults.payload,
    url: worker === httpWorker ? checkUrl(urlOf(asked, defaults)) : '',
    headers: asked.headers === undefined ? defaults.headers : checkHeaders(withHidden(asked.headers, defaults.headers)),
    options: pushedOptions(asked, optionsOf(asked, defaults.options)),
    owner: defaults.owner,
    limit: asked.limit ?? defaults.limit,
    about: defaults.about,
  };
}

/** With what only pushes and triggers say. */
function pushedOptions({ unique, startBefore }: Pick<Push, 'unique' | 'startBefore'>, options: JobOptions): JobOptions {
  const scoped = withUnique(options, unique == null ? unique : readUnique(unique));
  return withStartBefore(scoped, startBefore == null ? startBefore : readStartBefore(startBefore));
}

/** Who copies a job as it was shown means its own address. */
const urlOf = (asked: Restart, { url }: Pick<NewJob, 'url'>): string =>
  asked.url === undefined || asked.url === shownUrl(url) ? url : asked.url;

const noTotalTimeout = (): HatstandError =>
  new HatstandError('invalid_request', 'totalTimeout is for jobs of functions; an HTTP job has a timeout for each attempt.', {
    field: 'totalTimeout',
  });

function refuseHttpFields(
  asked: Readonly<Record<string, unknown>>,
  worker: string,
  code: 'invalid_request' | 'conflict' = 'invalid_request',
): void {
  for (const field of ['url', 'headers', 'rules'] as const) {
    if (asked[field] === undefined) continue;
    const other = code === 'conflict' ? ', or say worker "http" with it' : '';
    throw new HatstandError(code, `${field} is for HTTP jobs; the worker ${quoted(worker)} takes none. Leave it out${other}.`, { field });
  }
}

/** Throws `invalid_request` in words for what the schema of a push refuses of its url and headers, and of fields that go or do not go together. */
export function explainPush(value: unknown): void {
  const asked = fieldsIn(value);
  if (asked === null) return;
  const { url = '', worker = httpWorker } = asked;
  if (worker === httpWorker && typeof url === 'string') checkUrl(url);
  explainTarget(asked);
  if (asked['delay'] === undefined || asked['at'] === undefined) return;
  throw new HatstandError('invalid_request', 'delay and at both say when the job begins; give one of them.', { field: 'at' });
}

/** The same for a restart. */
export function explainRestart(value: unknown): void {
  const asked = fieldsIn(value);
  if (asked === null) return;
  if (typeof asked['url'] === 'string') checkUrl(asked['url']);
  explainTarget(asked);
  if (asked['copy'] !== false || Object.keys(asked).length === 1) return;
  throw new HatstandError('invalid_request', 'Only a copy can be changed; leave "copy" out or make it true.', { field: 'copy' });
}

function explainTarget(asked: Readonly<Record<string, unknown>>): void {
  const { worker, headers } = asked;
  if (typeof worker === 'string' && worker !== httpWorker) refuseHttpFields(asked, worker);
  else if (asked['totalTimeout'] != null && typeof asked['url'] === 'string') throw noTotalTimeout();
  const texts = Object.entries(fieldsIn(headers) ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  checkHeaders(Object.fromEntries(texts));
}

const fieldsIn = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;

function optionsOf(asked: Restart & Pick<Push, 'totalTimeout'>, defaults: JobOptions): JobOptions {
  const { timeout, totalTimeout, retry, onLost, rules } = asked;
  if ([timeout, totalTimeout, retry, onLost, rules].every((each) => each === undefined)) return defaults;
  const { totalTimeout: usualTotal, ...others } = defaults;
  const total = timeoutOf(totalTimeout, usualTotal ?? null, 'totalTimeout');
  return {
    ...others,
    ...(total === null ? {} : { totalTimeout: total }),
    timeout: timeoutOf(timeout, defaults.timeout, 'timeout'),
    retry: retryIn(retry, defaults.retry),
    onLost: onLost ?? defaults.onLost,
    rules: rules ?? defaults.rules,
  };
}

function timeoutOf(asked: string | null | undefined, fallback: Millis | null, field: 'timeout' | 'totalTimeout'): Millis | null {
  if (asked === undefined || asked === null) return asked === undefined ? fallback : null;
  const timeout = parseDuration(asked, field);
  if (timeout >= 1) return timeout;
  throw new HatstandError('invalid_request', `${field} must be at least 1ms; null means no limit.`, { field });
}

function retryIn(asked: Restart['retry'], defaults: RetryPolicy): RetryPolicy {
  if (asked === undefined) return defaults;
  const { attempts, backoff, maxBackoff } = asked;
  const waits = {
    backoff: backoff === undefined ? undefined : parseDuration(backoff, 'retry.backoff'),
    maxBackoff: maxBackoff === undefined ? undefined : parseDuration(maxBackoff, 'retry.maxBackoff'),
  };
  return retryOf({ attempts, ...waits }, defaults, 'retry.');
}

function startOf(asked: Push): NewJob['start'] {
  if (asked.delay !== undefined) return { delay: parseDuration(asked.delay, 'delay') };
  if (asked.at === undefined) return null;
  return { at: parseTime(asked.at, 'at') };
}

/** The payload exactly as it came. The same walk refuses members that stand twice: parsing would keep the last one. */
function payloadText(asked: object, json: JsonText | null, limits: PushLimits): string | null {
  if (json === null) return null;
  const { text } = json;
  let members = 0;
  let payload: Span | null = null as Span | null;
  json.eachMember((key, value) => {
    members += 1;
    if (key === 'payload') payload = value;
    else if (key === 'headers' || key === 'retry' || key === 'unique' || key === 'after') refuseRepeated(text, value.start);
  });
  if (members !== Object.keys(asked).length) refuseRepeatedIn(json);
  if (payload === null) return null;
  return checkPayload(text.slice(payload.start, payload.end), limits.payloadBytes);
}
