/** What the tests of the HTTP executor share: jobs, and workers that are real servers, well-behaved (node:http) or not (node:net). */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { type HttpRules, type Job, type JobOptions, type JobResult, noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { noRetry } from '../core/retry.ts';
import type { StopReason } from '../ports/executor.ts';
import { type HttpExecutor, makeHttpExecutor } from './http.ts';

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

/** What a test opens. */
export interface Opened {
  worker: TestWorker | null;
  executor: HttpExecutor | null;
}

/** Closed and forgotten after each test of the file. */
export function opened(): Opened {
  const open: Opened = { worker: null, executor: null };
  afterEach(async () => {
    await open.executor?.close();
    await open.worker?.close();
    open.executor = null;
    open.worker = null;
  });
  return open;
}

/** Bytes of an answer that `poster`'s executor keeps. */
export const outputBytes = 1_000;

type Post = (answer: (socket: Socket, request: string) => void, wishes?: JobWishes, signal?: AbortSignal) => Promise<Outcome>;

/** One attempt against a worker that answers so. */
export function poster(open: Opened): Post {
  return async (answerTo, wishes = {}, signal = unstopped()) => {
    open.worker = await startRawWorker(answerTo);
    open.executor = makeHttpExecutor({ version: '1', outputBytes });
    return await open.executor.run(aJob(open.worker.url, wishes), signal);
  };
}

export function resultOf(outcome: Outcome): JobResult {
  if (outcome.kind === 'returned') throw new Error('the attempt was returned');
  return outcome.result;
}

export const answer = (text: string) => (socket: Socket) => void socket.write(text, 'latin1');
export const answerAndEnd = (text: string) => (socket: Socket) => void socket.end(text, 'latin1');

/** Writes until the other side closes. */
export function flood(socket: Socket, text: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(text));
  };
  socket.on('drain', more);
  more();
}
