/** From the fields of a request to what a trigger is made of. */
import { parseDuration } from '../../../core/duration.ts';
import { clientWorker } from '../../../core/elsewhere.ts';
import { type NewTrigger, refuseForeign, type TriggerChange } from '../../../core/new-trigger.ts';
import { missedOf } from '../../../core/schedule/timetable.ts';
import { parseTime } from '../../../core/time.ts';
import { type Debounce, type Trigger, type TriggerJob, triggerTypes } from '../../../core/trigger.ts';
import { checkTarget, checkTriggerType } from '../../../core/trigger-target.ts';
import { refuseRepeated, refuseRepeatedIn } from './body.ts';
import { type PushLimits, triggerJob } from './job-request.ts';
import type { JsonText } from './json-text.ts';
import type { TriggerAdd, TriggerChange as TriggerChangeAsked } from './trigger-schemas.ts';

/** Throws `invalid_request` or `too_large`. */
export function newTriggerOf(asked: TriggerAdd, json: JsonText, limits: PushLimits): NewTrigger {
  return { ...changeIn(asked), type: asked.type, job: jobOf(asked, messageIn(json), null, limits) };
}

/** What of a trigger is to be another. Throws `invalid_request` or `too_large`. */
export function triggerChangeOf(asked: TriggerChangeAsked, json: JsonText, limits: PushLimits): (trigger: Trigger) => TriggerChange {
  const message = messageIn(json);
  const isOfJob = [asked.worker, asked.url, asked.options, asked.message].some((each) => each !== undefined);
  return (trigger) => ({ ...changeIn(asked), ...(isOfJob ? { job: jobOf(asked, message, trigger.job, limits) } : {}) });
}

/** `@client` has its worker by itself. */
function jobOf(
  asked: TriggerChangeAsked & { readonly type?: string },
  message: string | null,
  original: TriggerJob | null,
  limits: PushLimits,
): TriggerJob {
  const { options: { forwardLogs: _, ...options } = {}, url } = asked;
  const worker = asked.type === '@client' ? clientWorker : asked.worker;
  const target = { ...(url === undefined ? {} : { url }), ...(worker === undefined ? {} : { worker }) };
  return triggerJob({ ...options, ...target }, message, original, limits);
}

function changeIn(asked: TriggerChangeAsked): TriggerChange {
  const { timeZone, daylight, overlap, secret } = asked;
  return {
    ...{ arguments: asked.arguments, timeZone, daylight, overlap, secret },
    forwardLogs: asked.options?.forwardLogs,
    missed: missedIn(asked.missed),
    debounce: debounceOf(asked.debounce),
    jitter: asked.jitter === undefined ? undefined : parseDuration(asked.jitter, 'jitter'),
    endsAt: asked.endsAt == null ? asked.endsAt : parseTime(asked.endsAt, 'endsAt'),
  };
}

function missedIn(asked: TriggerChangeAsked['missed']): TriggerChange['missed'] {
  if (asked === undefined || typeof asked === 'string') return asked === undefined ? undefined : missedOf(asked);
  const { lateness } = asked;
  return missedOf({ ...asked, lateness: lateness == null ? lateness : parseDuration(lateness, 'missed.lateness') });
}

function debounceOf(asked: TriggerChangeAsked['debounce']): Debounce | null | undefined {
  if (asked == null) return asked;
  const { wait, maxWait } = typeof asked === 'string' ? { wait: asked } : asked;
  return {
    wait: parseDuration(wait, typeof asked === 'string' ? 'debounce' : 'debounce.wait'),
    maxWait: maxWait == null ? null : parseDuration(maxWait, 'debounce.maxWait'),
  };
}

/** Exactly as it came; `null`: none was given. Refuses members that stand twice. */
function messageIn(json: JsonText): string | null {
  refuseRepeatedIn(json);
  json.eachMember((key, { start }) => key === 'options' && refuseRepeated(json.text, start));
  return json.member('message');
}

/** Throws `unknown_trigger` for a type that is none. */
export function explainType(value: unknown): void {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type === 'string') checkTriggerType(type);
}

/** Throws `invalid_request` in words for fields that do not go together, which the schema refuses in its own. */
export function explainTrigger(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  explainType(value);
  const { type, worker, url, options } = value as Partial<TriggerAdd>;
  if (type === undefined || !triggerTypes.includes(type)) return;
  refuseForeign(type, value as Readonly<Record<string, unknown>>, 'invalid_request');
  if (worker === undefined || typeof worker === 'string') checkTarget(type, worker, url, options);
}
