import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { aJob, type JobWishes, jobId, opened, type Received, startWorker, unstopped, valuesOf } from './http.suite.ts';
import { makeHttpExecutor } from './http.ts';
import type { ReachRules } from './http-reach.ts';

const open = opened();

/** Runs one job on a worker that answers as told. */
async function post(
  answer: Parameters<typeof startWorker>[0],
  wishes: JobWishes = {},
  path = '',
  reach: ReachRules = { ownPorts: new Set() },
): Promise<[Outcome, readonly Received[]]> {
  open.worker = await startWorker(answer);
  open.executor = makeHttpExecutor({ version: '1.2.3', outputBytes: 64, reach });
  const outcome = await open.executor.run(aJob(open.worker.url + path, wishes), unstopped());
  return [outcome, open.worker.received];
}

const ok: Parameters<typeof startWorker>[0] = (_, response) => response.end('OK');
const status =
  (code: number, headers: Record<string, string> = {}): Parameters<typeof startWorker>[0] =>
  (_, response) =>
    response.writeHead(code, headers).end('text');

describe('the request', () => {
  it('carries the payload exactly as it came', async () => {
    const payload = '{ "b":1,  "a": 12345678901234567890, "é": "ü" }';
    const [outcome, [request]] = await post(ok, { payload }, 'mail?x=1&y=a%20b');
    expect(outcome).toEqual({ kind: 'succeeded', result: { ...noResult, statusCode: 200, output: 'OK' } });
    expect(request?.body).toBe(payload);
    expect(request?.method).toBe('POST');
    expect(request?.url).toBe('/mail?x=1&y=a%20b');
    expect(valuesOf(request, 'content-length')).toEqual([String(Buffer.byteLength(payload))]);
  });

  it('has an empty body of length 0 without a payload', async () => {
    const [, [request]] = await post(ok);
    expect(request?.body).toBe('');
    expect(valuesOf(request, 'content-length')).toEqual(['0']);
    expect(valuesOf(request, 'content-type')).toEqual(['application/json']);
  });

  it('has the headers of HQ', async () => {
    const [, [request]] = await post(ok);
    expect(valuesOf(request, 'user-agent')).toEqual(['HQ/1.2.3']);
    expect(valuesOf(request, 'x-hq-job-id')).toEqual([jobId]);
    expect(valuesOf(request, 'accept-encoding')).toEqual(['gzip']);
    expect(valuesOf(request, 'host')).toEqual([`127.0.0.1:${open.worker?.port}`]);
    for (const name of ['idempotency-key', 'x-hatstand-fence', 'x-hatstand-attempt', 'x-hatstand-queue']) {
      expect(valuesOf(request, name)).toEqual([]);
    }
  });

  it('adds the headers of an HQ job and never puts them in the place of its own', async () => {
    const headers = {
      'x-request-id': 'é 1',
      'content-type': 'text/plain',
      'X-HQ-JOB-ID': '1',
      'x-hatstand-fence': '2',
      'X-Hatstand-Anything': '3',
      X_Hatstand_Fence: '4',
      X_Hq_Job_Id: '5',
      Idempotency_Key: '6',
      'idempotency-key': '4',
      'user-agent': 'me',
      Host: 'elsewhere',
      'Content-Length': '999',
      'Transfer-Encoding': 'chunked',
      Connection: 'close',
    };
    const [outcome, [request]] = await post(ok, { headers, payload: '[]' });
    expect(outcome.kind).toBe('succeeded');
    expect(valuesOf(request, 'x-hq-job-id')).toEqual([jobId]);
    for (const name of ['x-hatstand-fence', 'x-hatstand-anything', 'idempotency-key', 'x_hatstand_fence', 'x_hq_job_id', 'idempotency_key'])
      expect(valuesOf(request, name)).toEqual([]);
    expect(valuesOf(request, 'content-type')).toEqual(['application/json', 'text/plain']);
    expect(valuesOf(request, 'user-agent')).toEqual(['HQ/1.2.3']);
    expect(valuesOf(request, 'host')).toEqual([`127.0.0.1:${open.worker?.port}`]);
    expect(valuesOf(request, 'content-length')).toEqual(['2']);
    expect(request?.raw).toContain('X-Request-Id');
    expect(Buffer.from(valuesOf(request, 'x-request-id')[0] ?? '', 'latin1').toString()).toBe('é 1');
  });

  it('says under /v1 which attempt it is, and lets a job name its content type and agent', async () => {
    const headers = {
      'Content-Type': 'text/plain',
      'User-Agent': 'me',
      'X-Hq-Job-Id': '1',
      'Idempotency-Key': 'mine',
      'Accept-Encoding': 'br',
      'X-A': 'b',
      'X-Hatstand-Attempt': '99',
      'x-hatstand-queue': 'mine',
    };
    const [, [request]] = await post(ok, { rules: 'v1', headers });
    expect(valuesOf(request, 'x-hq-job-id')).toEqual([jobId]);
    expect(valuesOf(request, 'x-hatstand-fence')).toEqual(['1795312800000001']);
    expect(valuesOf(request, 'x-hatstand-attempt')).toEqual(['1']);
    expect(valuesOf(request, 'x-hatstand-queue')).toEqual(['default']);
    expect(valuesOf(request, 'idempotency-key')).toEqual([`${jobId}.2`]);
    expect(valuesOf(request, 'accept-encoding')).toEqual(['gzip']);
    expect(valuesOf(request, 'content-type')).toEqual(['text/plain']);
    expect(valuesOf(request, 'user-agent')).toEqual(['me']);
    expect(valuesOf(request, 'x-a')).toEqual(['b']);
  });

  it('makes basic authorization of the user and password in the URL', async () => {
    open.worker = await startWorker(ok);
    open.executor = makeHttpExecutor({ version: '1' });
    await open.executor.run(aJob(`http://me:p%40ss%C3%A9@127.0.0.1:${open.worker.port}/`), unstopped());
    expect(valuesOf(open.worker.received[0], 'authorization')).toEqual([`Basic ${Buffer.from('me:p@ssé').toString('base64')}`]);
  });

  it('has the secrets of the job as they were pushed', async () => {
    const headers = { Authorization: 'Bearer x', 'Proxy-Authorization': 'Basic y', Cookie: 'a=b', 'X-Api-Key': 'z' };
    const [, [request]] = await post(ok, { rules: 'v1', headers }, '?token=t');
    expect(request?.url).toBe('/?token=t');
    for (const [name, value] of Object.entries(headers)) expect(valuesOf(request, name)).toEqual([value]);
  });

  it('is refused when a header would break out of its line', async () => {
    const [outcome, received] = await post(ok, { headers: { 'x-a': 'b\r\nX-Evil: 1' } });
    expect(outcome).toMatchObject({
      kind: 'failed',
      result: {
        statusCode: null,
        error: `failed to do http request: Post "${open.worker?.url}": net/http: invalid header field value for "X-A"`,
      },
    });
    expect(received).toEqual([]);
  });

  it('goes over a connection that is kept alive', async () => {
    open.worker = await startWorker(ok);
    open.executor = makeHttpExecutor({ version: '1' });
    for (let i = 0; i < 10; i++) await open.executor.run(aJob(open.worker.url), unstopped());
    expect(open.worker.received).toHaveLength(10);
    // A second one is made while the first is being handed back.
    expect(open.worker.connections()).toBeLessThanOrEqual(2);
  });
});

