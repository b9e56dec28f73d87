/**
 * How bodies are received: into one piece of memory, as large as they say they are, and counted as they come, so that one that
 * holds too much is refused as soon as it does, and what was not sent by then never takes any.
 */
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { HatstandError } from '../../core/errors.ts';
import type { BodyShare } from './connections/bodies.ts';
import { inTurn } from './long-work.ts';

/** Looks at bytes as they come, of which each comes once; throws what the client is told. */
export type Look = (bytes: Buffer) => void;

const tooLarge = (limit: number): HatstandError =>
  new HatstandError('too_large', `The body may have ${limit} bytes. Send many jobs in several requests.`, { limit });

/** Of bodies that do not say their length: what is taken first, and then as much again. */
const firstRoom = 64 * 1024;
/** So much gets memory of its own. */
const large = 128 * 1024;

/**
 * Throws `too_large` for more than its route takes, what `look` throws, and `overloaded` when there is no memory for more of a body
 * that did not say its length, or when it comes too slowly while others wait; what comes behind that is read by nobody.
 */
export async function receive(request: FastifyRequest, body: Readable, look?: Look): Promise<Buffer> {
  const { bodyShare: share } = request;
  const limit = request.routeOptions.bodyLimit;
  const said = request.headers['content-length'];
  if (Number(said ?? 0) > limit) throw tooLarge(limit);
  let bytes = roomOf(said === undefined ? firstRoom : Number(said), limit);
  let length = 0;
  const take = (chunk: Buffer): Promise<void> | null => {
    const needed = length + chunk.length;
    if (needed > limit) throw tooLarge(limit);
    look?.(chunk);
    const size = needed <= bytes.length ? bytes.length : Math.min(limit, Math.max(needed, 2 * bytes.length));
    const put = (): void => {
      if (size > bytes.length) bytes = moreRoom(bytes, length, size, limit);
      chunk.copy(bytes, length);
      length = needed;
    };
    const room = share?.grow(size) ?? null;
    if (room !== null) return room.then(put);
    put();
    return null;
  };
  try {
    await taken(body, take, share);
  } catch (error) {
    free(bytes);
    throw error;
  }
  share?.settle(length);
  return bytes.subarray(0, length);
}

/**
 * Resolves at the end of the body; rejects with what `take` throws, after which nothing more is taken, and when the client is gone.
 * Nothing is taken either while `take` waits: the rest stays with the client.
 */
async function taken(body: Readable, take: (chunk: Buffer) => Promise<void> | null, share: BodyShare | null): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = (error: unknown): void => {
      body.off('data', onData);
      reject(error);
    };
    share?.onSlow(stop);
    const onData = (chunk: Buffer): void => {
      try {
        const wait = take(chunk);
        if (wait === null) return;
        body.pause();
        wait.then(() => body.resume(), stop);
      } catch (error) {
        stop(error);
      }
    };
    body.on('data', onData);
    body.once('end', resolve);
    body.once('error', (cause) => reject(new HatstandError('invalid_request', 'The body broke off before its end.', {}, { cause })));
  });
}

/**
 * What is large is an array that could grow, since these alone are taken from the system, page by page as they are filled, and
 * given back to it; all others come from a heap, which keeps what was once large.
 */
function roomOf(size: number, limit: number): Buffer {
  return size < large ? Buffer.allocUnsafe(size) : Buffer.from(new ArrayBuffer(size, { maxByteLength: limit }));
}

function moreRoom(bytes: Buffer, filled: number, size: number, limit: number): Buffer {
  const more = roomOf(size, limit);
  bytes.copy(more, 0, 0, filled);
  free(bytes);
  return more;
}

/** The text of what was received, `null` when it is no UTF-8. The bytes are given back then, and gone. Long ones take turns. */
export async function textOf(bytes: Buffer): Promise<string | null> {
  return bytes.length < large ? textNow(bytes) : await inTurn(() => textNow(bytes));
}

function textNow(bytes: Buffer): string | null {
  const text = isUtf8(bytes) ? bytes.toString() : null;
  free(bytes);
  return text;
}

/**
 * Waiting for the collector would keep what is large for long. Giving it to another one leaves nothing to be cleared; making it
 * shorter would write over all of it first.
 */
export function free({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.transferToFixedLength(0);
}

/** Throws what `refusal` makes when a byte has come more than so many times. */
export function countingLook(byte: number, most: number, refusal: () => Error): Look {
  let count = 0;
  return (bytes) => {
    for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) {
      count += 1;
      if (count > most) throw refusal();
    }
  };
}
