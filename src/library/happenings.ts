/** Events that are published and heard: values on this side, texts on the other. */
import { keyOfOwner } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import { type EventVerb, eventVerbs, type NewEvent, newEvent, type ToldEvent } from '../core/event.ts';
import type { EventCause } from '../core/event-cause.ts';
import { mostTopics, parseTopic, type Topic } from '../core/event-topic.ts';
import { jsonText } from '../core/json-value.ts';
import { placeText, readPlace } from '../engine/api/event-place.ts';
import type { EventPreview as PreviewRecord } from '../engine/api/events.ts';
import type { Followed, FollowOptions } from '../engine/api/feed.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { aName, checked, type OptionsOf, oneOf, readAs, refused, signal, text } from './option.ts';

/** What somebody publishes: what happened to a document. */
export interface EventOptions {
  /** Words of small letters, digits, `_` and `-` between dots, such as `io.cozy.files`. */
  readonly type: string;
  /** `NOTIFIED` reaches those who listen, and fires nothing. */
  readonly verb: EventVerb;
  /** Of the document: two updates of one document are two events. */
  readonly id: string;
  /** The document as it is now: any value that JSON has. Default: none. */
  readonly doc?: unknown;
  /** The document as it was before, so that rules can tell what has changed. Default: none. */
  readonly old?: unknown;
  /** The tenant: triggers of other domains do not fire. Default: `""`. */
  readonly domain?: string | undefined;
  /** Your own, so that a publish can be repeated: an event under a key that was published before is not told again. Default: none. */
  readonly key?: string | undefined;
}

const anything = { expected: 'a value that JSON has', read: (value: unknown) => value };

export const eventOptions = {
  type: { kind: text, default: 'required' },
  verb: { kind: oneOf(eventVerbs), default: 'required' },
  id: { kind: text, default: 'required' },
  doc: { kind: anything, default: 'none' },
  old: { kind: anything, default: 'none' },
  domain: { kind: text, default: '`""`' },
  key: { kind: text, default: 'none' },
} as const satisfies OptionsOf<EventOptions>;

/** What an event would push. */
export interface EventPreview {
  /** Triggers whose rules match it, also those that push nothing since they are paused, have ended or are bad. */
  readonly matched: number;
  readonly pushes: readonly EventPush[];
}

export interface EventPush {
  /** The id of the trigger. */
  readonly trigger: string;
  readonly domain: string;
  /** The job as it would be; `null`: the event would go into a window of the trigger, and be pushed with others. */
  readonly job: { readonly worker: string; readonly queue: string; readonly payload: unknown } | null;
}

export const previewView = ({ matched, causes }: PreviewRecord): EventPreview => ({ matched, pushes: causes.map(pushView) });

function pushView(cause: EventCause): EventPush {
  if ('part' in cause) return { trigger: cause.part.key, domain: cause.part.domain, job: null };
  const { owner, domain, worker, queue, payload } = cause.job;
  const job = { worker, queue, payload: payload === null ? undefined : (JSON.parse(payload) as unknown) };
  return { trigger: keyOfOwner(owner)?.key ?? '', domain, job };
}

/** An event that was told. */
export interface HeardEvent {
  readonly kind: 'event';
  readonly type: string;
  readonly verb: EventVerb;
  readonly id: string;
  readonly domain: string;
  /** `null`: it was not said. */
  readonly doc: unknown;
  readonly old: unknown;
  /** To go on behind it, later or at another node: the `after` of `events`. */
  readonly place: string;
}

/** Events between the last place and this one are not there. `swept`: retention has taken them; `rewound`: the store has lost its newest moments, or is another one. */
export interface EventGap {
  readonly kind: 'gap';
  readonly gap: 'swept' | 'rewound';
  readonly place: string;
}

