/** The trigger that `hatstand triggers add` and `change`, and their options, describe. */
import { type Command, Option } from 'commander';
import { overlaps } from '../../core/definition.ts';
import { formatDuration, type Millis } from '../../core/duration.ts';
import { given } from '../../core/given.ts';
import { jobLimits } from '../../core/new-job.ts';
import { missedPolicies } from '../../core/schedule/timetable.ts';
import { checkJson } from './json-option.ts';
import { duration, header, type None, oneOf, orNone, whole } from './option-values.ts';

export interface TriggerFields {
  readonly tz?: string;
  readonly url?: string;
  readonly worker?: string;
  readonly message?: string;
  readonly queue?: string;
  readonly name?: string;
  readonly comment?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly priority?: number;
  readonly timeout?: Millis | None;
  readonly totalTimeout?: Millis | None;
  readonly attempts?: number;
  readonly backoff?: Millis;
  readonly missed?: string;
  readonly overlap?: string;
  readonly debounce?: Millis | None;
  readonly maxWait?: Millis;
  readonly jitter?: Millis;
  readonly endsAt?: string;
  readonly secret?: string;
  readonly forwardLogs?: boolean;
}

export const withTriggerFields = (command: Command): Command =>
  command
    .option('--tz <zone>', 'the time zone of a cron expression or a phrase, such as Europe/Berlin; UTC when not given')
    .option('--url <url>', 'where its jobs are POSTed')
    .option('--worker <name>', 'the function that runs its jobs, in the place of a url')
    .option('-m, --message <json>', 'what its jobs are given')
    .option('--queue <name>', 'the queue of its jobs; `default` when not given')
    .option('-n, --name <name>', 'the name of its jobs')
    .option('--comment <text>', 'a comment on its jobs')
    .addOption(new Option('-H, --header <name: value>', 'a header of its requests; can be given again').argParser(header))
    .option('--priority <n>', 'higher goes first', whole(-jobLimits.priority, jobLimits.priority))
    .option('--timeout <duration>', 'how long an attempt may take; none for no limit', orNone(duration))
    .option('--total-timeout <duration>', 'how long all attempts of a function may take together; none for no limit', orNone(duration))
    .option('--attempts <n>', 'how often each job is tried in all', whole(1, jobLimits.attempts))
    .option('--backoff <duration>', 'the wait after the first failure', duration)
    .option('--missed <policy>', `runs whose time came while nothing ran: ${missedPolicies.join(', ')}`, oneOf(missedPolicies))
    .option('--overlap <policy>', `when an earlier job has not ended: ${overlaps.join(', ')}`, oneOf(overlaps))
    .option('--debounce <duration>', 'gather what comes within this time into one job; none for no such wait', orNone(duration))
    .option('--max-wait <duration>', 'with --debounce: each event puts the job off, but no longer than this', duration)
    .option('--jitter <duration>', 'begin each run up to this much later', duration)
    .option('--ends-at <time>', 'do not fire after this time')
    .option('--secret <text>', 'of a webhook: calls must be signed with it; none for no secret')
    .option('--forward-logs', 'tell the log lines of its jobs as events as well')
    .option('--no-forward-logs', 'tell them no more');

/** As JSON text for `/v1`, in which the message stands as it was written. */
export function triggerText(head: object, fields: TriggerFields): string {
  const { message, debounce, maxWait, jitter, tz: timeZone, url, worker, missed, overlap, endsAt, secret } = fields;
  const options = optionsOf(fields);
  const text = JSON.stringify({
    ...head,
    ...{ timeZone, url, worker, missed, overlap, endsAt, secret: secret === 'none' ? null : secret },
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...(debounce === undefined ? {} : { debounce: debounceOf(debounce, maxWait) }),
    ...(jitter === undefined ? {} : { jitter: formatDuration(jitter) }),
  });
  if (message === undefined) return text;
  checkJson(message, '--message', '-m');
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"message":${message}}`;
}

const debounceOf = (wait: Millis | None, maxWait: Millis | undefined): object | null =>
  wait === 'none' ? null : { wait: formatDuration(wait), ...(maxWait === undefined ? {} : { maxWait: formatDuration(maxWait) }) };

function optionsOf({
  queue,
  name,
  comment,
  header: headers,
  priority,
  timeout,
  totalTimeout,
  attempts,
  backoff,
  forwardLogs,
}: TriggerFields): object {
  const retry = {
    ...(attempts === undefined ? {} : { attempts }),
    ...(backoff === undefined ? {} : { backoff: formatDuration(backoff) }),
  };
  return {
    ...given({ queue, name, comment, headers, priority, forwardLogs }),
    ...(timeout === undefined ? {} : { timeout: lengthOf(timeout) }),
    ...(totalTimeout === undefined ? {} : { totalTimeout: lengthOf(totalTimeout) }),
    ...(Object.keys(retry).length === 0 ? {} : { retry }),
  };
}

const lengthOf = (given: Millis | None): string | null => (given === 'none' ? null : formatDuration(given));
