/**
 * Bodies on their way in, and while they are worked on, take memory that all connections share: who comes when it is taken waits,
 * which costs nothing, since its bytes stay with the client, and is refused before anything is read. Small bodies have a memory of
 * their own, so that they wait for no large ones.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import { makePace, type Pace } from './pace.ts';
import { makeRoom, type Room, type Share } from './room.ts';

const large = 64 * 1024;
/** Smaller ones are always read: the number of connections bounds them. */
const tiny = 2 * 1024;
/** What small ones may take, of what large ones may. */
const smallShare = 1 / 4;
/** What is taken for a body that does not say its length: most are short. */
const unsaid = 2 * 1024 * 1024;

/** What a body has of the memory for bodies. */
export interface BodyShare {
  /**
   * Resolves when it may have as many bytes; `null`: it may already, as if it said its length. Throws `overloaded` when too many
   * others have theirs.
   */
  grow(bytes: number): Promise<void> | null;
  /** It has come to its end, and has as many. */
  settle(bytes: number): void;
  /** `stop` is called when it comes too slowly while others wait: nothing more of it is taken. */
  onSlow(stop: (error: Error) => void): void;
  /** It is not worked on any more. */
  release(): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** `null`: its body is tiny whatever comes. */
    bodyShare: BodyShare | null;
  }
}

const unread = 'Too many large requests are under way. Nothing of this one was read: send it again in a moment, or in parts.';
const begun =
  'Too many large requests are under way, and there is no room for more of this one, of which nothing is kept. Send it again in a moment, in parts, or with a Content-Length.';

/**
 * The bytes and the text that is made of them, as multiples of the bytes. The parser of XML makes a text of each entity, and of each
 * character that might be a sign, before it joins them.
 */
const weight = { xml: 16, other: 2 } as const;

const weightOf = ({ headers }: FastifyRequest): number =>
  /^(?:application|text)\/xml/i.test(headers['content-type'] ?? '') ? weight.xml : weight.other;

const slow =
  'Others wait for the memory that this request has, and fewer than 64 KiB of it came in a second. Nothing of it is kept: send it again in a moment, or in parts.';

/** @param most bytes of large bodies that are being received or worked on, of all connections; of small ones a quarter of that */
export function boundBodies(app: FastifyInstance, most: number): void {
  const small = makeMemory(most * smallShare);
  const all = makeMemory(most);
  app.decorateRequest('bodyShare', null);

  app.addHook('preParsing', async (request, reply) => {
    const bytes = bytesOf(request);
    if (bytes >= tiny) request.bodyShare = await shareOf(bytes < large ? small : all, bytes, request, reply);
    askFor(request, reply);
  });
  // Also of a request whose client has left.
  app.addHook('onSend', ({ bodyShare }, _reply, payload, done) => {
    bodyShare?.release();
    done(null, payload);
  });
}

interface Memory {
  readonly room: Room;
  readonly pace: Pace;
}

function makeMemory(most: number): Memory {
  const room = makeRoom(most, unread);
  return { room, pace: makePace(() => room.isWaitedFor) };
}

/** A client that expects `100 Continue` (RFC 9110 §10.1.1) sends its body when it may, and has room; nobody else is asked for one. */
function askFor({ headers, raw, routeOptions }: FastifyRequest, reply: FastifyReply): void {
  if (headers.expect === undefined || raw.httpVersion !== '1.1' || reply.raw.destroyed) return;
  if (Number(headers['content-length'] ?? 0) <= routeOptions.bodyLimit) reply.raw.writeContinue();
}

async function shareOf({ room, pace }: Memory, bytes: number, request: FastifyRequest, reply: FastifyReply): Promise<BodyShare> {
  const each = weightOf(request);
  const share = room.fits(each * bytes) ? room.take(each * bytes) : await waited(pace, room.await(each * bytes)).catch(refuse(reply));
  return bodyShare({ bytes, each, share, pace }, request, reply);
}

function waited<T>(pace: Pace, room: Promise<T>): Promise<T> {
  pace.wake();
  return room;
}

interface Begun {
  /** That it has. */
  readonly bytes: number;
  /** What each of them takes. */
  readonly each: number;
  readonly share: Share;
  readonly pace: Pace;
}

function bodyShare({ bytes, each, share, pace }: Begun, { raw }: FastifyRequest, reply: FastifyReply): BodyShare {
  let held = bytes;
  let isWaiting = false;
  let isWhole = false;
  let stop = (_error: Error): void => void raw.destroy();
  const sender = {
    come: () => (raw.complete || isWaiting ? null : raw.socket.bytesRead),
    end() {
      void reply.header('retry-after', '1');
      stop(new HatstandError('overloaded', slow));
      share.release();
    },
  };
  pace.watch(sender);
  const release = (): void => {
    pace.forget(sender);
    share.release();
  };
  // What has come to its end is worked on, whether or not its client is still there.
  whenOver(reply, () => {
    if (!isWhole) release();
  });
  return {
    grow(to) {
      if (to <= held) return null;
      held = to;
      isWaiting = true;
      const grown = share.grow(each * to).finally(() => {
        isWaiting = false;
      });
      return waited(pace, grown).catch(refuse(reply, begun));
    },
    settle(to) {
      isWhole = true;
      share.resize(each * to);
    },
    onSlow(stopIt) {
      stop = stopIt;
    },
    release,
  };
}

/** @param told in the place of what the error says */
const refuse =
  (reply: FastifyReply, told?: string) =>
  (error: unknown): never => {
    if (!(error instanceof HatstandError)) throw error;
    void reply.header('retry-after', '1');
    throw told === undefined ? error : new HatstandError(error.code, told);
  };

function bytesOf({ headers, method, routeOptions }: FastifyRequest): number {
  // Nobody reads theirs.
  if (method === 'GET' || method === 'HEAD') return 0;
  const said = Number(headers['content-length'] ?? (headers['transfer-encoding'] === undefined ? 0 : unsaid));
  // More than the route takes is refused unread.
  return Math.min(said, routeOptions.bodyLimit);
}

function whenOver({ raw }: FastifyReply, release: () => void): void {
  if (raw.destroyed) release();
  else raw.once('close', release);
}