export interface EventsOptions {
  /** Of this tenant alone. Default: all. */
  readonly domain?: string | undefined;
  /** Behind the event of this place. Default: from now on. */
  readonly after?: string | undefined;
  /** Ends it when it is aborted. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

export const eventsOptions = {
  domain: { kind: aName, default: 'all' },
  after: { kind: text, default: 'from now on' },
  signal: { kind: signal, default: 'none' },
} as const satisfies OptionsOf<EventsOptions>;

export type EventListener = (event: HeardEvent) => unknown;

/** Throws `invalid_request` or `too_large`. */
export function eventOf(asked: unknown, whose = 'publish'): NewEvent {
  const { type, verb, id, doc, old, domain, key } = checked(asked, eventOptions, whose);
  if (type === undefined || verb === undefined || id === undefined) {
    throw refused(
      `${whose} needs the type, the verb and the id of each event: { type: 'io.cozy.files', verb: 'UPDATED', id: '7' }.`,
      'type',
    );
  }
  const json = (value: unknown, field: string): string | null =>
    value === undefined ? null : (jsonText(value, `${field} of ${whose}`, field) ?? null);
  return newEvent({ type, verb, id, doc: json(doc, 'doc'), old: json(old, 'old'), domain, key });
}

export function topicsOf(asked: unknown, whose: string): readonly Topic[] {
  const all: readonly unknown[] = Array.isArray(asked) ? asked : [asked];
  if (all.length < 1 || all.length > mostTopics) throw refused(`${whose} takes 1 to ${mostTopics} topics, not ${all.length}.`, 'topic');
  return all.map((topic) => parseTopic(readAs(text, topic, 'topic', whose)));
}

/** Throws `invalid_request` and `invalid_cursor` at once, and what the store throws when it is read. */
export function followEvents(
  engine: Engine,
  topics: unknown,
  asked: EventsOptions | undefined,
  closing: AbortSignal,
): AsyncGenerator<HeardEvent | EventGap> {
  const { domain = null, after, signal: until } = checked(asked, eventsOptions, 'events');
  const options = {
    topics: topicsOf(topics, 'events'),
    domain,
    after: after === undefined ? null : readPlace(after),
    signal: until === undefined ? closing : AbortSignal.any([until, closing]),
  };
  return heard(engine, options);
}

async function* heard(engine: Engine, options: FollowOptions): AsyncGenerator<HeardEvent | EventGap> {
  for await (const followed of engine.events.follow(options)) if (followed.kind !== 'caughtUp') yield viewOf(followed);
}

function viewOf(followed: Exclude<Followed, { readonly kind: 'caughtUp' }>): HeardEvent | EventGap {
  const place = placeText(followed.place);
  return followed.kind === 'gap' ? { kind: 'gap', gap: followed.gap, place } : { ...valuesOf(followed.event), place };
}

const jsonValue = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

const valuesOf = ({ type, verb, id, domain, doc, old }: ToldEvent): Omit<HeardEvent, 'place'> => ({
  ...{ kind: 'event', type, verb, id, domain },
  ...{ doc: jsonValue(doc), old: jsonValue(old) },
});

export interface ListenerParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Logger;
  readonly closing: AbortSignal;
}

/** How long until a store that could not be read is asked again. */
const askAgain = 1_000;

/** Until the store is asked again, or nobody listens any more. */
function pause(clock: Clock, until: AbortSignal): Promise<void> {
  if (until.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const forget = clock.after(askAgain, done);
    function done(): void {
      forget();
      until.removeEventListener('abort', done);
      resolve();
    }
    until.addEventListener('abort', done, { once: true });
  });
}

/** A listener. `begun`: it knows from where on it hears, or the store could not tell. */
interface ListeningHere {
  readonly begun: Promise<void>;
  end(): void;
}

/** Calls the listener for each event, one after the other, until this ends; what it throws is logged, and changes nothing. */
export function listenHere(
  { engine, clock, log, closing }: ListenerParts,
  topics: readonly Topic[],
  domain: string | null,
  listener: EventListener,
): ListeningHere {
  const begun = Promise.withResolvers<void>();
  const end = new AbortController();
  const until = AbortSignal.any([end.signal, closing]);

  async function hear(event: ToldEvent, place: string): Promise<void> {
    try {
      await listener({ ...valuesOf(event), place });
    } catch (error) {
      log.warn('listener.failed', { event: event.type, id: event.id, error: messageOf(error) });
    }
  }

  async function listen(): Promise<void> {
    let after: FollowOptions['after'] = null;
    let isLate = false;
    while (!until.aborted) {
      try {
        for await (const followed of engine.events.follow({ topics, domain, after, signal: until })) {
          // What was told before it knew where the store stood is gone.
          if (isLate && after === null) log.warn('events.missed', { reader: 'listenTo' });
          after = followed.place;
          begun.resolve();
          if (followed.kind === 'gap') log.warn('events.missed', { gap: followed.gap });
          else if (followed.kind === 'event') await hear(followed.event, placeText(followed.place));
        }
        return;
      } catch (error) {
        log.warn('events.unread', { error: messageOf(error) });
        isLate = true;
        begun.resolve();
        await pause(clock, until);
      }
    }
  }

  void listen().finally(begun.resolve);
  return { begun: begun.promise, end: () => end.abort() };
}
