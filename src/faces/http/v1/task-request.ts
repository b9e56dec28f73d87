/** From the fields of a request to what a task is made of. */
import { type Millis, parseDuration } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import type { MailText } from '../../../core/mail.ts';
import { type AskedRestart, checkTaskWorker, type NewTask, refuseDetached, type TaskChange } from '../../../core/new-task.ts';
import type { Place } from '../../../core/task.ts';
import type { TaskRestart as Restarted } from '../../../engine/api/tasks.ts';
import { refuseRepeated, refuseRepeatedIn } from './body.ts';
import { type PushLimits, triggerJob } from './job-request.ts';
import type { JsonText } from './json-text.ts';
import { TaskMove, TaskRestart, TaskStart, TaskTell } from './task-schemas.ts';
import { makeCheck } from './validation.ts';

const checkFields = makeCheck(TaskStart, 'a task', explainTask);
const checkRestart = makeCheck(TaskRestart, 'a restart of a task', explainTask);
const checkMove = makeCheck(TaskMove, 'a move', explainMove);
const checkTell = makeCheck(TaskTell, 'a control message');

/** Throws `invalid_request`. */
export function checkStart(value: unknown): TaskStart {
  refuseUrl(value);
  return checkFields(value);
}

/** Throws `invalid_request` or `too_large`. */
export function newTaskOf(asked: TaskStart, json: JsonText, limits: PushLimits): NewTask {
  const { worker, options = {} } = asked;
  const job = triggerJob({ ...options, worker }, messageIn(json), null, limits);
  return { ...changeIn(asked), job, usual: limits.usualTaskOf?.(worker) };
}

/** What of a task is to be another; `null`: there came no body. Throws `invalid_request` or `too_large`. */
export function restartOf(json: JsonText | null, limits: PushLimits): Restarted {
  if (json === null) return {};
  const asked = checkRestart(json.value);
  const message = messageIn(json);
  const { options = {} } = asked;
  if (message === null && asked.options === undefined) return changeIn(asked);
  return { ...changeIn(asked), job: (job) => triggerJob(options, message, job, limits) };
}

/** Throws `invalid_request`. */
export function placeOf({ value }: JsonText): Pick<Place, 'how' | 'node'> {
  const { to, from } = checkMove(value);
  return to === undefined ? { how: 'from', node: from ?? '' } : { how: 'to', node: to };
}

/** With its data exactly as they came. Throws `invalid_request`. */
export function mailIn(json: JsonText): MailText {
  const { name } = checkTell(json.value);
  refuseRepeatedIn(json);
  return { name, data: json.member('data') };
}

function changeIn({ restart, pause, stalledAfter, cleanEnd, stateOptional, maxDetached }: TaskRestart): TaskChange {
  return {
    ...{ cleanEnd, stateOptional, restart: restart === undefined ? undefined : restartIn(restart) },
    ...{ pause: lengthIn(pause, 'pause'), stalledAfter: lengthIn(stalledAfter, 'stalledAfter') },
    maxDetached: maxDetached === undefined ? undefined : parseDuration(maxDetached, 'maxDetached'),
  };
}

function restartIn({ on, backoff, maxBackoff, crashes, healthyAfter }: NonNullable<TaskRestart['restart']>): AskedRestart {
  const length = (text: string | undefined, field: string): Millis | undefined =>
    text === undefined ? undefined : parseDuration(text, `restart.${field}`);
  const waits = { backoff: length(backoff, 'backoff'), maxBackoff: length(maxBackoff, 'maxBackoff') };
  return { on, ...waits, crashes, healthyAfter: length(healthyAfter, 'healthyAfter') };
}

const lengthIn = (text: string | null | undefined, field: string): Millis | null | undefined =>
  text == null ? text : parseDuration(text, field);

/** Exactly as it came; `null`: none was given. Refuses members that stand twice. */
function messageIn(json: JsonText): string | null {
  refuseRepeatedIn(json);
  json.eachMember((key, { start }) => (key === 'options' || key === 'restart') && refuseRepeated(json.text, start));
  return json.member('message');
}

const fieldsIn = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

/** Throws in words for what is not known here, as other fields are not: people know it from jobs. */
function refuseUrl(value: unknown): void {
  if (!('url' in fieldsIn(value))) return;
  const message =
    'A task is a function that nodes keep running, so it has a worker and no url. What is sent to a web app is a job, or a trigger.';
  throw new HatstandError('invalid_request', message, { field: 'url' });
}

/** Throws `invalid_request` in words for a worker that is no function, and for fields that do not go together. */
function explainTask(value: unknown): void {
  const { worker, stateOptional, maxDetached } = fieldsIn(value);
  if (typeof worker === 'string') checkTaskWorker(worker);
  if (stateOptional === false && maxDetached !== undefined) throw refuseDetached();
}

function explainMove(value: unknown): void {
  const { to, from } = fieldsIn(value);
  if ((to === undefined) !== (from === undefined)) return;
  const message = 'Say one of the two: to, a node at which the task goes on, or from, one at which it does not.';
  throw new HatstandError('invalid_request', message, { field: 'to' });
}
