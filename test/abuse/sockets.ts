/** Connections that behave badly. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { makeChanges } from '../support/changes.ts';
import { statusesIn } from './sending.ts';

export interface Connections {
  /** Connections that the server has ended by now. */
  readonly ended: number;
  /** Answers that were seen, of those who read them. */
  readonly answers: number;
  /** Resolves when the server has ended all of them. */
  allEnded(): Promise<void>;
  stop(): void;
}

const get = (path: string, more: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

interface Opened {
  readonly sockets: readonly Socket[];
  ended(): number;
  allEnded(): Promise<void>;
}

/** @param begin what each connection does first */
async function open(address: string, count: number, begin: (socket: Socket) => void): Promise<Opened> {
  const port = Number(new URL(address).port);
  const { changed, seen } = makeChanges();
  let ended = 0;
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.once('close', () => {
      ended += 1;
      changed();
    });
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) begin(socket);
  return { sockets, ended: () => ended, allEnded: () => seen(() => ended === count) };
}

const connectionsOf = ({ sockets, ended, allEnded }: Opened, answers = () => 0): Connections => ({
  get ended() {
    return ended();
  },
  get answers() {
    return answers();
  },
  allEnded,
  stop() {
    for (const socket of sockets) socket.destroy();
  },
});

/** Connect and say nothing. */
export const idle = async (address: string, count: number): Promise<Connections> =>
  connectionsOf(await open(address, count, (socket) => socket.resume()));

/** Send this, and no more. */
export const halting = async (address: string, count: number, sent: string): Promise<Connections> => {
  let answers = 0;
  const opened = await open(address, count, (socket) => {
    socket.on('data', () => {
      answers += 1;
    });
    socket.write(sent);
  });
  return connectionsOf(opened, () => answers);
};

/** Send a byte of their bodies four times a second. */
export async function trickling(address: string, count: number): Promise<Connections> {
  const head = 'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{';
  const opened = await open(address, count, (socket) => socket.resume().write(head));
  const trickle = setInterval(() => {
    for (const socket of opened.sockets) if (socket.writable) socket.write(' ');
  }, 250);
  const connections = connectionsOf(opened);
  return {
    ...connections,
    get ended() {
      return connections.ended;
    },
    stop() {
      clearInterval(trickle);
      connections.stop();
    },
  };
}

/** Ask for something large, again and again, and read nothing. */
export const deaf = async (address: string, count: number, path: string): Promise<Connections> =>
  connectionsOf(await open(address, count, (socket) => socket.write(get(path, '').repeat(20))));

/** As these, but so that it can be seen when the server ends them: who reads nothing hears of that only by writing. */
export async function deafButProbing(address: string, count: number, path: string): Promise<Connections> {
  const opened = await open(address, count, (socket) => socket.write(get(path, '').repeat(20)));
  const probing = setInterval(() => {
    for (const socket of opened.sockets) if (socket.writable) socket.write('\r\n');
  }, 250);
  const connections = connectionsOf(opened);
  return {
    ...connections,
    get ended() {
      return connections.ended;
    },
    async allEnded() {
      await connections.allEnded();
      clearInterval(probing);
    },
    stop() {
      clearInterval(probing);
      connections.stop();
    },
  };
}

/** Send this many requests at once, and read the answers. */
export async function pipelining(address: string, count: number, requests: number, token: string | null): Promise<Connections> {
  const bearer = token === null ? '' : `Authorization: Bearer ${token}\r\n`;
  let answers = 0;
  const opened = await open(address, count, (socket) => {
    socket.on('data', (bytes) => {
      answers += bytes.toString('latin1').split('HTTP/1.1 ').length - 1;
    });
    socket.write(get('/v1/jobs?limit=1', bearer).repeat(requests));
  });
  return connectionsOf(opened, () => answers);
}

/** Connect, ask and reset, `count` times, a few at once. */
export async function resetting(address: string, count: number): Promise<void> {
  const atOnce = 50;
  for (let done = 0; done < count; done += atOnce) {
    const { sockets } = await open(address, atOnce, (socket) => socket.write(get('/v1/jobs?limit=1', '').repeat(20)));
    for (const socket of sockets) socket.resetAndDestroy();
  }
}

/** Sends a body that does not end. Answers the status that comes, or `cut off`. */
export async function flood(address: string, path: string): Promise<string> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const chunk = `10000\r\n${' '.repeat(0x1_0000)}\r\n`;
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  const more = (): void => {
    if (socket.writable && socket.write(chunk)) setImmediate(more);
  };
  socket.on('drain', more);
  socket.write(head);
  more();
  await once(socket, 'close');
  return statusesIn(text)[0] ?? 'cut off';
}
