/**
 * Events as server-sent events (WHATWG HTML, section 9.2). What comes next is read when the client has taken what came before: one who
 * takes nothing is sent one piece, and nothing else is held for it.
 */
import { Readable } from 'node:stream';
import type { Millis } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { eventJson } from '../../../core/event.ts';
import { placeText } from '../../../engine/api/event-place.ts';
import type { Followed, Follower } from '../../../engine/api/feed.ts';
import type { Outlet } from '../connections/outlet.ts';

/** After so long without an event the client is sent a comment, so that it, and what lies between, know that the connection lives. */
export const quiet: Millis = 15_000;
/** How long a client waits before it connects again. */
const retry: Millis = 2_000;
/** A block of so many bytes is sent by itself, so that all who are sent it share it. */
const large = 64 * 1024;

type Told = Exclude<Followed, { readonly kind: 'caughtUp' }>;

export const lines = (text: string): string => text.replaceAll(/\r\n|\r|\n/g, '\ndata: ');

function textOf(told: Told): string {
  const id = placeText(told.place);
  if (told.kind === 'gap') return `event: gap\nid: ${id}\ndata: {"gap":"${told.gap}"}\n\n`;
  return `id: ${id}\ndata: ${lines(eventJson(told.event))}\n\n`;
}

const blocks = new WeakMap<Told, Buffer>();

/** Made once for all followers who share what they hear. */
export function blockOf(told: Told): Buffer {
  const block = blocks.get(told) ?? Buffer.from(textOf(told));
  blocks.set(told, block);
  return block;
}

/** A block without data moves the client's place, and is no event. */
const placeBlock = (text: string, { place }: Followed): Buffer => Buffer.from(`: ${text}\nid: ${placeText(place)}\n\n`);

/** By the first block: several as one piece, for those who are sent the same ones. */
const joined = new WeakMap<Buffer, { readonly last: Buffer; readonly piece: Buffer }>();

function joinedOf(all: readonly Buffer[]): Buffer | null {
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined || all.length === 1) return first ?? null;
  const known = joined.get(first);
  if (known?.last === last) return known.piece;
  const piece = Buffer.concat(all);
  joined.set(first, { last, piece });
  return piece;
}

/** In their order, large ones by themselves. */
function piecesOf(all: readonly Buffer[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  const join = (to: number): void => {
    const piece = joinedOf(all.slice(from, to));
    if (piece !== null) pieces.push(piece);
  };
  for (const [at, block] of all.entries()) {
    if (block.length < large) continue;
    join(at);
    pieces.push(block);
    from = at + 1;
  }
  join(all.length);
  return pieces;
}

/** @param now monotonic */
export function eventStream({ take, end }: Follower, outlet: Outlet, now: () => Millis): Readable {
  let sentAt = now();
  let isBegun = false;

  function piecesFor(taken: readonly Followed[]): readonly Buffer[] {
    const told = taken.filter((each) => each.kind !== 'caughtUp');
    if (told.length > 0) return piecesOf(told.map(blockOf));
    const [here] = taken;
    if (here === undefined || (isBegun && now() - sentAt < quiet)) return [];
    return [placeBlock(isBegun ? 'still here' : 'following', here)];
  }

  /** `null`: it is over. */
  async function next(): Promise<readonly Buffer[] | null> {
    await outlet.taken();
    for (let taken = await take(); taken.length > 0; taken = await take()) {
      const pieces = piecesFor(taken);
      if (pieces.length === 0) continue;
      if (!outlet.fits(pieces)) throw new HatstandError('overloaded', 'Too many large events wait for slow followers.');
      isBegun = true;
      sentAt = now();
      return pieces;
    }
    return null;
  }

  return blockStream(next, end);
}

/**
 * Server-sent events, as they are asked for.
 *
 * @param next the blocks that come next, as pieces; `null`: it is over
 * @param end called when nobody reads it any more
 */
export function blockStream(next: () => Promise<readonly Buffer[] | null>, end: () => void): Readable {
  const stream = new Readable({
    // Nothing is read ahead.
    highWaterMark: 1,
    read() {
      void next().then(
        (pieces) => {
          for (const piece of pieces ?? [null]) stream.push(piece);
        },
        (error: Error) => stream.destroy(error),
      );
    },
    destroy(error, done) {
      end();
      done(error);
    },
  });
  stream.push(`retry: ${retry}\n\n`);
  return stream;
}
