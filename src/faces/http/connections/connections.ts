/** All connections of a server: each has its share, and there are only so many. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Millis } from '../../../core/duration.ts';
import { makeTurns } from '../../../engine/api/turns.ts';
import { type Connection, makeConnection } from './connection.ts';
import { makeDiscards } from './discards.ts';
import type { ConnectionLimits } from './limits.ts';

export interface Connections {
  /** Answers what is no request, unless the client is gone (`null`), and ends the connection. */
  refuse(socket: Socket, text: string | null): void;
  /** The server stops: the answers under way are the last ones. */
  finish(now: Millis): void;
  /** Ends what has stalled. */
  tick(now: Millis): void;
}

/** What clients are told, whole answers. */
export interface LastAnswers {
  /** There are as many connections as there may be. */
  readonly full: string;
  readonly stopping: string;
}

/** Above the limit, so that clients can be told; still more are closed without a word. */
const told = 100;

export function shareOut(server: Server, limits: ConnectionLimits, { full, stopping }: LastAnswers): Connections {
  const all = new Map<Socket, Connection>();
  const turns = makeTurns((call) => void setImmediate(call));
  const discards = makeDiscards();
  let isStopping = false;
  server.maxConnections = limits.connections + told;
  // `finish` ends them. Node, when it closes, would also cut off answers that were written and not taken yet.
  server.closeIdleConnections = () => {};

  server.on('connection', (socket) => {
    // Node's parser listens by now; bytes come to it through here.
    const parsers = socket.listeners('data');
    socket.removeAllListeners('data');
    const parse = (bytes: Buffer): void => {
      for (const parser of parsers) parser.call(socket, bytes);
    };
    const connection = makeConnection({ socket, parse, turns, discards, limits, stopping });
    socket.on('data', connection.take);
    all.set(socket, connection);
    socket.once('close', () => all.delete(socket));
    if (isStopping) connection.refuse(stopping);
    else if (all.size > limits.connections) connection.refuse(full);
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
    all.get(request.socket)?.began(request, response),
  );

  return {
    refuse(socket, text) {
      const connection = all.get(socket);
      if (connection === undefined || text === null) socket.destroy();
      else connection.refuse(text);
    },
    finish(now) {
      isStopping = true;
      for (const connection of all.values()) connection.finish(now);
    },
    tick(now) {
      for (const connection of all.values()) connection.tick(now);
    },
  };
}
