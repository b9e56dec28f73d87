/** What the attempts of this node tell, kept for those who watch: the newest, for each job and in all. */
import type { Millis } from '../core/duration.ts';
import { compareIds, type JobId } from '../core/id.ts';
import type { AttemptRef } from '../core/job.ts';
import { type LiveEvent, type LivePiece, type LivePlace, type LiveText, liveLimits, sizeOfLive } from '../core/live.ts';
import type { Clock } from '../ports/clock.ts';

export interface LiveReader {
  /** What comes next, as soon as there is something. One call at a time. */
  take(): Promise<LivePiece>;
  /** A `take` that waits is answered that it is over. */
  end(): void;
}

export interface Live {
  /** The same progress again is no news: who tells it says that it goes on, or sends a report again. */
  tell(ref: AttemptRef, told: LiveText): void;
  /** An attempt of the job begins here. */
  begun(ref: AttemptRef): void;
  /** The attempt tells nothing more. */
  ended(ref: AttemptRef): void;
  /**
   * What attempts of the job tell here; over when none runs.
   *
   * @param after the place behind which it begins, perhaps of an earlier attempt; `null`: from now on
   */
  reader(id: JobId, after: LivePlace | null): LiveReader;
  /** Whether something is kept of it. */
  knows(id: JobId): boolean;
  /** Forgets those that ended a while ago. */
  tick(): void;
}

export function makeLive(clock: Pick<Clock, 'now' | 'monotonic'>): Live {
  /** The one that began to tell first before the others. */
  const channels = new Map<JobId, Channel>();
  let size = 0;

  function channelOf(id: JobId): Channel {
    const known = channels.get(id);
    if (known !== undefined) return known;
    const made = new Channel();
    channels.set(id, made);
    return made;
  }

  function shrink(): void {
    for (const channel of channels.values()) {
      if (size <= liveLimits.nodeCharacters) return;
      size -= channel.drop(0);
    }
  }

  return {
    tell({ id, fence }, told) {
      size += channelOf(id).tell(fence, { at: clock.now(), told });
      if (size > liveLimits.nodeCharacters) shrink();
    },
    begun({ id }) {
      // Most attempts tell nothing, and nobody watches them.
      if (channels.size > 0) channels.get(id)?.open();
    },
    ended({ id, fence }) {
      if (channels.size > 0) channels.get(id)?.close(fence, clock.monotonic());
    },
    reader: (id, after) => channelOf(id).reader(after),
    knows: (id) => channels.has(id),
    tick() {
      const before = clock.monotonic() - liveLimits.keptAfterEnd;
      for (const [id, channel] of channels) {
        if (!channel.isIdleSince(before)) continue;
        size -= channel.drop(0);
        channels.delete(id);
      }
    },
  };
}

/** Of one job: what its attempts have told here, one after the other. */
class Channel {
  readonly #events: LiveEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #size = 0;
  /** Of the newest event. */
  #newest: LivePlace = { fence: '0', number: 0 };
  /** How many events of this channel are gone. */
  #dropped = 0;
  /** Of the newest progress, JSON text. */
  #progress: string | null = null;
  #closedAt: Millis | null = null;
  #readers = 0;

  /** Answers by how many characters it has grown. */
  tell(fence: string, event: Pick<LiveEvent, 'at' | 'told'>): number {
    this.#closedAt = null;
    if (this.#isTold(fence, event.told)) return 0;
    this.#newest = { fence, number: fence === this.#newest.fence ? this.#newest.number + 1 : 1 };
    const whole = { ...this.#newest, ...event };
    this.#events.push(whole);
    const grown = sizeOfLive(whole);
    this.#size += grown;
    const dropped = this.drop(liveLimits.characters);
    this.#wake();
    return grown - dropped;
  }

  #isTold(fence: string, told: LiveText): boolean {
    if (fence !== this.#newest.fence) this.#progress = null;
    if (told.kind !== 'progress') return false;
    const isSame = told.value === this.#progress;
    this.#progress = told.value;
    return isSame;
  }

  /** The oldest go, until no more are left than are kept. Answers how many characters they had. */
  drop(characters: number): number {
    const before = this.#size;
    while (this.#events.length > 0 && (this.#events.length > liveLimits.events || this.#size > characters)) {
      const oldest = this.#events.shift();
      if (oldest !== undefined) this.#size -= sizeOfLive(oldest);
      this.#dropped += 1;
    }
    return before - this.#size;
  }

  open(): void {
    this.#closedAt = null;
  }

  close(fence: string, now: Millis): void {
    // A later attempt may have begun to tell.
    if (compareIds(fence, this.#newest.fence) < 0) return;
    this.#closedAt ??= now;
    this.#wake();
  }

  /** It is closed since then, or nobody has ever told anything and nobody reads. */
  isIdleSince(time: Millis): boolean {
    if (this.#closedAt !== null) return this.#closedAt <= time;
    return this.#readers === 0 && this.#newest.number === 0;
  }

  reader(after: LivePlace | null): LiveReader {
    let [from, isOver] = [after, false];
    let place = after ?? this.#newest;
    /** How many events of this channel are behind it. */
    let seq = after === null ? this.#total : this.#behind(after);
    this.#readers += 1;
    return {
      take: async () => {
        while (!isOver && this.#closedAt === null && seq >= this.#total) await new Promise<void>((resolve) => this.#waiting.add(resolve));
        const gone = Math.max(0, this.#dropped - seq);
        const events = this.#from(seq + gone);
        // What is missing behind a place is known with the first event that is there.
        const missed = from === null || events[0] === undefined ? gone : this.#missedBetween(from, events[0]);
        if (events.length > 0) from = null;
        seq += gone + events.length;
        const { fence, number } = events.at(-1) ?? place;
        place = { fence, number };
        return { events, place, missed, isOver: isOver || (this.#closedAt !== null && seq >= this.#total) };
      },
      end: () => {
        if (isOver) return;
        isOver = true;
        this.#readers -= 1;
        this.#wake();
      },
    };
  }

  /** `null`: nobody knows, since they were another attempt's. */
  #missedBetween(place: LivePlace, next: LivePlace): number | null {
    if (place.fence === next.fence) return next.number - place.number - 1;
    return this.#dropped === 0 && (place.fence === '0' || this.#events.some(({ fence }) => fence === place.fence)) ? 0 : null;
  }

  get #total(): number {
    return this.#dropped + this.#events.length;
  }

  /** How many events are not behind the place. */
  #behind(place: LivePlace): number {
    const at = this.#events.findIndex((event) => comparePlaces(event, place) > 0);
    return at < 0 ? this.#total : this.#dropped + at;
  }

  #from(seq: number): readonly LiveEvent[] {
    const events: LiveEvent[] = [];
    let characters = 0;
    for (let at = seq - this.#dropped; at < this.#events.length && characters < liveLimits.pieceCharacters; at++) {
      const event = this.#events[at];
      if (event === undefined) break;
      events.push(event);
      characters += sizeOfLive(event);
    }
    return events;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

const comparePlaces = (a: LivePlace, b: LivePlace): number => compareIds(a.fence, b.fence) || a.number - b.number;
