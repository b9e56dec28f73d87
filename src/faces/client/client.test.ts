import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeClient } from './client.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that is none of ours: what proxies and failing machines do to a client. */
async function answerWith(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

const answer =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(body);

describe('a client', () => {
  it('says how to start a server when none can be reached', async () => {
    const address = await answerWith(answer(200, '{}'));
    await new Promise((resolve) => server?.close(resolve));
    await expect(makeClient({ address }).hq.push({ url: 'http://x/' })).rejects.toMatchObject({
      code: 'unreachable',
      message: `Cannot reach ${address}: connection refused. Is the server running? Start it with: hatstand serve`,
    });
    await expect(makeClient({ address: 'http://no.such.host.invalid' }).stats()).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('takes an address without http:// and with a path, and refuses what is none', async () => {
    const seen: string[] = [];
    const address = await answerWith((request, response) => {
      seen.push(request.url ?? '');
      response.end('{}');
    });
    await makeClient({ address: `${address.slice('http://'.length)}/queue/` }).hq.info('a/b');
    expect(seen).toEqual(['/queue/job/a%2Fb']);
    for (const wrong of ['', 'http://', 'ftp://x', 'http://a b', 'http://x/?q']) {
      expect(() => makeClient({ address: wrong })).toThrow(/The address must be such as/);
    }
  });

  it('sends its token, its name and only the filters that were given', async () => {
    const seen: unknown[] = [];
    const address = await answerWith((request, response) => {
      seen.push([request.url, request.headers.authorization, request.headers['user-agent']]);
      response.end('{}');
    });
    await makeClient({ address, token: 't', userAgent: 'HQ-Client/1' }).hq.list({ term: 'a|b', name: undefined, reverse: true });
    expect(seen).toEqual([['/job?term=a%7Cb&reverse=true', 'Bearer t', 'HQ-Client/1']]);
  });

  it.each([
    [422, { status: 422, error: "Job '1' is not found" }, 'not_found'],
    [422, { status: 422, error: 'The job 1 is running now' }, 'conflict'],
    [422, { status: 422, error: 'The job 1 is not active' }, 'conflict'],
    [422, { status: 422, error: "'url' is required" }, 'invalid_request'],
    [400, { status: 400, error: 'unexpected EOF' }, 'invalid_request'],
    [500, { status: 500, error: 'Internal Server Error' }, 'internal'],
    [403, { status: 403, error: 'no' }, 'forbidden'],
  ])("reads HQ's error %i %j as %s", async (status, body, code) => {
    const address = await answerWith(answer(status, JSON.stringify(body)));
    await expect(makeClient({ address }).hq.info('1')).rejects.toMatchObject({ code, message: body.error });
  });

  it("takes the server's own code and facts from a problem", async () => {
    const problem = { type: 'urn:x', title: 'T', status: 409, code: 'key_reused', detail: 'what came', field: 'idempotencyKey' };
    const address = await answerWith(answer(409, JSON.stringify(problem)));
    const pushed = makeClient({ address }).jobs.push({ url: 'http://x/' });
    await expect(pushed).rejects.toMatchObject({
      code: 'key_reused',
      message: 'what came',
      details: { field: 'idempotencyKey', status: 409 },
    });
  });

  it('says so when the answer is not of a Hatstand server', async () => {
    const address = await answerWith(answer(502, '<html>Bad Gateway</html>'));
    await expect(makeClient({ address }).stats()).rejects.toThrow(`${address} answered 502 without JSON. Is it a Hatstand server?`);
  });

  it('tells a change whose answer was lost from one that never arrived', async () => {
    const address = await answerWith((request) => request.socket.destroy());
    const client = makeClient({ address });
    await expect(client.hq.push({ url: 'http://x/' })).rejects.toMatchObject({ code: 'unconfirmed' });
    await expect(client.hq.info('1')).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('waits for an answer no longer than it was told', async () => {
    const address = await answerWith(() => undefined);
    await expect(makeClient({ address, timeout: 50 }).stats()).rejects.toThrow('did not answer within 0.05 s');
  });
});