describe('the answer by the rules of HQ', () => {
  const failures: readonly (readonly [number, string])[] = [
    [201, 'Created'],
    [204, 'No Content'],
    [299, ''],
    [304, 'Not Modified'],
    [404, 'Not Found'],
    [418, "I'm a teapot"],
    [500, 'Internal Server Error'],
    [599, ''],
    [999, ''],
  ];
  for (const [code, error] of failures) {
    it(`${code} fails with the error ${JSON.stringify(error)}`, async () => {
      const [outcome] = await post(status(code));
      const output = code === 204 || code === 304 ? '' : 'text';
      expect(outcome).toEqual({ kind: 'failed', result: { ...noResult, statusCode: code, output, error, cause: 'answer' } });
    });
  }

  it('is final when a redirect has no Location', async () => {
    const [outcome] = await post(status(302));
    expect(outcome).toMatchObject({ kind: 'failed', result: { statusCode: 302, output: 'text', error: 'Found' } });
  });
});

describe('redirects by the rules of HQ', () => {
  for (const code of [301, 302, 303, 307, 308]) {
    it(`${code} is followed with the job's headers and the referer`, async () => {
      const [outcome, [, second]] = await post(
        (request, response) =>
          request.url === '/end' ? response.end('arrived') : response.writeHead(code, { location: '/end' }).end('moved'),
        { payload: '{"a":1}', headers: { 'X-A': 'b' } },
      );
      expect(outcome).toMatchObject({ kind: 'succeeded', result: { output: 'arrived' } });
      const kept = code === 307 || code === 308;
      expect(second?.method).toBe(kept ? 'POST' : 'GET');
      expect(second?.body).toBe(kept ? '{"a":1}' : '');
      expect(valuesOf(second, 'referer')).toEqual([open.worker?.url]);
      expect(valuesOf(second, 'x-hq-job-id')).toEqual([jobId]);
      expect(valuesOf(second, 'x-a')).toEqual(['b']);
    });
  }

  it('end after ten requests', async () => {
    const [outcome, received] = await post(status(302, { location: '/again' }));
    expect(outcome).toMatchObject({
      kind: 'failed',
      result: { statusCode: null, output: '', error: 'failed to do http request: Post "/again": stopped after 10 redirects' },
    });
    expect(received).toHaveLength(10);
  });

  it('to anything but http and https are not made', async () => {
    const [outcome] = await post(status(302, { location: 'file:///etc/passwd' }));
    expect(outcome).toMatchObject({
      result: { error: 'failed to do http request: Post "file:///etc/passwd": unsupported protocol scheme "file"' },
    });
  });

  it.each(['127.0.0.1', 'localhost'])('take nothing that may be a secret to another origin, such as another port of %s', async (host) => {
    const other = await startWorker(ok);
    try {
      const secrets = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Api-Key': 'k', 'X-Auth-Token': 't', 'X-Signature': 's' };
      await post(status(307, { location: `http://${host}:${other.port}/` }), { headers: { ...secrets, 'X-A': 'b' } });
      const [request] = other.received;
      expect(valuesOf(request, 'x-a')).toEqual(['b']);
      for (const name of Object.keys(secrets)) expect([name, valuesOf(request, name)]).toEqual([name, []]);
    } finally {
      await other.close();
    }
  });

  it('do not lead back to this server, by whatever name', async () => {
    const server = await startWorker(ok);
    try {
      for (const host of ['127.0.0.1', 'localhost', '127.1', '0.0.0.0', '[::ffff:127.0.0.1]']) {
        await open.executor?.close();
        await open.worker?.close();
        const location = `http://${host}:${server.port}/job`;
        const [outcome] = await post(status(307, { location }), {}, '', { ownPorts: new Set([server.port]) });
        expect([host, outcome]).toEqual([host, expect.objectContaining({ kind: 'failed' })]);
        expect(outcome).toMatchObject({
          result: { error: expect.stringContaining('the redirect leads back to this server'), cause: 'answer' },
        });
      }
      expect(server.received).toEqual([]);
      expect(await open.executor?.run(aJob(server.url), unstopped())).toMatchObject({ kind: 'succeeded' });
    } finally {
      await server.close();
    }
  });

  it.each(['/', '/twice'])('do not lead from a public address to a private one, from %s', async (path) => {
    const inner = await startWorker(ok);
    try {
      const reach = { ownPorts: new Set<number>(), isPrivate: (address: string) => address !== '127.0.0.1' };
      const location = (url: string): string => (url === '/twice' ? '/once' : `http://127.0.0.2:${inner.port}/`);
      const [outcome, received] = await post(
        ({ url }, response) => response.writeHead(302, { location: location(url) }).end(),
        {},
        path.slice(1),
        reach,
      );
      expect(received).toHaveLength(path === '/' ? 1 : 2);
      const error = expect.stringContaining('the redirect leads from a public address to 127.0.0.2, which is a private one');
      expect(outcome).toMatchObject({ kind: 'failed', result: { error, cause: 'answer' } });
      expect(inner.received).toEqual([]);
    } finally {
      await inner.close();
    }
  });
});

