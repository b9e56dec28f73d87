/** What other queues call what we have. */
import { nearest } from './nearest.ts';

/** Ours first, in camelCase; the others as they are compared: small letters and digits. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  attempts: ['retries', 'maxretries', 'retrylimit', 'retrycount', 'retry', 'tries', 'maxtries', 'maxreceivecount', 'maxexeccount'],
  backoff: ['retrydelay', 'retryinterval', 'retrybackoff', 'retryafter', 'minretrydelay'],
  maxBackoff: ['retrydelaymax', 'maxretrydelay', 'maxretryinterval', 'maxdelay'],
  timeout: ['ttl', 'deadline', 'timelimit', 'expirein', 'expireinseconds', 'visibilitytimeout', 'maxduration', 'reservefor'],
  totalTimeout: ['maxexectime', 'totaltime', 'scheduletoclosetimeout', 'overalltimeout'],
  payload: ['data', 'body', 'args', 'arguments', 'params', 'input', 'message', 'json'],
  delay: ['countdown', 'startin', 'runin', 'wait', 'defer', 'delayseconds'],
  at: ['runat', 'startat', 'startafter', 'runafter', 'processat', 'scheduledat', 'scheduledfor', 'scheduletime', 'eta', 'when', 'date'],
  idempotencyKey: ['jobid', 'id', 'jobkey', 'key', 'dedupkey', 'dedupid', 'deduplicationid', 'singletonkey', 'uniquekey', 'uniqueid'],
  onLost: ['onstalled', 'maxstalledcount', 'atmostonce'],
  keepEnded: ['removeoncomplete', 'removeonfail', 'deleteafter', 'deleteafterseconds', 'retention', 'resultttl', 'keepjobs'],
  concurrency: ['parallelism', 'parallel', 'threads', 'maxworkers', 'teamsize', 'poolsize', 'prefetch', 'maxconcurrent', 'maxinflight'],
  queue: ['channel', 'topic', 'tube', 'stream'],
  worker: ['task', 'type', 'kind', 'handler', 'job', 'processor', 'function'],
  domain: ['tenant', 'namespace'],
  comment: ['description', 'note'],
  rate: ['limiter', 'throttle', 'ratelimit'],
  max: ['count', 'points', 'limit'],
  per: ['duration', 'interval', 'window', 'period', 'timeframe'],
  url: ['endpoint', 'uri', 'href', 'callback', 'webhook', 'target', 'connection', 'redis', 'server'],
  path: ['dir', 'directory', 'folder', 'file', 'filename', 'database', 'datadir'],
  store: ['storage', 'backend', 'broker', 'connection', 'redis', 'database', 'adapter', 'driver'],
  cluster: ['prefix', 'keyprefix', 'namespace'],
  host: ['addr', 'address', 'bind', 'listen', 'interface', 'ip'],
  token: ['apikey', 'secret', 'password', 'auth'],
  log: ['logger', 'logging'],
  limit: ['count', 'take', 'pagesize', 'perpage', 'size', 'top'],
  from: ['cursor', 'after', 'offset', 'page', 'next'],
  order: ['sort', 'direction', 'orderby'],
};

/** `--max-retries`, `max_retries` and `maxRetries` are one word. */
const compared = (word: string): string => word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The known name that other queues call so; `null`: none. */
export function synonymIn(word: string, known: Iterable<string>): string | null {
  const byCompared = new Map([...known].map((name) => [compared(name), name]));
  const written = compared(word);
  for (const [ours, theirs] of Object.entries(synonyms)) {
    const name = byCompared.get(compared(ours));
    if (name !== undefined && theirs.includes(written)) return name;
  }
  return null;
}

/** The known name of a field or an option that was probably meant: the nearest, else what others call so; `null`: none. */
export function meantBy(word: string, known: Iterable<string>): string | null {
  const names = [...known];
  return nearest(word, names) ?? synonymIn(word, names);
}
