/** What the tests of the HTTP executor share: jobs, and workers that are real servers, well-behaved (node:http) or not (node:net). */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from 'node:net';
import type { HttpRules, Job, JobOptions } from '../core/job.ts';
import { noResult } from '../core/job.ts';
import { noRetry } from '../core/retry.ts';
import type { StopReason } from '../ports/executor.ts';

export interface JobWishes {
  readonly rules?: HttpRules;
  readonly payload?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeout?: number;
}

export const jobId = '1044983022764752896';

export function aJob(url: string, { rules = 'hq', payload = null, headers, timeout }: JobWishes = {}): Job {
  const options: JobOptions = { timeout: timeout ?? null, retry: noRetry, onLost: 'retry', rules };
  return {
    domain: '',
    queue: 'default',
    worker: 'http',
    name: 'default',
    comment: '',
    manual: false,
    priority: 0,
    payload,
    url,
    headers: headers ?? null,
    options,
    owner: '',
    limit: '',
    about: null,
    id: jobId,
    state: 'running',
    reason: '',
    createdAt: 0,
    dueAt: 0,
    startedAt: 0,
    endedAt: null,
    run: 2,
    attempt: 1,
    lost: 0,
    fence: '1795312800000001',
    holder: 'test',
    result: noResult,
  };
}

/** A signal that nobody aborts. */
export const unstopped = (): AbortSignal => new AbortController().signal;

export function stopper(): { readonly signal: AbortSignal; stop(reason: StopReason): void } {
  const controller = new AbortController();
  return { signal: controller.signal, stop: (reason) => controller.abort(reason) };
}

/** A request as it came. */
export interface Received {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn, as they stood on the wire. */
  readonly raw: readonly string[];
  readonly body: string;
}

export interface TestWorker {
  readonly port: number;
  readonly url: string;
  readonly received: readonly Received[];
  /** Connections accepted so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Every value that a header came with, in order. */
export function valuesOf(request: Received | undefined, name: string): readonly string[] {
  const raw = request?.raw ?? [];
  return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name.toLowerCase());
}

/** Answers once the body is there. */
export async function startWorker(answer: (request: Received, response: ServerResponse) => void): Promise<TestWorker> {
  const received: Received[] = [];
  const listener: RequestListener = (incoming, response) => {
    void bodyOf(incoming).then((body) => {
      const request = { method: incoming.method ?? '', url: incoming.url ?? '', raw: incoming.rawHeaders, body };
      received.push(request);
      answer(request, response);
    });
  };
  return await started(createServer(listener), received);
}

/** Answers the bytes of each request's first chunk with whatever it likes. */
export async function startRawWorker(answer: (socket: Socket, request: string) => void): Promise<TestWorker> {
  const server = createRawServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => answer(socket, chunk.toString('latin1')));
  });
  return await started(server, []);
}

async function started(server: Server, received: readonly Received[]): Promise<TestWorker> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    received,
    connections: () => connections,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
