import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../test/support/other-server.ts';
import { freePort } from '../../../test/support/ports.ts';
import { signHeader } from '../../core/sign.ts';
import { makeClient } from './client.ts';

const answer =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status, { [signHeader]: '1.0.0' }).end(body);

/** What any web app may answer. */
const plain =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(body);

describe('a client', () => {
  it('says how to start a server when none can be reached', async () => {
    const address = `http://127.0.0.1:${await freePort()}`;
    await expect(makeClient({ address }).hq.push({ url: 'http://x/' })).rejects.toMatchObject({
      code: 'unreachable',
      message: `Cannot reach ${address}: connection refused. Is the server running? Start it with: hatstand serve`,
    });
    await expect(makeClient({ address: 'http://no.such.host.invalid' }).stats()).rejects.toMatchObject({ code: 'unreachable' });
  });

  it.each([
    [() => makeClient({ adress: 'x' } as never), 'makeClient has no option "adress"; did you mean address? There are: address,'],
    [() => makeClient(null as never), 'The options of makeClient must be an object such as { address: … }.'],
    [() => makeClient({ address: ['http://x'] } as never), 'The address must be a text such as'],
    [
      () =>
        makeClient()
          .watch('1', { event: ['a'] } as never)
          .next(),
      'watch has no option "event"; did you mean events?',
    ],
    [
      () =>
        makeClient()
          .events.follow(['*'], { domian: 'a' } as never)
          .next(),
      'follow has no option "domian"; did you mean domain?',
    ],
  ])('refuses what makes no sense: %#', async (call, told) => {
    await expect((async () => await call())()).rejects.toThrow(told);
  });

  it('answers for each of many jobs, also when all of them are refused', async () => {
    const jobs = [{ error: { code: 'invalid_request', status: 400, detail: 'no' } }];
    const problem = JSON.stringify({ code: 'invalid_request', status: 400, detail: 'All', jobs, pushed: 0, failed: 1 });
    const client = makeClient({ address: await answerWith(answer(400, problem)) });
    expect(await client.jobs.pushMany([{ url: 'ftp://x/' }])).toMatchObject({ jobs, pushed: 0, failed: 1 });
    const other = makeClient({ address: await answerWith(answer(400, '{"code":"invalid_request","detail":"no"}')) });
    await expect(other.jobs.pushMany([])).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it.each(['null', '[]', '{}', '{"attempts":5}', '{"attempts":[null]}', '{"attempts":[{"job":1,"proof":{}}]}'])(
    'refuses %s for an answer to a claim',
    async (body) => {
      const client = makeClient({ address: await answerWith(answer(200, body)) });
      const told = expect.stringMatching(/^The answer to a claim is none/);
      await expect(client.attempts.claim({ workers: ['a'], holder: 'h', operation: 'o' })).rejects.toMatchObject({
        code: 'unreachable',
        message: told,
      });
    },
  );

  it('takes an address without http:// and with a path, and refuses what is none', async () => {
    const seen: string[] = [];
    const address = await answerWith((request, response) => {
      seen.push(request.url ?? '');
      response.setHeader(signHeader, '1.0.0').end('{}');
    });
    await makeClient({ address: `${address.slice('http://'.length)}/queue/` }).hq.info('a/b');
    expect(seen).toEqual(['/queue/job/a%2Fb']);
    for (const wrong of ['', 'http://', 'ftp://x', 'http://a b', 'http://x/?q']) {
      expect(() => makeClient({ address: wrong })).toThrow(/The address must be such as/);
    }
  });

  it.each([
    [
      'http://u:s3cret@127.0.0.1:17901',
      /^The address must have no user and no password, and "http:\/\/…@127\.0\.0\.1:17901" has\. .*--token/,
    ],
    ['s3cret@127.0.0.1', /^The address must have no user and no password, and "…@127\.0\.0\.1" has\./],
    ['redis://:s3cret@127.0.0.1:6379', /^The address must be such as .*, not "redis:\/\/…@127\.0\.0\.1:6379"\.$/],
    ['http://127.0.0.1:1?token=s3cret', /^The address must be such as .*, not "http:\/\/127\.0\.0\.1:1\?…"\.$/],
  ])('refuses the address %s without showing what is secret in it', (address, message) => {
    expect(() => makeClient({ address })).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(message) }),
    );
    expect(() => makeClient({ address })).not.toThrow(/s3cret/);
  });

  it.each(['a s3cret\nb', 's3cret\0', 's3cret€'])('refuses the token %j without showing it', (token) => {
    expect(() => makeClient({ token })).toThrow(/^The token must be one line of characters that a header can hold.*not shown/);
    expect(() => makeClient({ token })).not.toThrow(/s3cret/);
  });

  it('sends a token without the line break behind it', async () => {
    const seen: (string | undefined)[] = [];
    const address = await answerWith((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader(signHeader, '1.0.0').end('{}');
    });
    await makeClient({ address, token: 'abc\n' }).stats();
    expect(seen).toEqual(['Bearer abc']);
  });

  it('sends its token, its name and only the filters that were given', async () => {
    const seen: unknown[] = [];
    const address = await answerWith((request, response) => {
      seen.push([request.url, request.headers.authorization, request.headers['user-agent']]);
      response.setHeader(signHeader, '1.0.0').end('{}');
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

  it.each([
    [200, '{"ok":true}'],
    [200, '{"version":"1.2.3"}'],
    [404, '<html>'],
    [500, '{"error":"no"}'],
  ])('believes no other server: %i %s', async (status, body) => {
    const address = await answerWith(plain(status, body));
    const client = makeClient({ address });
    const refused = { code: 'unreachable', message: expect.stringContaining(`What answers at ${address} is not Hatstand`) };
    await expect(client.stats()).rejects.toMatchObject(refused);
    await expect(client.hq.push({ url: 'http://x/' })).rejects.toMatchObject(refused);
    await expect(client.hq.stop('5')).rejects.toMatchObject(refused);
    await expect(text(client.upkeep.export())).rejects.toMatchObject(refused);
  });

  it("takes the answers of HQ's own server, and of one whose headers a proxy drops", async () => {
    const seen: string[] = [];
    const address = await answerWith((request, response) => {
      seen.push(request.url ?? '');
      response.end(request.url === '/' ? '{"version":"1.0.0","commitHash":"a"}' : '{"id":"5"}');
    });
    const { hq } = makeClient({ address });
    expect(await hq.info('5')).toEqual({ id: '5' });
    await hq.stop('5');
    expect(seen).toEqual(['/job/5', '/', '/job/5/stop']);
  });

  it('knows a proxy that cannot reach its server', async () => {
    const address = await answerWith(plain(502, '<html>Bad Gateway</html>'));
    const told = expect.stringContaining(`${address} answered 502, and it was not Hatstand`);
    await expect(makeClient({ address }).stats()).rejects.toMatchObject({ code: 'unreachable', message: told });
    await expect(makeClient({ address }).hq.push({ url: 'http://x/' })).rejects.toMatchObject({ code: 'unconfirmed', message: told });
  });

  it('says so when the answer is no JSON', async () => {
    const address = await answerWith(answer(502, '<html>Bad Gateway</html>'));
    await expect(makeClient({ address }).stats()).rejects.toThrow(`${address} answered 502 without JSON. Is it a Hatstand server?`);
  });

  it('tells a change whose answer was lost from one that never arrived', async () => {
    const address = await answerWith((request) => request.socket.destroy());
    const client = makeClient({ address });
    await expect(client.hq.push({ url: 'http://x/' })).rejects.toMatchObject({ code: 'unconfirmed' });
    await expect(client.hq.info('1')).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('knows what never left', async () => {
    const secret = (await answerWith(answer(200, '{}'))).replace('http', 'https');
    for (const [address, reason] of [
      ['http://127.0.0.1:6000', 'bad port'],
      [secret, expect.stringMatching(/ssl|tls/i)],
    ]) {
      const refused = { code: 'unreachable', message: expect.stringContaining('Cannot reach'), cause: { cause: { message: reason } } };
      await expect(makeClient({ address: String(address) }).hq.push({ url: 'http://x/' })).rejects.toMatchObject(refused);
    }
  });

  it.each([0, -1, Number.NaN, '5s', null, {}])('is told in milliseconds how long to wait, not %j', (timeout) => {
    const refused = { code: 'invalid_request', details: { field: 'timeout' }, message: expect.stringContaining('milliseconds above 0') };
    if (timeout === null) makeClient({ timeout: undefined as never });
    else expect(() => makeClient({ timeout: timeout as never })).toThrow(expect.objectContaining(refused));
  });

  it.each([0.5, 2 ** 31, Number.POSITIVE_INFINITY])('takes a length of time that timers do not take: %d ms', async (timeout) => {
    const address = await answerWith(timeout < 1 ? () => undefined : answer(200, '{}'));
    const asked = makeClient({ address, timeout }).stats();
    await (timeout < 1 ? expect(asked).rejects.toThrow('did not answer within') : expect(asked).resolves.toEqual({}));
  });

  it('waits for an answer no longer than it was told', async () => {
    const address = await answerWith(() => undefined);
    await expect(makeClient({ address, timeout: 50 }).stats()).rejects.toThrow('did not answer within 0.05 s');
  });
});
