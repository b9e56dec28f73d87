/** Workers that misbehave, over real sockets: each ends as one outcome, and the connection is closed. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { StopReason } from '../ports/executor.ts';
import {
  aJob,
  answer,
  answerAndEnd,
  flood,
  type JobWishes,
  opened,
  outputBytes,
  poster,
  resultOf,
  startRawWorker,
  startWorker,
  stopper,
  unstopped,
} from './http.suite.ts';
import { makeHttpExecutor } from './http.ts';

const open = opened();
const post = poster(open);
const asked = (cause: string): string => `failed to do http request: Post "${open.worker?.url}": ${cause}`;

describe('an answer that does not come', () => {
  it('fails when nobody listens', async () => {
    const gone = await startRawWorker(() => undefined);
    await gone.close();
    open.executor = makeHttpExecutor({ version: '1' });
    const outcome = await open.executor.run(aJob(gone.url), unstopped());
    const error = `failed to do http request: Post "${gone.url}": dial tcp 127.0.0.1:${gone.port}: connect: connection refused`;
    expect(outcome).toEqual({ kind: 'failed', result: { ...noResult, error, cause: 'refused' } });
    const v1 = await open.executor.run(aJob(gone.url, { rules: 'v1' }), unstopped());
    expect(resultOf(v1).error).toBe(`The worker gave no answer: dial tcp 127.0.0.1:${gone.port}: connect: connection refused`);
  });

  it('fails when the name does not exist', async () => {
    open.executor = makeHttpExecutor({ version: '1' });
    const outcome = await open.executor.run(aJob('http://nowhere.invalid/'), unstopped());
    expect(resultOf(outcome).error).toMatch(
      /^failed to do http request: Post "http:\/\/nowhere\.invalid\/": dial tcp: lookup nowhere\.invalid: /,
    );
  });

  it('fails when the worker speaks no TLS', async () => {
    open.worker = await startWorker((_, response) => response.end());
    open.executor = makeHttpExecutor({ version: '1' });
    const url = `https://127.0.0.1:${open.worker.port}/`;
    const outcome = await open.executor.run(aJob(url), unstopped());
    expect(resultOf(outcome).error).toBe(`failed to do http request: Post "${url}": http: server gave HTTP response to HTTPS client`);
  });

  it('fails when the worker hangs up', async () => {
    const outcome = await post((socket) => socket.end());
    expect(outcome).toEqual({ kind: 'failed', result: { ...noResult, error: asked('EOF'), cause: 'reset' } });
  });

  it('fails when the worker resets the connection', async () => {
    const outcome = await post((socket) => socket.resetAndDestroy());
    expect(resultOf(outcome).error).toBe(asked('read: connection reset by peer'));
  });

  it('fails when the worker hangs up in the middle of the head', async () => {
    const outcome = await post(answerAndEnd('HTTP/1.1 200 OK\r\nContent-'));
    expect(resultOf(outcome).error).toBe(asked('unexpected EOF'));
  });

  it('fails at the timeout', async () => {
    const outcome = await post(() => undefined, { timeout: 50 });
    expect(resultOf(outcome)).toMatchObject({
      statusCode: null,
      error: asked('context deadline exceeded (Client.Timeout exceeded while awaiting headers)'),
    });
  });

  it('fails at the timeout although a byte comes now and then', async () => {
    const head = 'HTTP/1.1 200 OK\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    const drip = (socket: Socket): void => {
      let sent = 0;
      const timer = setInterval(() => socket.write(head[sent++] ?? 'a'), 5);
      socket.on('close', () => clearInterval(timer));
    };
    const outcome = await post(drip, { rules: 'v1', timeout: 60 });
    expect(resultOf(outcome)).toMatchObject({ statusCode: null, error: 'The worker did not answer within 60ms' });
  });
});

describe('an answer that is not HTTP', () => {
  const broken: Readonly<Record<string, string>> = {
    'has no status line': 'hello\r\n\r\n',
    'has a broken status': 'HTTP/1.1 abc OK\r\n\r\n',
    'is HTTP/0.9': '<html>hello</html>',
    'has two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc',
    'has a length and chunks': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
    'has a header of 200 kB': `HTTP/1.1 200 OK\r\nX-Large: ${'a'.repeat(200_000)}\r\n\r\n`,
    'switches protocols': 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n',
    'announces itself without end': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1_000),
  };
  for (const [what, text] of Object.entries(broken)) {
    for (const rules of ['hq', 'v1'] as const) {
      it(`fails when it ${what} (${rules})`, async () => {
        const closed = Promise.withResolvers<void>();
        const outcome = await post(
          (socket) => {
            socket.on('close', () => closed.resolve());
            socket.write(text);
          },
          { rules },
        );
        expect(outcome.kind).toBe('failed');
        expect(resultOf(outcome).statusCode).toBe(null);
        expect(resultOf(outcome).error.length).toBeGreaterThan(20);
        await closed.promise;
      });
    }
  }
});

describe('a body that breaks off', () => {
  const read = (cause: string): string => `failed to read http response body: ${cause}`;
  const cutOff: readonly (readonly [string, string, string])[] = [
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart', 'unexpected EOF'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\npart', 'unexpected EOF'],
    ['after a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n', 'unexpected EOF'],
    [
      'in a chunk of a closing connection',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n8\r\npart',
      'unexpected EOF',
    ],
  ];
  for (const [how, text, cause] of cutOff) {
    it(`fails ${how}, its text dropped by HQ's rules and kept under /v1`, async () => {
      const hq = await post(answerAndEnd(text));
      expect(hq).toEqual({ kind: 'failed', result: { ...noResult, statusCode: 200, error: read(cause), cause: 'reset' } });
      const v1 = await open.executor?.run(aJob(open.worker?.url ?? '', { rules: 'v1' }), unstopped());
      expect(v1).toEqual({
        kind: 'failed',
        result: { ...noResult, statusCode: 200, output: 'part', error: `The worker's answer was not complete: ${cause}`, cause: 'reset' },
      });
    });
  }

  it('fails when a chunk has no size', async () => {
    const outcome = await post(answer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n'));
    expect(resultOf(outcome)).toMatchObject({ statusCode: 200, output: '' });
    expect(resultOf(outcome).error).toMatch(/^failed to read http response body: malformed/);
  });

  it('fails at the timeout with the status that had come', async () => {
    const outcome = await post(answer('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart'), { timeout: 400 });
    const error = read('context deadline exceeded (Client.Timeout or context cancellation while reading body)');
    expect(resultOf(outcome)).toEqual({ ...noResult, statusCode: 200, error, cause: 'timeout' });
  });

  it('is complete without a length when the connection closes', async () => {
    const outcome = await post(answerAndEnd('HTTP/1.0 200 OK\r\n\r\nwhole'));
    expect(outcome).toMatchObject({ kind: 'succeeded', result: { output: 'whole' } });
  });
});

describe('a body without end', () => {
  const full = { kind: 'succeeded', result: { ...noResult, statusCode: 200, output: 'a'.repeat(outputBytes), outputCut: true } };

  it('is read up to the cap, then the connection is closed', async () => {
    const closed = Promise.withResolvers<void>();
    const outcome = await post((socket) => {
      socket.on('close', () => closed.resolve());
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      flood(socket, `400\r\n${'a'.repeat(1_024)}\r\n`);
    });
    expect(outcome).toEqual(full);
    await closed.promise;
  });

  it('is read up to the cap when it ends with the connection', async () => {
    expect(await post(answerAndEnd(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${'a'.repeat(5_000)}`))).toEqual(full);
    expect(await post(answerAndEnd(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5000\r\n\r\n${'a'.repeat(5_000)}`))).toEqual(
      full,
    );
  });

  it('fails when the status does', async () => {
    const outcome = await post((socket) => {
      socket.write('HTTP/1.1 500 No\r\nConnection: close\r\n\r\n');
      flood(socket, 'a'.repeat(1_024));
    });
    expect(outcome).toEqual({
      kind: 'failed',
      result: { ...full.result, statusCode: 500, error: 'Internal Server Error', cause: 'answer' },
    });
  });

  it('of a redirect does not keep it from being followed', async () => {
    const outcome = await post((socket, request) => {
      if (request.startsWith('GET /end')) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK');
      } else {
        socket.write('HTTP/1.1 303 See Other\r\nLocation: /end\r\nConnection: close\r\n\r\n');
        flood(socket, 'a'.repeat(1_024));
      }
    });
    expect(resultOf(outcome)).toMatchObject({ statusCode: 200, output: 'OK' });
  });
});

describe('a body in pieces of a byte', () => {
  const inPieces = (body: Buffer): string => [...body].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join('');

  it.each([
    ['as it is', (text: string) => Buffer.from(text), ''],
    ['with gzip', (text: string) => gzipSync(text, { level: 0 }), 'Content-Encoding: gzip\r\n'],
  ])('%s, is whole, however many of them come in a turn', async (_, coded, header) => {
    const text = 'abcdefgh'.repeat(4_000);
    const body = inPieces(coded(text));
    open.worker = await startRawWorker(answer(`HTTP/1.1 200 OK\r\n${header}Transfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`));
    open.executor = makeHttpExecutor({ version: '1' });
    expect(resultOf(await open.executor.run(aJob(open.worker.url), unstopped()))).toMatchObject({ output: text, error: '' });
  });
});

describe('a gzip body', () => {
  async function postGzip(body: Buffer, wishes: JobWishes = {}): Promise<Outcome> {
    open.worker = await startWorker((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body));
    open.executor = makeHttpExecutor({ version: '1', outputBytes });
    return await open.executor.run(aJob(open.worker.url, wishes), unstopped());
  }

  it('is decoded', async () => {
    expect(resultOf(await postGzip(gzipSync('größer')))).toMatchObject({ output: 'größer', outputCut: false });
  });

  it('may be empty', async () => {
    expect(resultOf(await postGzip(Buffer.alloc(0)))).toMatchObject({ statusCode: 200, output: '', error: '' });
  });

  it('is kept up to the cap when it is a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000, 'a'));
    const before = process.memoryUsage.rss();
    expect(await postGzip(bomb)).toEqual({
      kind: 'succeeded',
      result: { ...noResult, statusCode: 200, output: 'a'.repeat(outputBytes), outputCut: true },
    });
    expect(process.memoryUsage.rss() - before).toBeLessThan(50_000_000);
  });

  it('fails when it breaks off', async () => {
    const whole = gzipSync('a text that is long enough to be cut');
    const outcome = await postGzip(whole.subarray(0, whole.length - 12));
    expect(resultOf(outcome)).toMatchObject({ statusCode: 200, output: '', error: 'failed to read http response body: unexpected EOF' });
  });

  it('fails when it is none', async () => {
    const outcome = await postGzip(Buffer.from('plain text'));
    expect(resultOf(outcome)).toMatchObject({ statusCode: 200, error: 'failed to read http response body: gzip: invalid header' });
  });

  it('stays as it is when the job asked for its own encoding', async () => {
    const outcome = await postGzip(Buffer.from('plain text'), { headers: { 'accept-encoding': 'identity' } });
    expect(resultOf(outcome)).toMatchObject({ statusCode: 200, output: 'plain text' });
  });
});

describe('a stop', () => {
  const canceled = { kind: 'failed', result: { statusCode: null, output: '', outputCut: false } };
  const stops: readonly (readonly [StopReason, object])[] = [
    ['canceled', canceled],
    ['timeout', canceled],
    ['shutdown', { kind: 'returned' }],
    ['lost', { kind: 'returned' }],
  ];
  for (const [reason, expected] of stops) {
    it(`because of "${reason}" closes the connection at once`, async () => {
      const { signal, stop } = stopper();
      const closed = Promise.withResolvers<void>();
      const outcome = await post(
        (socket) => {
          socket.on('close', () => closed.resolve());
          stop(reason);
        },
        {},
        signal,
      );
      expect(outcome).toMatchObject(expected);
      if (reason === 'canceled') expect(resultOf(outcome).error).toBe(asked('context canceled'));
      await closed.promise;
    });
  }

  it('in the body keeps the status, and under /v1 the text', async () => {
    const { signal, stop } = stopper();
    // More than the system's buffers hold: once it is written, the executor has read some of it.
    const large = Buffer.alloc(32 * 1024 * 1024, 'a');
    open.worker = await startWorker((_, response) => response.write(large, () => stop('canceled')));
    open.executor = makeHttpExecutor({ version: '1', outputBytes: 2 * large.length });
    const outcome = await open.executor.run(aJob(open.worker.url, { rules: 'v1' }), signal);
    expect(resultOf(outcome)).toMatchObject({ statusCode: 200, error: 'The attempt was canceled' });
    expect(resultOf(outcome).output).toMatch(/^aaaa/);
  });

  it('before the start sends nothing', async () => {
    const { signal, stop } = stopper();
    stop('canceled');
    open.worker = await startWorker((_, response) => response.end());
    open.executor = makeHttpExecutor({ version: '1' });
    expect(await open.executor.run(aJob(open.worker.url), signal)).toMatchObject(canceled);
    expect(open.worker.connections()).toBe(0);
  });

  it('while connecting sends nothing', async () => {
    const { signal, stop } = stopper();
    open.worker = await startWorker((_, response) => response.end());
    open.executor = makeHttpExecutor({ version: '1' });
    const running = open.executor.run(aJob(open.worker.url), signal);
    stop('shutdown');
    expect(await running).toEqual({ kind: 'returned' });
    expect(await open.executor.run(aJob(open.worker.url), unstopped())).toMatchObject({ kind: 'succeeded' });
    expect(open.worker.received).toHaveLength(1);
  });

  it('after the answer changes nothing', async () => {
    const { signal, stop } = stopper();
    open.worker = await startWorker((_, response) => response.end('OK'));
    open.executor = makeHttpExecutor({ version: '1' });
    const outcome = await open.executor.run(aJob(open.worker.url), signal);
    stop('canceled');
    expect(outcome).toMatchObject({ kind: 'succeeded', result: { output: 'OK' } });
  });

  it('of the executor returns what is under way', async () => {
    const arrived = Promise.withResolvers<void>();
    open.worker = await startRawWorker(() => arrived.resolve());
    open.executor = makeHttpExecutor({ version: '1' });
    const running = open.executor.run(aJob(open.worker.url), unstopped());
    await arrived.promise;
    await open.executor.close();
    expect(await running).toEqual({ kind: 'returned' });
  });
});

describe('a kept-alive connection that the worker closes as it is used again', () => {
  /** Answers the first request of its first connection, and closes that one at the second. */
  async function run(rules: 'hq' | 'v1', close: (socket: Socket) => void): Promise<Outcome> {
    const used = new Set<Socket>();
    open.worker = await startRawWorker((socket) => {
      if (used.size === 1 && used.has(socket)) {
        close(socket);
      } else {
        used.add(socket);
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK');
      }
    });
    open.executor = makeHttpExecutor({ version: '1' });
    await open.executor.run(aJob(open.worker.url, { rules }), unstopped());
    await once(setImmediateSoon(), 'abort');
    return await open.executor.run(aJob(open.worker.url, { rules }), unstopped());
  }

  /** undici hands a connection back in the next turn of the event loop. */
  function setImmediateSoon(): AbortSignal {
    const turn = new AbortController();
    setImmediate(() => setImmediate(() => turn.abort()));
    return turn.signal;
  }

  it('is asked again under /v1, where the idempotency key allows it', async () => {
    expect(await run('v1', (socket) => socket.end())).toMatchObject({ kind: 'succeeded' });
    expect(open.worker?.connections()).toBe(2);
  });

  it('is asked again when it was reset', async () => {
    expect(await run('v1', (socket) => socket.resetAndDestroy())).toMatchObject({ kind: 'succeeded' });
  });

  it("is not asked again by HQ's rules", async () => {
    expect(await run('hq', (socket) => socket.end())).toMatchObject({ kind: 'failed', result: { error: asked('EOF') } });
  });
});
