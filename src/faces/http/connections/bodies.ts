/**
 * Large bodies on their way in, and while they are worked on, take memory that all connections share: who comes when it is
 * taken waits, which costs nothing, since its bytes stay with the client, and is refused before anything is read.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import { makeRoom, type Share } from './room.ts';

/** Smaller ones are always read. */
const large = 64 * 1024;
/** What is taken for a body that does not say its length: most are short. */
const unsaid = 2 * 1024 * 1024;

/** What a body that did not say its length has of the memory for large ones. */
export interface BodyShare {
  /** Resolves when it may have as many bytes; `null`: it may already. Throws `overloaded` when too many others have theirs. */
  grow(bytes: number): Promise<void> | null;
  /** It has come to its end, and has as many. */
  settle(bytes: number): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** `null`: its body said its length, or is small whatever comes. */
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

/** @param most bytes of bodies that are being received or worked on, of all connections */
export function boundBodies(app: FastifyInstance, most: number): void {
  const room = makeRoom(most, unread);
  app.decorateRequest('bodyShare', null);

  app.addHook('preParsing', async (request, reply) => {
    const bytes = bytesOf(request);
    if (bytes < large) return;
    const each = weightOf(request);
    const share = await room.await(each * bytes).catch(refuse(reply));
    whenOver(reply, share.release);
    if (request.headers['content-length'] === undefined) request.bodyShare = growing({ bytes, each, share }, reply);
  });
}

interface Begun {
  /** That it has. */
  readonly bytes: number;
  /** What each of them takes. */
  readonly each: number;
  readonly share: Share;
}

function growing({ bytes, each, share }: Begun, reply: FastifyReply): BodyShare {
  let held = bytes;
  return {
    grow(to) {
      if (to <= held) return null;
      held = to;
      return share.grow(each * to).catch(refuse(reply, begun));
    },
    settle: (to) => share.resize(each * to),
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

function bytesOf({ headers, routeOptions }: FastifyRequest): number {
  const said = Number(headers['content-length'] ?? (headers['transfer-encoding'] === undefined ? 0 : unsaid));
  // More than the route takes is refused unread.
  return Math.min(said, routeOptions.bodyLimit);
}

function whenOver({ raw }: FastifyReply, release: () => void): void {
  if (raw.destroyed) release();
  else raw.once('close', release);
}
