/**
 * Following what is told, as it is written in the journal. Each follower reads for itself, from its place on and as fast as it takes what
 * it gets: nobody waits for a slow one, and nothing is kept for it here. Followers who stand at one place share what is read there, and
 * however many there are, a few of them at a time get their next piece, so that others have their turn.
 */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import { sizeOfEvent, type ToldEvent } from '../../core/event.ts';
import { hears, hearsLifecycle, type Topic } from '../../core/event-topic.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Gap, JournalEntry, JournalPlace } from '../../ports/store/journal.ts';
import type { Store } from '../../ports/store/store.ts';
import type { LifecycleOf } from '../lifecycle.ts';
import type { EventPlace } from './event-place.ts';
import { type HeardEvent, heardOnce, makeJournalPages, type SharedPage } from './journal-pages.ts';
import { makeTurns } from './turns.ts';

export type Followed =
  | HeardEvent
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

export interface Follower {
  /**
   * What comes next, of about 64 Ki characters beyond one event at most; nothing: it is over. Between one call and the next a follower
   * holds its place alone.
   */
  take(): Promise<readonly Followed[]>;
  /** It takes nothing more; calling it again is harmless. */
  end(): void;
}

export interface Feed {
  /** It is over when the signal aborts, or this node stops. Throws `overloaded` when there are too many followers. */
  follower(options: FollowOptions): Follower;
  /** The same, one after the other. */
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
/** Of what is taken at once, beyond one event. */
const mostCharacters = 64 * 1024;
/** Events and topics that are held against each other for what is taken at once, beyond one entry. */
const mostLooks = 16_000;
/** A follower looks this often, in case nobody told it. */
const pollEvery: Millis = 1_000;

/** What it hears next, and where it stands then. */
interface Piece {
  readonly heard: readonly Followed[];
  readonly place: EventPlace;
}

export function makeFeed({ store, clock, lifecycleOf }: FeedParts): Feed {
  const stopped = new AbortController();
  const pages = makeJournalPages(store, clock);
  const turns = makeTurns(clock.soon);
  const resting = new Set<Resting>();
  let followers = 0;
  /** How often those who hear of published events were woken, and those who hear of all. */
  const wakes = { published: 0, all: 0 };

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

  const turn = (): Promise<void> => new Promise((resolve) => turns.wait(resolve));

  async function heardIn(entry: JournalEntry, { topics, domain }: FollowOptions): Promise<readonly ToldEvent[]> {
    const isHeard = (event: Pick<ToldEvent, 'type' | 'id'>): boolean => topics.some((topic) => hears(topic, event));
    const told = entry.told.filter(isHeard);
    const events = topics.some(hearsLifecycle) ? [...told, ...(await lifecycleOf(entry, isHeard))] : told;
    return domain === null ? events : events.filter((event) => event.domain === domain);
  }

  /** From the place on. What does not go into this piece is heard from its end on. */
  async function pieceOf(page: SharedPage, from: EventPlace, options: FollowOptions): Promise<Piece> {
    const who = JSON.stringify([options.topics, options.domain]);
    const heard: HeardEvent[] = [];
    let [place, characters, looks] = [from, 0, 0];
    for (const entry of page.entries) {
      const behind = place.seq === entry.seq && place.number !== null ? place.number : -1;
      for (const each of await heardOnce(page, entry, who, () => heardIn(entry, options))) {
        if (each.event.number <= behind) continue;
        if (characters >= mostCharacters) return { heard, place };
        heard.push(each);
        characters += sizeOfEvent(each.event);
        place = each.place;
      }
      place = { store: page.newest.store, seq: entry.seq, at: entry.at, number: null };
      looks += (entry.told.length + 1) * options.topics.length;
      if (characters >= mostCharacters || looks >= mostLooks) break;
    }
    return { heard, place };
  }

  /** Of a page that is there; `null`: there is none, or it ends here. */
  async function known(place: EventPlace, options: FollowOptions): Promise<Piece | null> {
    const page = pages.find(place);
    const entries = page?.entries.slice(place.number === null ? 1 : 0) ?? [];
    if (page === null || entries.length === 0) return null;
    await turn();
    return pieceOf({ ...page, entries }, place, options);
  }

  /** What is left of the entry in which its place is; `null`: the entry is not there any more. */
  async function restOf(place: EventPlace, options: FollowOptions): Promise<Piece | null> {
    const page = await pages.read({ store: place.store, seq: place.seq - 1, at: 0 }, false);
    const [entry] = page.entries;
    if (entry?.seq !== place.seq || entry.at !== place.at) return null;
    await turn();
    return pieceOf({ ...page, entries: [entry] }, place, options);
  }

  /** @param isMissing what follows its place in its entry */
  async function next(from: EventPlace, isMissing: boolean, isBegun: boolean, options: FollowOptions): Promise<Piece> {
    const page = await pages.read(from, isBegun);
    const gap = page.gap ?? (isMissing ? 'swept' : null);
    // Of a store that was rewound nobody knows which entries it has seen.
    const place = gap === 'rewound' ? { ...page.newest, number: null } : { ...from, number: null };
    const first = gap === null ? [] : [{ kind: 'gap', gap, place } as const];
    if (page.entries.length === 0) return { heard: gap === 'rewound' ? first : [...first, { kind: 'caughtUp', place }], place };
    await turn();
    const piece = await pieceOf(page, place, options);
    return { ...piece, heard: [...first, ...piece.heard] };
  }

  /** Nothing but what is kept here outlasts a call of `take`. */
  function begin(options: FollowOptions, signal: AbortSignal): Follower['take'] {
    const hearsAll = options.topics.some(hearsLifecycle);
    let place = options.after;
    let [isBegun, isResting, seen] = [false, false, 0];

    async function piece(): Promise<Piece> {
      place ??= { ...(await newestPlace(store)), number: null };
      const shared = isBegun ? await known(place, options) : null;
      const rest = shared ?? (place.number === null ? null : await restOf(place, options));
      return rest ?? next(place, place.number !== null, isBegun, options);
    }

    return async () => {
      if (isResting) await rest(seen, hearsAll, signal);
      while (!signal.aborted) {
        seen = wakesOf(hearsAll);
        const { heard, place: to } = await piece();
        [place, isBegun] = [to, true];
        isResting = heard.at(-1)?.kind === 'caughtUp';
        if (heard.length > 0) return signal.aborted ? [] : heard;
      }
      return [];
    };
  }

  function follower(options: FollowOptions): Follower {
    if (followers >= mostFollowers) {
      throw new HatstandError('overloaded', `${followers} others follow events at this node. Follow at another one, or later.`);
    }
    followers += 1;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      followers -= 1;
      if (followers === 0) pages.forget();
    };
    return { take: begin(options, AbortSignal.any([options.signal, stopped.signal])), end };
  }

  return {
    follower,
    async *follow(options) {
      const { take, end } = follower(options);
      try {
        for (let taken = await take(); taken.length > 0; taken = await take()) {
          for (const each of taken) {
            if (options.signal.aborted || stopped.signal.aborted) return;
            yield each;
          }
        }
      } finally {
        end();
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
