/** Requests of attackers, each on a connection of its own. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';

export interface Request {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The client leaves when it has been aborted. */
  readonly signal?: AbortSignal;
}

export interface Answer {
  /** The status, or `cut off` when the connection ended before the answer did. */
  readonly came: string;
  /** How the answer begins. */
  readonly text: string;
  /** Bytes of it. */
  readonly size: number;
}

const kept = 4_096;

export async function send(address: string, { method = 'GET', path, headers = {}, body, signal }: Request): Promise<Answer> {
  const length = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const asked = request(address + path, { method, agent: false, headers: { ...length, ...headers }, ...(signal && { signal }) });
  return await new Promise((resolve) => {
    let text = '';
    let size = 0;
    const cutOff = (): void => resolve({ came: 'cut off', text, size });
    asked.once('response', (answer) => {
      answer.on('data', (bytes: Buffer) => {
        if (size < kept) text += bytes.toString('latin1').slice(0, kept);
        size += bytes.length;
      });
      answer.once('end', () => resolve({ came: String(answer.statusCode), text, size }));
      answer.once('error', cutOff);
    });
    asked.on('error', cutOff);
    asked.end(body);
  });
}

/** So many at once, and all of them. */
export async function sendMany(address: string, count: number, requestOf: (n: number) => Request): Promise<readonly Answer[]> {
  return await Promise.all(Array.from({ length: count }, (_, n) => send(address, requestOf(n))));
}

/** What comes back before the connection ends, to bytes that are written as they are. */
export async function sendRaw(address: string, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

export const statusesIn = (text: string): readonly string[] =>
  Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status = '']) => status);
