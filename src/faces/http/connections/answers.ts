/**
 * Large answers wait for their readers in memory that all connections share. A connection has one answer at a time, but there
 * may be ten thousand: when the room is taken, lists and exports wait for it, and then are refused; so is any other large answer.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import { piece, piecesOf } from '../pieces.ts';
import { makeOutlets, type Outlet } from './outlet.ts';
import { makeRoom, type Share } from './room.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its answer is made while it is sent, and as long as there is something to send. */
    readonly streams?: boolean;
    /** Its answer goes on for as long as its client listens, piece by piece, through its outlet. */
    readonly goesOn?: boolean;
    /** What its answer brings is taken back when that is not sent. */
    readonly takesBack?: boolean;
  }
  interface FastifyReply {
    /** What its answer takes of the memory for large ones. */
    share: Share | null;
    /** Of an answer that goes on. */
    outlet: Outlet | null;
  }
}

const told = 'Too many large answers wait for slow readers. Ask again in a moment, or for less at once.';

type Done = (error: Error | null, payload?: unknown) => void;

/** Answers below this are always sent: the system's own buffers hold them. */
const large = 64 * 1024;
/** What an answer that is made while it is sent may hold: a page of the store, its text, and pieces of that. */
const streamed = 4 * 1024 * 1024;

/** @param most bytes of large answers that were not taken yet, of all connections */
export function boundAnswers(app: FastifyInstance, most: number): void {
  const room = makeRoom(most, told);
  app.decorateReply('share', null);
  const outletOf = makeOutlets(room, large);
  app.decorateReply('outlet', null);

  /** Until the answer is taken, or its client is gone. */
  function keep(reply: FastifyReply, share: Share): void {
    reply.share = share;
    if (reply.raw.destroyed) share.release();
    else reply.raw.once('close', share.release);
  }

  async function waitForRoom(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const share = await room.await(streamed).catch(() => null);
    if (share === null) throw refused(reply);
    keep(reply, share);
  }

  async function giveOutlet(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.outlet = outletOf(reply.raw);
  }

  function bound(request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done): void {
    const size = request.routeOptions.config.goesOn === true ? 0 : sizeOf(payload);
    if (reply.share !== null) reply.share.resize(size);
    else if (size >= large) {
      if (isRefusable(request, reply) && !room.fits(size)) {
        done(refused(reply));
        return;
      }
      keep(reply, room.take(size));
    }
    reply.turn?.release();
    const isLongText = size >= large && !(payload instanceof Readable);
    // To a client that has left no stream comes to its end.
    if (isLongText && reply.raw.destroyed) done(null, '');
    else done(null, isLongText ? inPieces(reply, payload) : payload);
  }

  app.addHook('onRoute', (route) => {
    if (route.config?.streams === true) route.preHandler = [waitForRoom];
    if (route.config?.goesOn === true) route.preHandler = [giveOutlet];
    // Behind all hooks of the APIs: what they make of an answer is what is sent.
    route.onSend = [bound];
  });
  app.addHook('onRequest', (request, reply, done) => {
    // A push may be answered with as much as came, and cannot be refused once it is kept.
    if (room.isFull && Number(request.headers['content-length'] ?? 0) >= large) throw refused(reply);
    done();
  });
}

function sizeOf(payload: unknown): number {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload.length;
  return payload instanceof Readable ? streamed : 0;
}

/** What only looked may be asked for again, and what is taken back. */
const isRefusable = ({ method, routeOptions: { config } }: FastifyRequest, { statusCode }: FastifyReply): boolean =>
  (method === 'GET' || config.takesBack === true) && statusCode < 400;

/** So that what the reader has taken can be seen. A text becomes bytes piece by piece, as it is taken. */
function inPieces(reply: FastifyReply, payload: unknown): unknown {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
  void reply.header('content-length', Buffer.byteLength(payload));
  return Readable.from(piecesOf(payload), { objectMode: false, highWaterMark: piece });
}

/** Whoever takes no answers has no further ones made: its connection ends with what else it has asked for. */
function refused(reply: FastifyReply): Error {
  void reply.header('retry-after', '1').header('connection', 'close');
  return new HatstandError('overloaded', told);
}
