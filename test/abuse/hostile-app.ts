/** Web apps that are hostile to those who send them jobs, each on a port of its own, so that no one is taken for another. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface HostileApp {
  readonly url: string;
  /** The heads of the requests that came. */
  readonly heads: readonly string[];
  close(): Promise<void>;
}

/** @param behave what it does with each request, of which the head has come */
export async function startHostileApp(behave: (socket: Socket) => void): Promise<HostileApp> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let head = '';
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      if (head.includes('\r\n\r\n')) return;
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      heads.push(head);
      behave(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heads,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const head = (...fields: readonly string[]): string =>
  `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join('')}Connection: close\r\n\r\n`;

/** Writes this first, and then `more` as long as it is taken. */
const endlessly =
  (first: string, more: string | Buffer) =>
  (socket: Socket): void => {
    const go = (): void => {
      if (socket.writable && socket.write(more)) setImmediate(go);
    };
    socket.on('drain', go);
    socket.write(first);
    go();
  };

const once_ =
  (...texts: readonly (string | Buffer)[]) =>
  (socket: Socket): void => {
    for (const text of texts) socket.write(text);
    socket.end();
  };

/** Writes a character of it every 50 ms. */
const slowly =
  (text: string) =>
  (socket: Socket): void => {
    let at = 0;
    const each = setInterval(() => {
      if (socket.writable) socket.write(text.charAt(at++ % text.length));
    }, 50);
    socket.once('close', () => clearInterval(each));
  };

const zeros = gzipSync(Buffer.alloc(16 * 1024 * 1024));
/** A gigabyte of zeros, in a megabyte. */
const bomb = Buffer.concat(Array.from({ length: 64 }, () => zeros));

export const redirect =
  (status: number, location: string) =>
  (socket: Socket): void =>
    void socket.end(`HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);

export const ok = once_(head('Content-Length: 2'), 'ok');

/** What they do, by what it is called. */
export const hostileBehaviours = {
  'answers without end': endlessly(head(), 'x'.repeat(65_536)),
  'chunks without end': endlessly(head('Transfer-Encoding: chunked'), '1\r\nx\r\n'.repeat(5_000)),
  'a chunk with extensions without end': endlessly(`${head('Transfer-Encoding: chunked')}1`, ';extension=x'.repeat(5_000)),
  'heads without end': endlessly('HTTP/1.1 200 OK\r\n', 'X-Header: value\r\n'.repeat(4_000)),
  'a header without end': endlessly('HTTP/1.1 200 OK\r\nX-Header: ', 'x'.repeat(65_536)),
  'a status line without end': endlessly('HTTP/1.1 200 ', 'x'.repeat(65_536)),
  'early hints without end': endlessly('', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(2_000)),
  'trailers without end': endlessly(`${head('Transfer-Encoding: chunked')}0\r\n`, 'X-Trailer: value\r\n'.repeat(4_000)),
  'an answer of a byte now and then': slowly(head('Content-Length: 1000000')),
  'nothing at all': () => undefined,
  'a bomb of gzip': once_(head('Content-Encoding: gzip', `Content-Length: ${bomb.length}`), bomb),
  'a bomb in a bomb': once_(head('Content-Encoding: gzip, gzip'), gzipSync(bomb)),
  'gzip that is none': once_(head('Content-Encoding: gzip'), 'no gzip'),
  'two lengths': once_(head('Content-Length: 2', 'Content-Length: 2000'), 'ok'),
  'a length of a terabyte': once_(head('Content-Length: 1000000000000'), 'ok'),
  'no HTTP': once_(Buffer.from([0, 1, 2, 3, 254, 255])),
  'two answers': once_(`${head('Content-Length: 2')}ok${head('Content-Length: 2')}no`),
  'an upgrade': once_('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
} as const satisfies Readonly<Record<string, (socket: Socket) => void>>;
