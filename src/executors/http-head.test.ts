/** Answers that HTTP allows (RFC 9110, RFC 9112), over real sockets: each is taken, at once and byte for byte. */
import { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { aJob, answer, answerAndEnd, flood, opened, outputBytes, poster, resultOf, startRawWorker, unstopped } from './http.suite.ts';
import { makeHttpExecutor } from './http.ts';
import { easeHeads } from './http-head.ts';

const open = opened();
const post = poster(open);

describe('an answer as HTTP allows it', () => {
  const length = 'Content-Length: 2\r\n';
  const ok = `HTTP/1.1 200 OK\r\n${length}\r\nOK`;
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n';
  const gzipped = (codings: string, body: Buffer): string =>
    `HTTP/1.1 200 OK\r\n${codings}Content-Length: ${body.length}\r\n\r\n${body.toString('latin1')}`;
  const once = gzipSync('OK');
  const allowed: Readonly<Record<string, string>> = {
    'after 100 Continue': `HTTP/1.1 100 Continue\r\n\r\n${ok}`,
    'after 100 with fields': `HTTP/1.1 100 Continue\r\nX-A: b\r\nDate: c\r\n\r\n${ok}`,
    'after 100 without a phrase': `HTTP/1.1 100\r\n\r\n${ok}`,
    'after 102 Processing': `HTTP/1.1 102 Processing\r\n\r\n${ok}`,
    'after an early hint': `HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n${ok}`,
    'after an interim answer that nobody knows': `HTTP/1.1 199 Anything\r\n\r\n${ok}`,
    'after many interim answers': `${'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20)}${ok}`,
    'without a phrase': `HTTP/1.1 200 \r\n${length}\r\nOK`,
    'with blanks around values': 'HTTP/1.1 200 OK\r\nContent-Length: \t 2 \t \r\nX-A:\t\r\n\r\nOK',
    'with a name in capitals': 'HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 2\r\n\r\nOK',
    'with a folded value': `HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\n\tc\r\n${length}\r\nOK`,
    'with bytes beyond ASCII in a value': `HTTP/1.1 200 OK\r\nX-Old: caf\u00e9\r\n${length}\r\nOK`,
    'in chunks': `${chunked}\r\n1\r\nO\r\n1\r\nK\r\n0\r\n\r\n`,
    'in chunks with extensions': `${chunked}\r\n1;a\r\nO\r\n1;b=c;d="e f"\r\nK\r\n0;x=y\r\n\r\n`,
    'in chunks with sizes of other forms': `${chunked}\r\n001\r\nO\r\n1\r\nK\r\n000\r\n\r\n`,
    'with trailers': `${chunked}Trailer: X-A\r\n\r\n2\r\nOK\r\n0\r\nX-A: b\r\nX-B: c\r\n\r\n`,
    'coded with gzip': gzipped('Content-Encoding: gzip\r\n', once),
    'coded with x-gzip': gzipped('Content-Encoding: X-GZIP \r\n', once),
    'coded with gzip and identity': gzipped('Content-Encoding: gzip, identity\r\n', once),
    'coded twice': gzipped('Content-Encoding: gzip,\tgzip\r\n', gzipSync(once)),
    'coded twice in two lines': gzipped('Content-Encoding: gzip\r\nContent-Encoding: , gzip,\r\n', gzipSync(once)),
    'not coded at all': gzipped('Content-Encoding: identity\r\n', Buffer.from('OK')),
  };
  for (const [how, text] of Object.entries(allowed)) {
    it(`is taken ${how}, at once and byte for byte`, async () => {
      expect(resultOf(await post(answer(text), { rules: 'v1' }))).toMatchObject({ statusCode: 200, output: 'OK', error: '' });
      await open.worker?.close();
      const inBytes = (socket: Socket): void => {
        socket.setNoDelay(true);
        const next = (at: number): void => {
          if (at < text.length) socket.write(text.charAt(at), 'latin1', () => setImmediate(next, at + 1));
        };
        next(0);
      };
      expect(resultOf(await post(inBytes, { rules: 'v1' }))).toMatchObject({ statusCode: 200, output: 'OK', error: '' });
    });
  }

  const ending: Readonly<Record<string, string>> = {
    'of HTTP/1.0': 'HTTP/1.0 200 OK\r\n\r\nOK',
    'that closes the connection': 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nOK',
    'without a length': 'HTTP/1.1 200 OK\r\n\r\nOK',
  };
  for (const [how, text] of Object.entries(ending)) {
    it(`${how} is complete with the end of the connection`, async () => {
      expect(resultOf(await post(answerAndEnd(text)))).toMatchObject({ statusCode: 200, output: 'OK', error: '' });
    });
  }

  const empty: Readonly<Record<string, readonly [number, string]>> = {
    '204': [204, 'HTTP/1.1 204 No Content\r\n\r\n'],
    '204 with a length': [204, 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'],
    '205': [205, 'HTTP/1.1 205 Reset Content\r\n\r\n'],
    '205 with a length': [205, 'HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n'],
    '205 in chunks': [205, 'HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    '304': [304, 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'],
    '304 with the length of what was not sent': [304, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n'],
    '200 of no length': [200, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    '200 of no length, coded': [200, 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n'],
  };
  for (const [what, [statusCode, text]] of Object.entries(empty)) {
    it(`has no body when it is ${what}, although the connection stays`, async () => {
      const outcome = await post(answer(text), { rules: 'v1', timeout: 5_000 });
      expect(resultOf(outcome)).toMatchObject({ statusCode, output: '', cause: statusCode === 304 ? 'answer' : null });
    });
  }

  it('that goes on with 100 for ever is none', async () => {
    const outcome = await post((socket) => flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n'), { rules: 'v1' });
    expect(resultOf(outcome)).toMatchObject({ statusCode: null, cause: 'malformed' });
  });

  it('is taken for each request of a connection, whatever the bodies look like', async () => {
    const text = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n`;
    open.worker = await startRawWorker(answer(text));
    open.executor = makeHttpExecutor({ version: '1', outputBytes });
    for (let i = 0; i < 3; i++) {
      const outcome = await open.executor.run(aJob(open.worker.url, { rules: 'v1' }), unstopped());
      expect(resultOf(outcome)).toMatchObject({ statusCode: 200, output: 'HTTP/1.1 100 Continue\r\n\r\n' });
    }
  });

  it('in a coding that was not offered is kept as it came', async () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Encoding: br, gzip\r\nContent-Length: 2\r\n\r\n??';
    expect(resultOf(await post(answer(text)))).toMatchObject({ statusCode: 200, output: '??', error: '' });
  });
});

describe('what an app has sent', () => {
  /** A connection on which so many bytes have come. */
  function come(bytes: number): Socket {
    const socket = new Socket();
    easeHeads(socket);
    socket.push(Buffer.alloc(bytes, 'x'));
    return socket;
  }

  it('comes to the parser in short pieces, whole', () => {
    const socket = come(65_536);
    const read: number[] = [];
    for (let piece: unknown = socket.read(); piece instanceof Buffer; piece = socket.read()) read.push(piece.length);
    expect(Math.max(...read)).toBeLessThanOrEqual(4_096);
    expect(read.reduce((sum, length) => sum + length)).toBe(65_536);
  });

  it('comes to it no more when it has refused a piece', () => {
    const socket = come(65_536);
    expect(socket.read()).toBeInstanceOf(Buffer);
    socket.destroy();
    expect(socket.read()).toBeNull();
  });
});
