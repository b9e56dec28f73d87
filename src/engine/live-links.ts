/** What attempts of other nodes tell, over the links to them; and what those of this node tell to who watches there. */
import type { JobId } from '../core/id.ts';
import type { LivePiece, LivePlace } from '../core/live.ts';
import { type LiveMessage, readLiveMessage } from '../core/live-message.ts';
import type { Incarnation } from '../core/node.ts';
import type { Live, LiveReader } from './live.ts';

export interface LiveLinks {
  /** What attempts of the job tell at that node; `null`: it is not linked. Over at once when it runs none. */
  reader(holder: Incarnation, id: JobId, after: LivePlace | null): LiveReader | null;
  heard(from: Incarnation, message: unknown): void;
  /** The link to that node has ended. */
  ended(peer: Incarnation): void;
}

export interface LiveLinksParts {
  readonly live: Live;
  /** Whether an attempt of the job runs here. */
  holds(id: JobId): boolean;
  send(to: Incarnation, message: LiveMessage): boolean;
}

/** A piece that somebody waits for. */
interface Asked {
  readonly holder: Incarnation;
  readonly resolve: (piece: LivePiece) => void;
}

const over: LivePiece = { events: [], place: { fence: '0', number: 0 }, missed: 0, isOver: true };
/** Of one peer. */
const mostReaders = 10_000;

export function makeLiveLinks({ live, holds, send }: LiveLinksParts): LiveLinks {
  let watches = 0;
  /** By the number of the watch. */
  const asked = new Map<number, Asked>();
  /** What others watch here, by who they are and their numbers. */
  const readers = new Map<Incarnation, Map<number, LiveReader>>();

  function readersOf(peer: Incarnation): Map<number, LiveReader> {
    const known = readers.get(peer) ?? new Map<number, LiveReader>();
    readers.set(peer, known);
    return known;
  }

  function watch(peer: Incarnation, { watch: number, id, after }: Extract<LiveMessage, { readonly live: 'watch' }>): void {
    const own = readersOf(peer);
    if (own.size < mostReaders && (holds(id) || live.knows(id))) own.set(number, live.reader(id, after));
  }

  async function take(peer: Incarnation, number: number): Promise<void> {
    const piece = (await readers.get(peer)?.get(number)?.take()) ?? over;
    if (piece.isOver) end(peer, number);
    send(peer, { live: 'piece', watch: number, piece });
  }

  function end(peer: Incarnation, number: number): void {
    const own = readers.get(peer);
    own?.get(number)?.end();
    own?.delete(number);
  }

  function answered(holder: Incarnation, number: number, piece: LivePiece): void {
    const waits = asked.get(number);
    if (waits?.holder !== holder) return;
    asked.delete(number);
    waits.resolve(piece);
  }

  return {
    reader(holder, id, after) {
      watches += 1;
      const number = watches;
      if (!send(holder, { live: 'watch', watch: number, id, after })) return null;
      return {
        take: () =>
          new Promise((resolve) => {
            asked.set(number, { holder, resolve });
            if (!send(holder, { live: 'take', watch: number })) answered(holder, number, over);
          }),
        end() {
          answered(holder, number, over);
          send(holder, { live: 'end', watch: number });
        },
      };
    },
    heard(from, text) {
      const message = readLiveMessage(text);
      if (message?.live === 'watch') watch(from, message);
      else if (message?.live === 'take') void take(from, message.watch);
      else if (message?.live === 'end') end(from, message.watch);
      else if (message?.live === 'piece') answered(from, message.watch, message.piece);
    },
    ended(peer) {
      for (const reader of readers.get(peer)?.values() ?? []) reader.end();
      readers.delete(peer);
      for (const [number, { holder }] of asked) if (holder === peer) answered(peer, number, over);
    },
  };
}
