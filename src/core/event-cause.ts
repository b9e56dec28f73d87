/** What an event causes: a job of each trigger whose rules match it, or a part for the window of one that is debounced. */
import { type DefinitionKey, definitionLimits, type Part } from './definition.ts';
import { eventJson, type NewEvent } from './event.ts';
import type { NewJob } from './job.ts';
import { jobLimits } from './new-job.ts';
import { jobOf, type Trigger } from './trigger.ts';

export type EventCause = { readonly job: NewJob } | { readonly part: Part };

/** How many jobs may follow one another, each pushed for what became of the one before: then nothing is pushed any more. */
export const deepestEvent = 16;

const most = { parts: definitionLimits.windowParts, characters: definitionLimits.windowCharacters } as const;

/**
 * `null`: nothing, because the trigger is paused, has ended or was found bad.
 *
 * @param now the store's present, in Unix milliseconds
 * @param depth of the job; 0: the event was published
 */
export function causeOf(key: DefinitionKey, trigger: Trigger, event: NewEvent, now: number, depth = 0): EventCause | null {
  if (!firesAt(trigger, now)) return null;
  const { debounce } = trigger;
  if (debounce === null) return { job: jobOfEvent(key, trigger, event, depth) };
  return { part: { kind: key.kind, domain: key.domain, key: key.key, text: eventJson(event), ...debounce, most } };
}

const firesAt = ({ bad, pausedUntil, endsAt }: Trigger, now: number): boolean =>
  bad === null && pausedUntil !== 'resumed' && (pausedUntil === null || now >= pausedUntil) && (endsAt === null || now <= endsAt);

/**
 * Its payload is the trigger's message, and what it is about tells the event. Where that is too long, the event becomes the payload and
 * the message stands beside it; where even so there is no room, the documents are left out.
 */
function jobOfEvent(key: DefinitionKey, trigger: Trigger, event: NewEvent, depth: number): NewJob {
  const job = jobOf(key, trigger, {});
  const deep = depth === 0 ? '' : `,"depth":${depth}`;
  const whole = eventJson(event);
  const about = `{"event":${whole}${deep}}`;
  if (about.length <= jobLimits.about) return { ...job, about };
  const head = `{"event":${eventJson({ ...event, doc: null, old: null })}${deep}`;
  const beside = `${head},"message":${job.payload ?? 'null'}}`;
  return beside.length <= jobLimits.about ? { ...job, about: beside, payload: whole } : { ...job, about: `${head}}` };
}
