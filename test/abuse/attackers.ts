/** Connections that behave badly. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Attack {
  /** Connections that the server has ended by now. */
  readonly ended: number;
  /** Answers that were seen, of those who read them. */
  readonly answers: number;
  stop(): void;
}

const get = (path: string, more: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

/** @param begin what each connection does first */
async function open(
  address: string,
  count: number,
  begin: (socket: Socket) => void,
): Promise<{ sockets: readonly Socket[]; ended(): number }> {
  const port = Number(new URL(address).port);
  let ended = 0;
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.once('close', () => {
      ended += 1;
    });
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) begin(socket);
  return { sockets, ended: () => ended };
}

const attackOf = ({ sockets, ended }: Awaited<ReturnType<typeof open>>, answers = () => 0): Attack => ({
  get ended() {
    return ended();
  },
  get answers() {
    return answers();
  },
  stop() {
    for (const socket of sockets) socket.destroy();
  },
});

/** Connect and say nothing. */
export const idle = async (address: string, count: number): Promise<Attack> =>
  attackOf(await open(address, count, (socket) => socket.resume()));

/** Send a byte of their bodies four times a second. */
export async function trickling(address: string, count: number): Promise<Attack> {
  const head = 'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{';
  const opened = await open(address, count, (socket) => socket.resume().write(head));
  const trickle = setInterval(() => {
    for (const socket of opened.sockets) if (socket.writable) socket.write(' ');
  }, 250);
  const attack = attackOf(opened);
  return {
    ...attack,
    stop() {
      clearInterval(trickle);
      attack.stop();
    },
  };
}

/** Ask for something large, again and again, and read nothing. */
export const deaf = async (address: string, count: number, path: string): Promise<Attack> =>
  attackOf(await open(address, count, (socket) => socket.write(get(path, '').repeat(20))));

/** Send this many requests at once, and read the answers. */
export async function pipelining(address: string, count: number, requests: number, token: string | null): Promise<Attack> {
  const bearer = token === null ? '' : `Authorization: Bearer ${token}\r\n`;
  let answers = 0;
  const opened = await open(address, count, (socket) => {
    socket.on('data', (bytes) => {
      answers += bytes.toString('latin1').split('HTTP/1.1 ').length - 1;
    });
    socket.write(get('/v1/jobs?limit=1', bearer).repeat(requests));
  });
  return attackOf(opened, () => answers);
}

/** Connect, ask and reset, `count` times, a few at once. */
export async function resetting(address: string, count: number): Promise<void> {
  const atOnce = 50;
  for (let done = 0; done < count; done += atOnce) {
    const { sockets } = await open(address, atOnce, (socket) => socket.write(get('/v1/jobs?limit=1', '').repeat(20)));
    for (const socket of sockets) socket.resetAndDestroy();
  }
}
