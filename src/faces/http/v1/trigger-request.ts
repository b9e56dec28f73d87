/** From the fields of a request to what a trigger is made of. */
import { parseDuration } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest.ts';
import { type NewTrigger, refuseForeign, type TriggerChange } from '../../../core/new-trigger.ts';
import { usualMissed } from '../../../core/schedule/timetable.ts';
import { parseTime } from '../../../core/time.ts';
import { type Debounce, type Trigger, type TriggerJob, triggerTypes } from '../../../core/trigger.ts';
import { quoted, refuseRepeated, refuseRepeatedIn } from './body.ts';
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
  const { options = {}, url, worker = asked.type === '@client' ? 'client' : undefined } = asked;
  const target = { ...(url === undefined ? {} : { url }), ...(worker === undefined ? {} : { worker }) };
  return triggerJob({ ...options, ...target }, message, original, limits);
}

function changeIn(asked: TriggerChangeAsked): TriggerChange {
  const { timeZone, daylight, overlap, secret } = asked;
  return {
    ...{ arguments: asked.arguments, timeZone, daylight, overlap, secret },
    missed: missedOf(asked.missed),
    debounce: debounceOf(asked.debounce),
    jitter: asked.jitter === undefined ? undefined : parseDuration(asked.jitter, 'jitter'),
    endsAt: asked.endsAt == null ? asked.endsAt : parseTime(asked.endsAt, 'endsAt'),
  };
}

function missedOf(asked: TriggerChangeAsked['missed']): TriggerChange['missed'] {
  if (asked === undefined) return undefined;
  const { policy, most, lateness } = typeof asked === 'string' ? { policy: asked } : asked;
  return {
    policy,
    most: most ?? usualMissed.most,
    lateness: lateness == null ? usualMissed.lateness : parseDuration(lateness, 'missed.lateness'),
  };
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
  let message: string | null = null;
  json.eachMember((key, { start, end }) => {
    if (key === 'message') message = json.text.slice(start, end);
    else if (key === 'options') refuseRepeated(json.text, start);
  });
  return message;
}

/** Throws `unknown_trigger` for a type that is none. */
export function explainType(value: unknown): void {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string' || triggerTypes.some((each) => each === type)) return;
  const known = triggerTypes.join(', ');
  throw new HatstandError(
    'unknown_trigger',
    `There is no type of trigger ${quoted(type)}${didYouMean(type, triggerTypes) || '.'} There are: ${known}.`,
    { field: 'type' },
  );
}

/** Throws `invalid_request` in words for fields that do not go together, which the schema refuses in its own. */
export function explainTrigger(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  explainType(value);
  const { type, worker, url, options } = value as Partial<TriggerAdd>;
  if (!triggerTypes.some((each) => each === type) || type === undefined) return;
  refuseForeign(type, value as Readonly<Record<string, unknown>>, 'invalid_request');
  if (type === '@client') refuseHttp(url, options, 'client');
  else if (worker === undefined && url === undefined) {
    throw new HatstandError('invalid_request', 'A trigger needs a worker, or the url of a web app to which its jobs are POSTed.', {
      field: 'worker',
    });
  } else if (worker !== undefined && worker !== 'http') refuseHttp(url, options, worker);
  else if (url === undefined) {
    throw new HatstandError('invalid_request', 'A trigger of HTTP jobs needs the url of the web app to which they are POSTed.', {
      field: 'url',
    });
  }
}

function refuseHttp(url: unknown, options: unknown, worker: string): void {
  for (const name of ['headers', 'rules']) {
    if (typeof options !== 'object' || options === null || !(name in options)) continue;
    throw new HatstandError('invalid_request', `${name} are for HTTP jobs; the worker ${quoted(worker)} takes none. Leave them out.`, {
      field: `options.${name}`,
    });
  }
  if (url === undefined) return;
  throw new HatstandError('invalid_request', `url is for HTTP jobs; the worker ${quoted(worker)} takes none. Leave it out.`, {
    field: 'url',
  });
}
