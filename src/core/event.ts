/**
 * Events: what somebody published about a document, and how the journal keeps it. Texts are kept as they came; what an event
 * causes is decided by the rules of triggers, before it is published and in the same step.
 */
import { hasAtMost } from './characters.ts';
import { HatstandError } from './errors.ts';
import { checkDomain } from './new-job.ts';

/** `NOTIFIED` is told to whoever listens and causes nothing. */
export const eventVerbs = ['CREATED', 'UPDATED', 'DELETED', 'NOTIFIED'] as const;
export type EventVerb = (typeof eventVerbs)[number];

/** What events are held to. Lengths of documents are in UTF-16 units. */
export const eventLimits = {
  id: 512,
  key: 256,
  /** Of the document, and of what it was before. */
  doc: 1024 * 1024,
  /** Of one publish. */
  events: 1_000,
  /** Jobs and parts of windows that one event causes. */
  causes: 1_000,
  /** Of all events of one publish, about (`sizeOfEvent`); and of all that one event causes (core/event-cause.ts). */
  characters: 8 * 1024 * 1024,
  /** Of all events that the journal keeps: older ones leave it, and who missed them is told so. */
  kept: 64 * 1024 * 1024,
} as const;

export interface NewEvent {
  readonly domain: string;
  readonly type: string;
  readonly verb: EventVerb;
  /** Of the document: two updates of one document are two events. */
  readonly id: string;
  /** The document as it is now, JSON text; `null`: it was not said. */
  readonly doc: string | null;
  /** The document as it was before, JSON text; `null`: it was not said. */
  readonly old: string | null;
  /** The publisher's own: one that was published under it before is not told again; `null`: it has none. */
  readonly key: string | null;
}

/** An event as the journal tells it. */
export interface ToldEvent extends NewEvent {
  /** Its place among the events of its entry, from 0. */
  readonly number: number;
}

/** What rules match: an event with its documents as values. */
export interface Event {
  /** The tenant; triggers of other domains do not fire. */
  readonly domain: string;
  /** Words of small letters, digits, `_` and `-` between dots, such as `io.cozy.files`. */
  readonly type: string;
  readonly verb: EventVerb;
  /** Of the document. */
  readonly id: string;
  /** The document as it is now, or was last: what `JSON.parse` gives; `null`: it is not told. */
  readonly doc: unknown;
  /** The document before an update; `null`: it is not known. */
  readonly old: unknown;
}

/** Types of what happens to jobs, triggers and nodes begin with this; nobody publishes them. Only rules that name it as well match them. */
export const lifecyclePrefix = 'hatstand.';

const typePattern = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
/** Characters of a type. */
export const longestType = 128;
export const isEventType = (type: string): boolean => type.length <= longestType && typePattern.test(type);

const invalid = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });

/** What a publisher says of an event; all but type, verb and id may be left out. */
export interface EventRequest {
  readonly domain?: string | undefined;
  readonly type: string;
  readonly verb: string;
  readonly id: string;
  readonly doc?: string | null | undefined;
  readonly old?: string | null | undefined;
  readonly key?: string | null | undefined;
}

/**
 * Throws `invalid_request` for what is no event, `too_large` for one whose document is too long. The face that asks has checked
 * that the documents are JSON.
 */
export function newEvent(asked: EventRequest): NewEvent {
  return {
    domain: checkDomain(asked.domain ?? ''),
    type: checkPublishedType(asked.type),
    verb: checkVerb(asked.verb),
    id: checkEventId(asked.id),
    doc: checkDoc(asked.doc ?? null, 'doc'),
    old: checkDoc(asked.old ?? null, 'old'),
    key: asked.key == null ? null : checkEventKey(asked.key),
  };
}

function checkPublishedType(type: string): string {
  if (!isEventType(type)) {
    const expected = `words of small letters, digits, _ and - between dots, such as io.cozy.files, of at most ${longestType} characters`;
    throw invalid(`type must be ${expected}, not ${JSON.stringify(type.slice(0, 160))}.`, 'type');
  }
  if (!type.startsWith(lifecyclePrefix)) return type;
  throw invalid(
    `Types that begin with ${lifecyclePrefix} are told by Hatstand alone; publish ${JSON.stringify(type)} under another name.`,
    'type',
  );
}

const isVerb = (verb: string): verb is EventVerb => (eventVerbs as readonly string[]).includes(verb);

