/**
 * Pages of the journal for its followers, each read once for all who come to the same place at about the same time. Followers of the
 * same topics share what they hear in it, too: what is made of an event for one of them can be kept by the event, for all.
 */
import type { Millis } from '../../core/duration.ts';
import type { ToldEvent } from '../../core/event.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JournalEntry, JournalPage, JournalPlace } from '../../ports/store/journal.ts';
import type { Store } from '../../ports/store/store.ts';
import type { EventPlace } from './event-place.ts';

export interface HeardEvent {
  readonly kind: 'event';
  readonly event: ToldEvent;
  readonly place: EventPlace;
}

export interface SharedPage extends JournalPage {
  /** By who hears, and by the entry: what it hears there. */
  readonly heard: Map<string, Map<number, Promise<readonly HeardEvent[]>>>;
}

export interface JournalPages {
  /** What follows the place; with a kept page if it is `known` what was before it. */
  read(place: JournalPlace, known: boolean): Promise<SharedPage>;
  /** The page that somebody has read a moment ago and that has the entry of this place, from that on; `null`: there is none. */
  find(place: JournalPlace): SharedPage | null;
  /** None is kept any more. */
  forget(): void;
}

/** Entries of one page. */
const pageSize = 100;
/** Pages that are kept for those who come to their place a moment later. */
const mostKept = 8;
const keptFor: Millis = 10_000;

interface Kept {
  readonly page: SharedPage;
  readonly since: Millis;
}

export function makeJournalPages({ journal }: Store, clock: Clock): JournalPages {
  const underWay = new Map<string, Promise<SharedPage>>();
  /** Oldest first. */
  const kept = new Map<string, Kept>();

  function sweep(): void {
    const before = clock.monotonic() - keptFor;
    for (const [name, { since }] of kept) if (kept.size > mostKept || since < before) kept.delete(name);
  }

  async function readNow(name: string, place: JournalPlace): Promise<SharedPage> {
    try {
      const page = { ...(await journal.entries(place, pageSize)), heard: new Map() };
      kept.delete(name);
      // Behind one without entries more may have been told by now.
      if (page.entries.length > 0) kept.set(name, { page, since: clock.monotonic() });
      return page;
    } finally {
      underWay.delete(name);
    }
  }

  return {
    async read(place, known) {
      sweep();
      const name = `${place.seq} ${place.at} ${place.store}`;
      const shared = (known ? kept.get(name)?.page : undefined) ?? underWay.get(name);
      if (shared !== undefined) return shared;
      const page = readNow(name, place);
      underWay.set(name, page);
      return page;
    },
    find({ store, seq, at: time }) {
      sweep();
      for (const { page } of kept.values()) {
        const at = page.newest.store === store ? page.entries.findIndex((entry) => entry.seq === seq && entry.at === time) : -1;
        if (at >= 0) return { ...page, gap: null, entries: page.entries.slice(at) };
      }
      return null;
    },
    forget: () => kept.clear(),
  };
}

/** Of one entry, once for all who hear the same. */
export function heardOnce(
  { heard, newest: { store } }: SharedPage,
  { seq, at }: JournalEntry,
  who: string,
  hear: () => Promise<readonly ToldEvent[]>,
): Promise<readonly HeardEvent[]> {
  const ofWho = heard.get(who) ?? new Map<number, Promise<readonly HeardEvent[]>>();
  const known = ofWho.get(seq);
  if (known !== undefined) return known;
  const placed = (event: ToldEvent): HeardEvent => ({ kind: 'event', event, place: { store, seq, at, number: event.number } });
  const events = hear().then((all) => all.map(placed));
  heard.set(who, ofWho.set(seq, events));
  events.catch(() => ofWho.delete(seq));
  return events;
}