describe('redirects from a public address', () => {
  it('stay public when a later connection to it is refused', async () => {
    const inner = await startWorker(ok);
    const held = Promise.withResolvers<ServerResponse>();
    const app = createServer((_, response) => held.resolve(response)).listen(0, '127.0.0.1');
    await once(app, 'listening');
    const { port } = app.address() as AddressInfo;
    const reach = { ownPorts: new Set<number>(), isPrivate: (address: string) => address !== '127.0.0.1' };
    open.executor = makeHttpExecutor({ version: '1', reach });
    try {
      const redirected = open.executor.run(aJob(`http://127.0.0.1:${port}/`), unstopped());
      const response = await held.promise;
      app.close();
      expect(await open.executor.run(aJob(`http://127.0.0.1:${port}/`), unstopped())).toMatchObject({ result: { cause: 'refused' } });
      response.writeHead(302, { location: `http://127.0.0.2:${inner.port}/`, connection: 'close' }).end();
      expect(await redirected).toMatchObject({
        kind: 'failed',
        result: { error: expect.stringContaining('the redirect leads from a public address to 127.0.0.2'), cause: 'answer' },
      });
      expect(inner.received).toEqual([]);
    } finally {
      app.closeAllConnections();
      await inner.close();
    }
  });
});

describe('the answer by the rules of /v1', () => {
  const v1: JobWishes = { rules: 'v1' };

  it('succeeds with any 2xx', async () => {
    const [outcome] = await post(status(202), v1);
    expect(outcome).toEqual({ kind: 'succeeded', result: { ...noResult, statusCode: 202, output: 'text' } });
  });

  it('fails with a redirect, which is not followed', async () => {
    const [outcome, received] = await post(status(302, { location: '/end' }), v1);
    expect(outcome).toMatchObject({ kind: 'failed', result: { statusCode: 302, output: 'text', error: 'The worker answered 302 Found' } });
    expect(received).toHaveLength(1);
  });

  it('is final with 410', async () => {
    const [outcome] = await post(status(410), v1);
    expect(outcome).toEqual({
      kind: 'failed',
      final: true,
      result: { ...noResult, statusCode: 410, output: 'text', error: 'The worker answered 410 Gone', cause: 'answer' },
    });
  });

  const waits: readonly (readonly [number, string, number | undefined])[] = [
    [503, '5', 5_000],
    [429, '0', 0],
    [503, '1000000000', 1_000_000_000_000],
    [429, ' 7\t', 7_000],
    [429, '1.5', undefined],
    [503, '-5', undefined],
    [503, '+5', undefined],
    [503, '5, 6', undefined],
    [429, '2015-10-21T07:28:00Z', undefined],
    [429, 'Wednesday, 21-Oct-15 07:28:00 GMT', 0],
    [503, 'Wed Oct 21 07:28:00 2015', 0],
    [429, 'Wed, 21 Oct 2015 07:28:00 GMT', 0],
    [429, 'soon', undefined],
    [500, '5', undefined],
  ];
  for (const [code, retryAfter, wait] of waits) {
    it(`takes Retry-After "${retryAfter}" of ${code} as ${wait === undefined ? 'nothing' : `${wait} ms`}`, async () => {
      const [outcome] = await post(status(code, { 'retry-after': retryAfter }), v1);
      expect(outcome.kind === 'failed' ? outcome.retryAfter : null).toBe(wait);
    });
  }

  it('takes an HTTP date in Retry-After by the clock of the web app', async () => {
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    const [outcome] = await post(status(503, { date, 'retry-after': 'Sun, 06 Nov 1994 08:50:37 GMT' }), v1);
    expect(outcome.kind === 'failed' ? outcome.retryAfter : null).toBe(60_000);
  });

  it('takes an HTTP date in Retry-After', async () => {
    const [outcome] = await post(status(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }), v1);
    const wait = outcome.kind === 'failed' ? outcome.retryAfter : null;
    expect(wait).toBeGreaterThan(50_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });
});

describe('the closed executor', () => {
  it('returns its jobs', async () => {
    open.executor = makeHttpExecutor({ version: '1' });
    await open.executor.close();
    expect(await open.executor.run(aJob('http://127.0.0.1:1/'), unstopped())).toEqual({ kind: 'returned' });
  });
});
