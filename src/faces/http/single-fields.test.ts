import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from './server.suite.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

const body = '{"url":"http://a/"}';

/** The answer to a request with these lines beside those that every one has. */
async function answerTo(path: string, lines: readonly string[], usual: readonly string[] = []): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  const common = ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close', ...usual];
  socket.write(`POST ${path} HTTP/1.1\r\n${[...common, ...lines].join('\r\n')}\r\n\r\n${body}`);
  return await text(socket);
}

describe('a request', () => {
  const twice: readonly (readonly [name: string, lines: readonly string[]])[] = [
    ['Content-Type', ['Content-Type: application/json']],
    ['Content-Type', ['content-type: text/plain']],
    ['Host', ['Host: localhost']],
    ['Host', ['HOST: evil.example']],
    ['Authorization', ['Authorization: Bearer a', 'Authorization: Bearer b']],
    ['Idempotency-Key', ['Idempotency-Key: a', 'Idempotency-Key: a']],
    ['Idempotency-Key', ['Idempotency-Key: a', 'X-Between: 1', 'idempotency-KEY: b']],
    ['Origin', ['Origin: http://localhost', 'Origin: http://localhost']],
    ['Webhook-Id', ['webhook-id: a', 'webhook-id: b']],
  ];
  for (const path of ['/v1/jobs', '/job']) {
    it.each(twice)(`with two fields %s is refused in words at ${path}: %j`, async (name, lines) => {
      const answer = await answerTo(path, lines);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain(`${name} stands more than once; send it once.`);
    });

    it.each([`Content-Length: ${body.length}`, 'Content-Length: 2', 'Transfer-Encoding: chunked'])(
      `with two lengths is refused in words at ${path}: %s`,
      async (line) => {
        const answer = await answerTo(path, [line]);
        expect(answer).toMatch(/^HTTP\/1\.1 400 /);
        expect(answer).toContain('send one of them, once.');
      },
    );
  }

  it('with a length that is a list is refused in words', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5, 5\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toContain('Content-Length must be one whole number of bytes.');
  });

  it('may repeat whatever is a list', async () => {
    const answer = await answerTo('/v1/jobs', ['Accept: a', 'Accept: b', 'X-Any: 1', 'X-Any: 2', 'Cookie: a=b', 'Cookie: c=d']);
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
  });
});