function checkVerb(verb: string): EventVerb {
  if (isVerb(verb)) return verb;
  throw invalid(`verb must be one of ${eventVerbs.join(', ')}, not ${JSON.stringify(verb.slice(0, 160))}.`, 'verb');
}

/** Two texts that differ stay two, in every store. */
const isSound = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);

function checkEventId(id: string): string {
  if (id !== '' && hasAtMost(id, eventLimits.id) && isSound(id)) return id;
  const expected = `1 to ${eventLimits.id} characters, none of them a control character or half a surrogate pair`;
  throw invalid(`id must have ${expected}, not ${JSON.stringify(id.slice(0, 160))}.`, 'id');
}

function checkEventKey(key: string): string {
  if (key !== '' && hasAtMost(key, eventLimits.key) && isSound(key)) return key;
  const expected = `1 to ${eventLimits.key} characters, none of them a control character or half a surrogate pair`;
  throw invalid(`key must have ${expected}, not ${JSON.stringify(key.slice(0, 160))}.`, 'key');
}

function checkDoc(text: string | null, field: string): string | null {
  if (text === null) return null;
  if (text.length > eventLimits.doc) {
    const message = `${field} may have ${eventLimits.doc} characters, this one has ${text.length}. Keep large data elsewhere and send its address.`;
    throw new HatstandError('too_large', message, { field, limit: eventLimits.doc });
  }
  return text;
}

/** Throws `invalid_request` or `too_large` for more than one publish may bring. */
export function checkPublish(events: readonly NewEvent[]): void {
  if (events.length > eventLimits.events) {
    throw invalid(`One publish tells at most ${eventLimits.events} events, not ${events.length}.`, 'events');
  }
  const characters = events.reduce((sum, event) => sum + sizeOfEvent(event), 0);
  if (characters <= eventLimits.characters) return;
  const message = `The events of one publish may have ${eventLimits.characters} characters in all, these have ${characters}.`;
  throw new HatstandError('too_large', message, { field: 'events', limit: eventLimits.characters });
}

/** About how many characters it takes. */
export const sizeOfEvent = ({ domain, type, id, doc, old, key }: NewEvent): number =>
  60 + domain.length + type.length + id.length + (doc?.length ?? 0) + (old?.length ?? 0) + (key?.length ?? 0);

/** As JSON, with its documents as they came. */
export function eventJson({ domain, type, verb, id, doc, old }: Omit<NewEvent, 'key'>): string {
  const head = JSON.stringify({ domain, type, verb, id });
  return `${head.slice(0, -1)},"doc":${doc ?? 'null'},"old":${old ?? 'null'}}`;
}

/** Domain, type, verb, id, key, and the lengths of the texts that follow the line. */
type Head = readonly [string, string, EventVerb, string, string | null, number | null, number | null];

/** A line of JSON that says how long the two documents are, and these behind it. What is written of several stands one behind the other. */
export function writeEvent({ domain, type, verb, id, doc, old, key }: NewEvent): string {
  const head: Head = [domain, type, verb, id, key, doc?.length ?? null, old?.length ?? null];
  return `${JSON.stringify(head)}\n${doc ?? ''}${old ?? ''}`;
}

/** All that were written, in their order. Throws for what nobody wrote. */
export function readEvents(text: string): readonly ToldEvent[] {
  const events: ToldEvent[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const head = end < 0 ? null : parsedLine(text.slice(at, end));
    if (!isHead(head)) throw new Error('it tells no event where one must be');
    const [domain, type, verb, id, key, docLength, oldLength] = head;
    const oldAt = end + 1 + (docLength ?? 0);
    at = oldAt + (oldLength ?? 0);
    if (at > text.length) throw new Error('the document of an event ends too soon');
    const doc = docLength === null ? null : text.slice(end + 1, oldAt);
    const old = oldLength === null ? null : text.slice(oldAt, at);
    events.push({ number: events.length, domain, type, verb, id, doc, old, key });
  }
  return events;
}

function parsedLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const isLength = (value: unknown): boolean => value === null || (Number.isSafeInteger(value) && Number(value) >= 0);

function isHead(value: unknown): value is Head {
  if (!Array.isArray(value) || value.length !== 7) return false;
  const [domain, type, verb, id, key, doc, old]: readonly unknown[] = value;
  const named = [domain, type, verb, id].every((each) => typeof each === 'string') && isVerb(String(verb));
  return named && (key === null || typeof key === 'string') && isLength(doc) && isLength(old);
}
