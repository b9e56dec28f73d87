/** The task that `hatstand tasks start` and `restart`, and their options, describe. */
import type { Command } from 'commander';
import { formatDuration, type Millis } from '../../core/duration.ts';
import { jobLimits } from '../../core/new-job.ts';
import { taskLimits } from '../../core/new-task.ts';
import { restartWords } from '../../core/task.ts';
import { checkJson } from './json-option.ts';
import { duration, type None, oneOf, orNone, whole } from './option-values.ts';

export interface TaskFields {
  readonly message?: string;
  readonly queue?: string;
  readonly priority?: number;
  readonly name?: string;
  readonly comment?: string;
  readonly restart?: (typeof restartWords)[number];
  readonly backoff?: Millis;
  readonly maxBackoff?: Millis;
  readonly crashes?: number;
  readonly healthyAfter?: Millis;
  readonly pause?: Millis | None;
  readonly stalledAfter?: Millis | None;
  readonly cleanEnd?: boolean;
  readonly stateOptional?: boolean;
  readonly maxDetached?: Millis;
}

export const withTaskFields = (command: Command): Command =>
  command
    .option('-p, --message <json>', 'what its function is given')
    .option('--queue <name>', 'the queue of its jobs; `default` when not given')
    .option('--priority <n>', 'higher goes first', whole(-jobLimits.priority, jobLimits.priority))
    .option('-n, --name <name>', 'the name of its jobs')
    .option('--comment <text>', 'a comment on its jobs')
    .option('--restart <when>', `after what it is started again: ${restartWords.join(', ')}`, oneOf(restartWords))
    .option('--backoff <duration>', 'the wait after the first crash, doubled after each further one', duration)
    .option('--max-backoff <duration>', 'the wait never grows beyond this', duration)
    .option('--crashes <n>', 'so many crashes in a row end it', whole(1, taskLimits.crashes))
    .option('--healthy-after <duration>', 'a crash that comes later after its start is the first of a row', duration)
    .option('--pause <duration>', 'call its function again and again, so long after it has returned; none for one call', orNone(duration))
    .option('--stalled-after <duration>', 'run it elsewhere when it has told nothing for so long; none for never', orNone(duration))
    .option('--clean-end', 'let it go when it has ended, unless it crashed')
    .option('--no-clean-end', 'keep it until somebody collects it')
    .option('--state-optional', 'let it go on while the store is away')
    .option('--no-state-optional', 'stop it then')
    .option('--max-detached <duration>', 'for how long it may go on so', duration);

/** As JSON text for `/v1`, in which the message stands as it was written. */
export function taskText(head: object, fields: TaskFields): string {
  const { message, queue, priority, name, comment, cleanEnd, stateOptional } = fields;
  const { restart: on, backoff, maxBackoff, crashes, healthyAfter, maxDetached } = fields;
  const waits = { backoff: lengthOf(backoff), maxBackoff: lengthOf(maxBackoff), healthyAfter: lengthOf(healthyAfter) };
  const text = JSON.stringify({
    ...head,
    options: someOf({ queue, priority, name, comment }),
    restart: someOf({ on, crashes, ...waits }),
    ...{ pause: lengthOrNull(fields.pause), stalledAfter: lengthOrNull(fields.stalledAfter) },
    ...{ cleanEnd, stateOptional, maxDetached: lengthOf(maxDetached) },
  });
  if (message === undefined) return text;
  checkJson(message, '--message', '-p');
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"message":${message}}`;
}

const lengthOf = (length: Millis | undefined): string | undefined => (length === undefined ? undefined : formatDuration(length));
const lengthOrNull = (length: Millis | None | undefined): string | null | undefined => (length === 'none' ? null : lengthOf(length));

/** What is given of it; `undefined`: nothing is. */
const someOf = (fields: object): object | undefined => (Object.values(fields).every((each) => each === undefined) ? undefined : fields);
