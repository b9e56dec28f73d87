/**
 * Where an answer goes that has no end. What its client has not taken counts in the memory for large answers: what several clients
 * are sent counts once for all of them, until the last has taken it.
 */
import type { ServerResponse } from 'node:http';
import type { Room, Share } from './room.ts';

export interface Outlet {
  /** Resolves when the client has taken what it was sent, or is gone. */
  taken(): Promise<void>;
  /** It is about to be sent these. Answers whether there is room for them. */
  fits(pieces: readonly Buffer[]): boolean;
}

interface Held {
  readonly share: Share;
  clients: number;
}

/** @param large bytes; pieces that are smaller are not counted */
export function makeOutlets(room: Room, large: number): (response: ServerResponse) => Outlet {
  const held = new Map<Buffer, Held>();

  function hold(piece: Buffer): void {
    const known = held.get(piece);
    if (known === undefined) held.set(piece, { share: room.take(piece.length), clients: 1 });
    else known.clients += 1;
  }

  function release(piece: Buffer): void {
    const known = held.get(piece);
    if (known === undefined) return;
    known.clients -= 1;
    if (known.clients > 0) return;
    known.share.release();
    held.delete(piece);
  }

  return (response) => {
    const own = new Set<Buffer>();
    const releaseAll = (): void => {
      for (const piece of own) release(piece);
      own.clear();
    };
    response.once('close', releaseAll);
    return {
      async taken() {
        // A stream asks for more before it has passed on what it has.
        await Promise.resolve();
        if (response.writableNeedDrain) await drained(response);
        releaseAll();
      },
      fits(pieces) {
        const counted = pieces.filter((piece) => piece.length >= large && !own.has(piece));
        const more = counted.reduce((sum, piece) => sum + (held.has(piece) ? 0 : piece.length), 0);
        if (response.destroyed || (more > 0 && !room.fits(more))) return false;
        for (const piece of counted) {
          own.add(piece);
          hold(piece);
        }
        return true;
      },
    };
  };
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
