/** A client that writes what it likes and reads when it likes. */
import { connect, type Socket } from 'node:net';

export interface Client {
  readonly socket: Socket;
  /** All that came until the server ended the connection. */
  readonly all: Promise<string>;
  /** Resolves once this has come so many times. */
  came(what: string, times?: number): Promise<void>;
}

const close = 'Connection: close\r\n';

export const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
export const lastGet = (path: string): string => get(path, close);
export const post = (path: string, body: string, more = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
export const chunked = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** Reads all that comes. */
export function reader(port: number): Client {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let text = '';
  const looks = new Set<() => void>();
  socket.on('data', (bytes) => {
    text += String(bytes);
    for (const look of looks) look();
  });
  return {
    socket,
    all: new Promise((resolve) => socket.once('close', () => resolve(text))),
    came: (what, times = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (text.split(what).length > times) resolve();
        };
        looks.add(look);
        look();
      }),
  };
}

/** Reads nothing until it is resumed. */
export function deaf(port: number, sent: string): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(sent);
  return socket;
}

export const statusesOf = (text: string): readonly number[] =>
  Array.from(text.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => Number(status));
