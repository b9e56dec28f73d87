/**
 * Large answers wait for their readers in memory that all connections share. A connection has one answer at a time, but there
 * may be ten thousand: when the room is taken, a large answer is refused instead, and may be asked for again.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import { piece, piecesOf } from '../pieces.ts';

/** Answers below this are always sent: a socket's own buffers hold them. */
const large = 64 * 1024;
/** What one answer that is made while it is sent holds: a page of the store, and pieces of it. */
const streamed = 1024 * 1024;

/** @param most bytes of large answers that were not taken yet, of all connections */
export function boundAnswers(app: FastifyInstance, most: number): void {
  let held = 0;

  app.addHook('onRequest', (request, reply, done) => {
    // Its answer may be as large as it is, and cannot be refused when the job is kept.
    if (held >= most && Number(request.headers['content-length'] ?? 0) >= large) {
      void reply.header('retry-after', '1');
      throw crowded();
    }
    done();
  });

  app.addHook('onSend', (request, reply, payload: unknown, done: (error: Error | null, payload?: unknown) => void) => {
    const size = sizeOf(payload);
    if (size < large) return done(null, payload);
    if (held > 0 && held + size > most && request.method === 'GET' && reply.statusCode < 400) {
      if (payload instanceof Readable) payload.destroy();
      void reply.header('retry-after', '1');
      return done(crowded());
    }
    held += size;
    reply.raw.once('close', () => {
      held -= size;
    });
    if (payload instanceof Readable) return done(null, payload);
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    if (!Buffer.isBuffer(bytes)) return done(null, payload);
    void reply.header('content-length', bytes.length);
    done(null, Readable.from(piecesOf(bytes), { objectMode: false, highWaterMark: piece }));
  });
}

function sizeOf(payload: unknown): number {
  if (payload instanceof Readable) return streamed;
  return typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0;
}

const crowded = (): HatstandError =>
  new HatstandError('overloaded', 'Too many large answers wait for slow readers. Ask again in a moment, or for less at once.');
