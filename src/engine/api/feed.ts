/**
 * Following what is told, as it is written in the journal. Each follower reads for itself, from its place on and as fast as it takes what
 * it gets: nobody waits for a slow one, and nothing is kept for it here. Followers who stand at one place share what is read there.
 */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import type { ToldEvent } from '../../core/event.ts';
import { hears, hearsLifecycle, type Topic } from '../../core/event-topic.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Gap, JournalEntry, JournalPage, JournalPlace } from '../../ports/store/journal.ts';
import type { Store } from '../../ports/store/store.ts';
import type { LifecycleOf } from '../lifecycle.ts';
import type { EventPlace } from './event-place.ts';

export type Followed =
  | { readonly kind: 'event'; readonly event: ToldEvent; readonly place: EventPlace }
  /** Events between its last place and this one are not there: it may have missed some. */
  | { readonly kind: 'gap'; readonly gap: Gap; readonly place: EventPlace }
  /** It has heard all that was told so far. */
  | { readonly kind: 'caughtUp'; readonly place: EventPlace };

export interface FollowOptions {
  /** Of any of these; at least one. */
  readonly topics: readonly Topic[];
  /** `null`: of all domains. */
  readonly domain: string | null;
  /** Behind this; `null`: from now on. */
  readonly after: EventPlace | null;
  readonly signal: AbortSignal;
}

export interface Feed {
  /** Ends when the signal aborts, or this node stops. Throws `overloaded` when there are too many followers. */
  follow(options: FollowOptions): AsyncGenerator<Followed, void, undefined>;
  /** Something may have been told: an event that was published, or what became of jobs and definitions. */
  wake(what: 'published' | 'lifecycle'): void;
  /** All followers end. */
  stop(): void;
}

export interface FeedParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly lifecycleOf: LifecycleOf;
}

/** A follower that has heard all that was told. */
interface Resting {
  /** It also hears of jobs and definitions. */
  readonly hearsAll: boolean;
  wake(): void;
}

const mostFollowers = 1_000;
/** Entries of one page. */
const pageSize = 100;
/** A follower looks this often, in case nobody told it. */
const pollEvery: Millis = 1_000;

export function makeFeed({ store, clock, lifecycleOf }: FeedParts): Feed {
  const stopped = new AbortController();
  const pages = new Map<string, Promise<JournalPage>>();
  const resting = new Set<Resting>();
  let followers = 0;
  /** How often those who hear of published events were woken, and those who hear of all. */
  const wakes = { published: 0, all: 0 };

  /** Those who ask for one page while it is being read get the same. */
  function read(place: JournalPlace): Promise<JournalPage> {
    const name = `${place.seq} ${place.at} ${place.store}`;
    const known = pages.get(name);
    if (known !== undefined) return known;
    const page = store.journal.entries(place, pageSize).finally(() => pages.delete(name));
    pages.set(name, page);
    return page;
  }

  const wakesOf = (hearsAll: boolean): number => (hearsAll ? wakes.all : wakes.published);

  /** Resolves at the next hint, after a while, or when it is over. */
  function rest(seen: number, hearsAll: boolean, signal: AbortSignal): Promise<void> {
    if (wakesOf(hearsAll) !== seen || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        forget();
        resting.delete(each);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const each: Resting = { hearsAll, wake: done };
      const forget = clock.after(pollEvery, done);
      resting.add(each);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  async function heardIn(entry: JournalEntry, { topics, domain }: FollowOptions): Promise<readonly ToldEvent[]> {
    const isHeard = (event: Pick<ToldEvent, 'type' | 'id'>): boolean => topics.some((topic) => hears(topic, event));
    const told = entry.told.filter(isHeard);
    const events = topics.some(hearsLifecycle) ? [...told, ...(await lifecycleOf(entry, isHeard))] : told;
    return domain === null ? events : events.filter((event) => event.domain === domain);
  }

  /** What follows an event in its own entry. `null`: the entry is not there any more. */
  async function restOf({ seq, at, number, store: name }: EventPlace): Promise<JournalEntry | null> {
    if (number === null) return null;
    const { entries } = await read({ store: name, seq: seq - 1, at: 0 });
    const [entry] = entries;
    return entry?.seq === seq && entry.at === at ? entry : null;
  }

  /** What is left of the entry in which its place is. Answers whether it was there. */
  async function* followRest(options: FollowOptions, place: EventPlace): AsyncGenerator<Followed, boolean, undefined> {
    const begun = await restOf(place);
    const { number } = place;
    if (begun === null || number === null) return number === null;
    for (const event of await heardIn(begun, options)) {
      if (event.number > number) yield { kind: 'event', event, place: { ...place, number: event.number } };
    }
    return true;
  }

  async function* follow(options: FollowOptions): AsyncGenerator<Followed, void, undefined> {
    const signal = AbortSignal.any([options.signal, stopped.signal]);
    const hearsAll = options.topics.some(hearsLifecycle);
    let place: EventPlace = options.after ?? { ...(await newestPlace(store)), number: null };
    let isMissing = !(yield* followRest(options, place));
    while (!signal.aborted) {
      const seen = wakesOf(hearsAll);
      const page = await read({ ...place });
      const gap = page.gap ?? (isMissing ? 'swept' : null);
      isMissing = false;
      // Of a store that was rewound nobody knows which entries it has seen.
      place = gap === 'rewound' ? { ...page.newest, number: null } : { ...place, number: null };
      if (gap !== null) yield { kind: 'gap', gap, place };
      for (const entry of page.entries) {
        const at = { store: page.newest.store, seq: entry.seq, at: entry.at };
        for (const event of await heardIn(entry, options)) {
          if (signal.aborted) return;
          yield { kind: 'event', event, place: { ...at, number: event.number } };
        }
        place = { ...at, number: null };
      }
      if (page.entries.length > 0 || gap === 'rewound') continue;
      yield { kind: 'caughtUp', place };
      await rest(seen, hearsAll, signal);
    }
  }

  return {
    async *follow(options) {
      if (followers >= mostFollowers) {
        throw new HatstandError('overloaded', `${followers} others follow events at this node. Follow at another one, or later.`);
      }
      followers += 1;
      try {
        yield* follow(options);
      } finally {
        followers -= 1;
      }
    },
    wake(what) {
      wakes.all += 1;
      if (what === 'published') wakes.published += 1;
      for (const each of [...resting]) if (what === 'published' || each.hearsAll) each.wake();
    },
    stop: () => stopped.abort(),
  };
}

/** No entry has this number: the answer tells the newest one, and nothing else. */
const beyond = Number.MAX_SAFE_INTEGER;
const newestPlace = async ({ journal }: Store): Promise<JournalPlace> => (await journal.entries(beyond, 1)).newest;
