/**
 * Large bodies on their way in, and while they are worked on, take memory that all connections share: who comes when it is
 * taken waits, which costs nothing, since its bytes stay with the client, and is refused before anything is read.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import { makeRoom } from './room.ts';

/** Smaller ones are always read. */
const large = 64 * 1024;
/** What is taken for a body that does not say its length: most are short. */
const unsaid = 2 * 1024 * 1024;

/** @param most bytes of bodies that are being received or worked on, of all connections */
export function boundBodies(app: FastifyInstance, most: number): void {
  const room = makeRoom(
    most,
    'Too many large requests are under way. Nothing of this one was read: send it again in a moment, or in parts.',
  );
  app.addHook('preParsing', async (request, reply) => {
    const bytes = bytesOf(request);
    if (bytes < large) return;
    // The bytes, and the text that is made of them.
    const share = await room.await(2 * bytes).catch((error: unknown) => {
      if (error instanceof HatstandError) void reply.header('retry-after', '1');
      throw error;
    });
    whenOver(reply, share.release);
  });
}

function bytesOf({ headers, routeOptions }: FastifyRequest): number {
  const said = Number(headers['content-length'] ?? (headers['transfer-encoding'] === undefined ? 0 : unsaid));
  // More than the route takes is refused unread.
  return Math.min(said, routeOptions.bodyLimit);
}

function whenOver({ raw }: FastifyReply, release: () => void): void {
  if (raw.destroyed) release();
  else raw.once('close', release);
}
