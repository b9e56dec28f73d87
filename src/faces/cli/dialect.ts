/** Whose rules a job that is pushed follows: HQ's, as its own command's jobs do, or those of `/v1`. */
export type Dialect = 'hq' | 'v1';

/** What HQ's endpoint does not know, and would leave out without a word. */
const v1Only: ReadonlySet<string> = new Set([
  'worker',
  'queue',
  'domain',
  'manual',
  'priority',
  'retry',
  'onLost',
  'rules',
  'delay',
  'at',
  'idempotencyKey',
]);

/** A job with a field that only `/v1` has, or a timeout in its form (`"30s"`), is meant for it. */
export function dialectOf(job: object): Dialect {
  const speaksV1 = Object.keys(job).some((key) => v1Only.has(key)) || ('timeout' in job && typeof job.timeout === 'string');
  return speaksV1 ? 'v1' : 'hq';
}
