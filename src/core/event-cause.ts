/** What an event causes: a job of each trigger whose rules match it, or a part for the window of one that is debounced. */
import { type DefinitionKey, definitionLimits, type Part } from './definition.ts';
import { HatstandError } from './errors.ts';
import { eventJson, eventLimits, type NewEvent } from './event.ts';
import type { NewJob } from './job.ts';
import { jobLimits, sizeOfNewJob, utf8Length } from './new-job.ts';
import { jobOf, type Trigger } from './trigger.ts';

export type EventCause = { readonly job: NewJob } | { readonly part: Part };

/** How many jobs may follow one another, each pushed for what became of the one before: then nothing is pushed any more. */
export const deepestEvent = 16;

const most = { parts: definitionLimits.windowParts, characters: definitionLimits.windowCharacters } as const;

/** An event as JSON, made once for all that it causes. */
export interface EventText {
  readonly whole: string;
  /** Without its documents. */
  readonly bare: string;
}

export const textOfEvent = (event: NewEvent): EventText => ({
  whole: eventJson(event),
  bare: eventJson({ ...event, doc: null, old: null }),
});

/** As the payload of a job: whole, or without its documents where those are too long for one. */
export const payloadOf = ({ whole, bare }: EventText): string =>
  whole.length * 3 <= jobLimits.payloadBytes || utf8Length(whole) <= jobLimits.payloadBytes ? whole : bare;

/**
 * `null`: nothing, because the trigger is paused, has ended or was found bad.
 *
 * @param now the store's present, in Unix milliseconds
 * @param depth of the job; 0: the event was published
 */
export function causeOf(key: DefinitionKey, trigger: Trigger, event: EventText, now: number, depth = 0): EventCause | null {
  if (!firesAt(trigger, now)) return null;
  const { debounce } = trigger;
  if (debounce === null) return { job: jobOfEvent(key, trigger, event, depth) };
  return { part: { kind: key.kind, domain: key.domain, key: key.key, text: partOf(event), ...debounce, most } };
}

/** Of a window, which one that is longer than all of it would never enter. */
const partOf = ({ whole, bare }: EventText): string => (whole.length <= most.characters ? whole : bare);

export const sizeOfCause = (cause: EventCause): number => ('job' in cause ? sizeOfNewJob(cause.job) : cause.part.text.length);

/** What an event that was published causes, and about how many characters that takes. */
export interface Caused {
  readonly causes: readonly EventCause[];
  readonly characters: number;
}

/**
 * All that the event causes. Throws `too_large` for more than one event may, without making more of it.
 *
 * @param triggers how many match it
 */
export function allCaused(causes: Iterable<EventCause>, triggers: number): Caused {
  const all: EventCause[] = [];
  let characters = 0;
  for (const cause of causes) {
    all.push(cause);
    characters += sizeOfCause(cause);
    if (all.length > eventLimits.causes || characters > eventLimits.characters) throw tooMuch(triggers);
  }
  return { causes: all, characters };
}

function tooMuch(triggers: number): HatstandError {
  const { causes, characters } = eventLimits;
  const bounds = `What one event causes may be ${causes} jobs and parts with ${characters} characters in all`;
  const message = `${bounds}, and this one fires ${triggers} triggers. Publish it with shorter documents or without, or let fewer triggers match it.`;
  return new HatstandError('too_large', message, { field: 'event', limit: causes, triggers });
}

const firesAt = ({ bad, pausedUntil, endsAt }: Trigger, now: number): boolean =>
  bad === null && pausedUntil !== 'resumed' && (pausedUntil === null || now >= pausedUntil) && (endsAt === null || now <= endsAt);

/**
 * Its payload is the trigger's message (of a web app without one, the event), and what it is about tells the event. Where that is too
 * long, the event becomes the payload and the message stands beside it; where even so there is no room, the documents are left out.
 */
function jobOfEvent(key: DefinitionKey, trigger: Trigger, event: EventText, depth: number): NewJob {
  const plain = jobOf(key, trigger, {});
  // A web app sees nothing but the payload.
  const job = plain.url !== '' && plain.payload === null ? { ...plain, payload: payloadOf(event) } : plain;
  const rest = `${depth === 0 ? '' : `,"depth":${depth}`}${trigger.forwardLogs === true ? ',"forwardLogs":true' : ''}`;
  const about = `{"event":${event.whole}${rest}}`;
  if (about.length <= jobLimits.about) return { ...job, about };
  const head = `{"event":${event.bare}${rest}`;
  const beside = `${head},"message":${plain.payload ?? 'null'}}`;
  return beside.length <= jobLimits.about ? { ...job, about: beside, payload: payloadOf(event) } : { ...job, about: `${head}}` };
}
