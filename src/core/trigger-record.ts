/** What the body of a trigger's definition may be: what core/new-trigger.ts makes. Imports, lists and firing hold to it alike. */
import { overlaps } from './definition.ts';
import { parseRules } from './event-rule.ts';
import { checkHeaderFields } from './headers.ts';
import { newJob } from './new-job.ts';
import { readSchedule } from './schedule/schedule.ts';
import { missedPolicies, timetableOf } from './schedule/timetable.ts';
import { type Trigger, type TriggerJob, triggerTypes } from './trigger.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Throws for what is no trigger: somebody else wrote it, or damaged it. */
export function readTrigger(body: string | null): Trigger {
  const read = fieldsOf(body === null ? null : JSON.parse(body), 'body');
  checkWords(read);
  checkTimes(read);
  checkJob(read['job']);
  checkCalls(read);
  const trigger = read as unknown as Trigger;
  checkWhen(trigger);
  return trigger;
}

const wrong = (field: string, expected: string): Error => new Error(`its ${field} is not ${expected}`);

function fieldsOf(value: unknown, field: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(field, 'an object');
}

const isOneOf = (value: unknown, words: readonly unknown[]): boolean => words.includes(value);
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';
const isTime = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isTimeOrNull = (value: unknown): boolean => value === null || isTime(value);

function checkWords(read: Fields): void {
  if (!isOneOf(read['type'], triggerTypes)) throw wrong('type', 'one of those of triggers');
  if (typeof read['arguments'] !== 'string') throw wrong('arguments', 'a text');
  for (const field of ['timeZone', 'bad']) if (!isTextOrNull(read[field])) throw wrong(field, 'a text or null');
  if (!isOneOf(read['overlap'], overlaps)) throw wrong('overlap', 'one of its words');
  if (!isOneOf(fieldsOf(read['missed'], 'missed')['policy'], missedPolicies)) throw wrong('missed', 'a policy');
  fieldsOf(read['daylight'], 'daylight');
}

function checkTimes(read: Fields): void {
  for (const field of ['since', 'createdAt', 'jitter']) if (!isTime(read[field])) throw wrong(field, 'a whole number of milliseconds');
  if (!isTimeOrNull(read['endsAt'])) throw wrong('endsAt', 'a time or null');
  if (read['pausedUntil'] !== 'resumed' && !isTimeOrNull(read['pausedUntil'])) throw wrong('pausedUntil', 'a time, "resumed" or null');
  if (read['skip'] === null) return;
  const { since, count } = fieldsOf(read['skip'], 'skip');
  if (!isTime(since) || !isTime(count)) throw wrong('skip', 'a number since a time, or null');
}

/** As a push has it. */
function checkJob(value: unknown): void {
  const fields = fieldsOf(value, 'job');
  const { onLost, rules, retry } = fieldsOf(fields['options'], 'options of its job');
  fieldsOf(retry, 'retry of its job');
  if (!isOneOf(onLost, ['retry', 'fail'])) throw wrong('onLost', 'retry or fail');
  if (!isOneOf(rules, ['hq', 'v1'])) throw wrong('rules', 'hq or v1');
  for (const field of ['queue', 'worker', 'name', 'comment', 'url', 'limit'])
    if (typeof fields[field] !== 'string') throw wrong(`${field} of its job`, 'a text');
  if (!isTextOrNull(fields['payload'])) throw wrong('message', 'a text or null');
  const job = fields as unknown as TriggerJob;
  newJob({ ...job, start: null });
  if (job.headers !== null) checkHeaderFields({ ...fieldsOf(job.headers, 'headers of its job') } as Record<string, string>);
  if (job.payload !== null) JSON.parse(job.payload);
}

function checkCalls(read: Fields): void {
  if (read['debounce'] !== null) {
    const { wait, maxWait } = fieldsOf(read['debounce'], 'debounce');
    if (!isTime(wait) || !isTimeOrNull(maxWait)) throw wrong('debounce', 'a wait and perhaps a longest one');
  }
  if ((read['hook'] !== null) !== (read['type'] === '@webhook')) throw wrong('hook', 'that of a webhook, or null');
  if (read['hook'] === null) return;
  const { token, secret } = fieldsOf(read['hook'], 'hook');
  if (typeof token !== 'string' || token === '' || !isTextOrNull(secret)) throw wrong('hook', 'a token and perhaps a secret');
}

function checkWhen({ type, arguments: text, schedule, missed, endsAt, jitter }: Trigger): void {
  if (type === '@event') parseRules(text);
  if (schedule !== null) timetableOf(readSchedule(schedule), { missed, endsAt, jitter }, '');
}
