/** What the body of a trigger's definition may be: what core/new-trigger.ts makes. Imports, lists and firing hold to it alike. */
import { overlaps } from './definition.ts';
import { parseRules } from './event-rule.ts';
import { checkKeptJob, type Fields, fieldsOf, isOneOf, isTextOrNull, isTime, isTimeOrNull, wrong } from './kept-fields.ts';
import { readSchedule } from './schedule/schedule.ts';
import { missedPolicies, timetableOf } from './schedule/timetable.ts';
import { type Trigger, triggerTypes } from './trigger.ts';

/** Throws for what is no trigger: somebody else wrote it, or damaged it. */
export function readTrigger(body: string | null): Trigger {
  const read = fieldsOf(body === null ? null : JSON.parse(body), 'body');
  checkWords(read);
  checkTimes(read);
  checkKeptJob(read['job'], 'job');
  checkCalls(read);
  const trigger = read as unknown as Trigger;
  checkWhen(trigger);
  return trigger;
}

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
