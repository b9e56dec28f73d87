/** The job that `hatstand push` and its options describe, for a url or for a worker. */
import { formatDuration, type Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import { checkJson } from './json-option.ts';
import { type None, nullOfNone } from './option-values.ts';

export interface JobOptions {
  readonly payload?: string;
  readonly name?: string;
  readonly comment?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly worker?: string;
  readonly queue?: string;
  readonly domain?: string;
  readonly limit?: string;
  readonly priority?: number;
  readonly manual?: boolean;
  readonly timeout?: Millis | None;
  readonly totalTimeout?: Millis | None;
  readonly delay?: Millis;
  readonly at?: string;
  readonly attempts?: number;
  readonly backoff?: Millis;
  readonly startBefore?: string;
  readonly unique?: string;
  readonly uniqueUntil?: string;
  readonly after?: readonly string[];
  readonly onFailure?: string;
  readonly idempotencyKey?: string;
  readonly forwardLogs?: boolean;
}

export const jobOptionNames = [
  'payload',
  'name',
  'comment',
  'header',
  'worker',
  'queue',
  'domain',
  'limit',
  'priority',
  'manual',
  'timeout',
  'totalTimeout',
  'delay',
  'at',
  'attempts',
  'backoff',
  'startBefore',
  'unique',
  'uniqueUntil',
  'after',
  'onFailure',
  'idempotencyKey',
  'forwardLogs',
] as const satisfies readonly (keyof JobOptions)[];

/** As JSON text for `/v1`, in which the payload stands as it was written. */
export function jobText(url: string | undefined, options: JobOptions): string {
  const {
    payload,
    header: headers,
    timeout,
    totalTimeout,
    delay,
    attempts,
    backoff,
    unique,
    uniqueUntil,
    after,
    onFailure,
    ...same
  } = options;
  const retry = {
    ...(attempts === undefined ? {} : { attempts }),
    ...(backoff === undefined ? {} : { backoff: formatDuration(backoff) }),
  };
  const fields = {
    url,
    ...pick(same, [
      'name',
      'comment',
      'worker',
      'queue',
      'domain',
      'limit',
      'priority',
      'manual',
      'at',
      'startBefore',
      'idempotencyKey',
      'forwardLogs',
    ]),
    headers,
    ...(timeout === undefined ? {} : { timeout: textOrNull(nullOfNone(timeout)) }),
    ...(totalTimeout === undefined ? {} : { totalTimeout: textOrNull(nullOfNone(totalTimeout)) }),
    ...(delay === undefined ? {} : { delay: formatDuration(delay) }),
    ...(Object.keys(retry).length === 0 ? {} : { retry }),
    ...uniqueField(unique, uniqueUntil),
    ...afterField(after, onFailure),
  };
  const text = JSON.stringify(fields);
  if (payload === undefined) return text;
  checkJson(payload, '--payload', '-p');
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"payload":${payload}}`;
}

function uniqueField(scope: string | undefined, until: string | undefined): object {
  if (scope !== undefined) return { unique: { scope, until } };
  if (until === undefined) return {};
  throw new HatstandError('invalid_request', '--unique-until says how long; --unique must say among which jobs it is the only one.');
}

function afterField(jobs: readonly string[] | undefined, onFailure: string | undefined): object {
  if (jobs !== undefined) return { after: { jobs, onFailure } };
  if (onFailure === undefined) return {};
  throw new HatstandError('invalid_request', '--on-failure is about the jobs that it waits for; --after must say which.');
}

/** Without what else the command line knows, such as the address. */
function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Partial<Pick<T, K>> {
  const picked: Partial<Pick<T, K>> = {};
  for (const name of names) if (from[name] !== undefined) picked[name] = from[name];
  return picked;
}

const textOrNull = (timeout: Millis | null): string | null => (timeout === null ? null : formatDuration(timeout));
