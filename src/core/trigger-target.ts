/** For whom the jobs of a trigger are: what is asked before one is made, whichever face it came by. */
import { clientWorker } from './elsewhere.ts';
import { HatstandError } from './errors.ts';
import type { NewJob } from './job.ts';
import { didYouMean } from './nearest.ts';
import { type TriggerJob, type TriggerType, triggerTypes } from './trigger.ts';

const quoted = (text: string): string => JSON.stringify(text.slice(0, 160));

/** Throws `unknown_trigger` for a type that is none. */
export function checkTriggerType(type: string): TriggerType {
  const known = triggerTypes.find((each) => each === type);
  if (known !== undefined) return known;
  throw new HatstandError(
    'unknown_trigger',
    `There is no type of trigger ${quoted(type)}${didYouMean(type, triggerTypes) || '.'} There are: ${triggerTypes.join(', ')}.`,
    { field: 'type' },
  );
}

/** Throws `invalid_request` when nobody is named for whom the jobs are, or both a function and the url of a web app. */
export function checkTarget(type: TriggerType, worker: string | undefined, url: unknown): void {
  if (type === '@client') refuseUrl(url, worker ?? clientWorker);
  else if (worker === undefined && url === undefined) {
    throw new HatstandError('invalid_request', 'A trigger needs a worker, or the url of a web app to which its jobs are POSTed.', {
      field: 'worker',
    });
  } else if (worker !== undefined && worker !== 'http') refuseUrl(url, worker);
}

function refuseUrl(url: unknown, worker: string): void {
  if (url === undefined) return;
  throw new HatstandError('invalid_request', `url is for HTTP jobs; the worker ${quoted(worker)} takes none. Leave it out.`, {
    field: 'url',
  });
}

/** Whether what its jobs are given comes with an event or a call: a trigger that has no message of its own is then whole. */
export const messageComesLater = (type: TriggerType, { payload }: Pick<TriggerJob, 'payload'>): boolean =>
  payload === null && (type === '@webhook' || type === '@event');

/** What of a job is that of all jobs of a trigger. */
export function triggerJobOf(job: Omit<NewJob, 'start' | 'idempotency'>): TriggerJob {
  const { worker, queue, name, comment, priority, payload, url, headers, options, limit } = job;
  return { worker, queue, name, comment, priority, payload, url, headers, options, limit };
}
