/** The job that `hatstand push <url>` and its options describe. */
import { HatstandError, messageOf } from '../../core/errors.ts';
import { type Dialect, dialectOf } from './dialect.ts';

export interface UrlJobOptions {
  readonly payload?: string;
  readonly name?: string;
  readonly comment?: string;
  readonly header?: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout?: number;
  readonly queue?: string;
  readonly priority?: number;
  /** Milliseconds. */
  readonly delay?: number;
  readonly attempts?: number;
  readonly idempotencyKey?: string;
}

export const urlJobOptions = [
  'payload',
  'name',
  'comment',
  'header',
  'timeout',
  'queue',
  'priority',
  'delay',
  'attempts',
  'idempotencyKey',
] as const satisfies readonly (keyof UrlJobOptions)[];

/** As JSON text, in which the payload stands as it was written. */
export function urlJob(url: string, options: UrlJobOptions): { readonly text: string; readonly dialect: Dialect } {
  const { payload, name, comment, header: headers, timeout, queue, priority, delay, attempts, idempotencyKey } = options;
  const v1 = {
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(delay === undefined ? {} : { delay: `${delay}ms` }),
    ...(attempts === undefined ? {} : { retry: { attempts } }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  const dialect = dialectOf(v1);
  const limit = dialect === 'hq' || timeout === undefined ? timeout : timeoutText(timeout);
  const text = JSON.stringify({ url, name, comment, headers, timeout: limit, ...v1 });
  if (payload === undefined) return { text, dialect };
  checkPayload(payload);
  return { text: `${text.slice(0, -1)},"payload":${payload}}`, dialect };
}

/** As HQ reads it: nothing and less mean no limit. */
const timeoutText = (seconds: number): string | null => (seconds > 0 ? `${seconds}s` : null);

function checkPayload(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (error) {
    throw new HatstandError('invalid_json', `--payload must be JSON (${messageOf(error)}). A text needs its quotes: -p '"text"'.`);
  }
}
