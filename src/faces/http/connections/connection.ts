/**
 * One connection, between the socket and Node's parser. A request is begun when the one before it is answered and its answer
 * taken; what comes meanwhile stays in the socket. A connection that the server ends is read on for a while, since the client
 * may lose an answer behind which unread bytes end the connection (RFC 9112 §9.6).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Millis } from '../../../core/duration.ts';
import type { Turns } from '../../../engine/api/turns.ts';
import { Boundary } from './boundary.ts';
import type { Discards } from './discards.ts';
import type { ConnectionLimits } from './limits.ts';

export interface Connection {
  /** Bytes came. */
  take(bytes: Buffer): void;
  /** A request's head was parsed. */
  began(request: IncomingMessage, response: ServerResponse): void;
  /** Writes this, unless an answer has begun already, and ends. */
  refuse(text: string): void;
  /** The server stops: what is under way is answered, and the connection ends behind it; at once where nothing is. */
  finish(now: Millis): void;
  /** Ends what has stalled. */
  tick(now: Millis): void;
}

const nothing = Buffer.alloc(0);
/** Pieces of one connection that are parsed without giving others their turn. */
const perTurn = 64;

export interface ConnectionParts {
  readonly socket: Socket;
  /** Gives bytes to the parser. */
  readonly parse: (bytes: Buffer) => void;
  readonly turns: Turns;
  readonly discards: Discards;
  readonly limits: ConnectionLimits;
  /** What a client is told whose request comes too slowly for a server that stops. */
  readonly stopping: string;
}

export function makeConnection({ socket, parse, turns, discards, limits, stopping }: ConnectionParts): Connection {
  const boundary = new Boundary();
  /** What came and was not parsed. */
  let rest: Buffer = nothing;
  let isHeld = false;
  /** Whether something came since the last answer. */
  let isBegun = false;
  /** Requests whose answers were not taken: one, unless the parser found an end where none is. */
  let open = 0;
  let latest: { readonly request: IncomingMessage; readonly response: ServerResponse } | null = null;
  let ending: Lingering | null = null;
  /** Since when the server stops. */
  let stopsSince: Millis | null = null;
  const stall = makeStall(socket);

  /** Gives the parser what it may have now. */
  function feed(): void {
    for (let pieces = 0; rest.length > 0 && ending === null && !socket.destroyed; pieces++) {
      const isBusy = open > 0 && latest?.request.complete === true;
      if (isBusy || pieces === perTurn) {
        isHeld = true;
        socket.pause();
        if (!isBusy) turns.wait(feed);
        return;
      }
      const length = boundary.next(rest);
      const piece = rest.subarray(0, length);
      rest = length === rest.length ? nothing : rest.subarray(length);
      isBegun = true;
      parse(piece);
    }
    if (isHeld) socket.resume();
    isHeld = false;
  }

  function answered(): void {
    open -= 1;
    if (open > 0) return;
    isBegun = false;
    if (stopsSince !== null) linger();
    else if (isHeld) turns.wait(feed);
  }

  function linger(): void {
    if (ending !== null) return;
    const { lingering } = stopsSince === null ? limits : limits.stopping;
    ending = makeLingering(socket, discards, { ...limits.lingering, ...lingering });
    rest = nothing;
    socket.end();
    socket.resume();
  }

  /** Writes this, unless an answer has begun already, and ends. */
  function refuse(text: string): void {
    if (ending !== null || !socket.writable || (open > 0 && latest?.response.headersSent === true)) {
      socket.destroy();
      return;
    }
    socket.write(text);
    linger();
  }

  /** Whether a request has begun to come and is not there. */
  const isReceiving = (): boolean => ending === null && (open === 0 || latest?.request.complete === false);

  // How Node ends a connection after its last answer.
  socket.destroySoon = linger;

  return {
    take(bytes) {
      if (ending !== null) return ending.discard(bytes.length);
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      if (isHeld) socket.pause();
      else feed();
    },
    began(request, response) {
      open += 1;
      latest = { request, response };
      boundary.began(request.headers);
      response.once('close', answered);
    },
    refuse,
    finish(now) {
      stopsSince ??= now;
      if (open === 0 && rest.length === 0 && !isBegun) linger();
      // Its head will say that the connection ends, unless it was sent already.
      if (open > 0 && latest?.response.headersSent === false) latest.response.shouldKeepAlive = false;
    },
    tick(now) {
      if (stall.lasts(now) >= limits.stalled) socket.destroy();
      else if (stopsSince !== null && isReceiving() && now - stopsSince >= limits.stopping.receiving) refuse(stopping);
      else ending?.tick(now);
    },
  };
}

/** How long the client has taken nothing of what waits for it. */
function makeStall(socket: Socket): { lasts(now: Millis): Millis } {
  let taken = -1;
  let since = 0;
  return {
    lasts(now) {
      const sent = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0 || sent !== taken) {
        taken = sent;
        since = now;
      }
      return now - since;
    },
  };
}

interface Lingering {
  discard(length: number): void;
  tick(now: Millis): void;
}

/** Counts from when the last answer has been taken. */
function makeLingering(socket: Socket, discards: Discards, { silent, most, bytes }: ConnectionLimits['lingering']): Lingering {
  let discarded = 0;
  let isWaiting = false;
  let seen = 0;
  let since: Millis | null = null;
  let heard: Millis = 0;
  const sender = {
    goOn() {
      isWaiting = false;
      socket.resume();
    },
    end: () => void socket.destroy(),
  };
  return {
    discard(length) {
      discarded += length;
      if (discarded > bytes) socket.destroy();
      else if (!isWaiting && !discards.take(length, sender)) {
        isWaiting = true;
        socket.pause();
      }
    },
    tick(now) {
      if (!socket.writableFinished) return;
      since ??= now;
      if (discarded > seen || isWaiting || heard === 0) heard = now;
      seen = discarded;
      if (now - heard >= silent || now - since >= most) socket.destroy();
    },
  };
}
