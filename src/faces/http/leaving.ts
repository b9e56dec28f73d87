/** What takes long to answer ends with its client, and what would outlast a stop ends with the server. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { HatstandError } from '../../core/errors.ts';

export const shuttingDown = 'The server is shutting down; ask again when it is back, or another node.';

/** Nobody reads it. */
export const goneAlready = (): HatstandError => new HatstandError('unreachable', 'The client has left before it was answered.');

/** Aborted when the client goes away before it was answered. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const leave = (): void => gone.abort(goneAlready());
  if (reply.raw.destroyed) leave();
  else reply.raw.once('close', leave);
  return gone.signal;
}

/** Answers what makes the signal of a request that is aborted as well when the server stops. */
export function makeLeaving(app: FastifyInstance): (reply: FastifyReply) => AbortSignal {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort(new HatstandError('shutting_down', shuttingDown)));
  return (reply) => AbortSignal.any([closing.signal, goneSignal(reply)]);
}
