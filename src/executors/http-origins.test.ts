/** A web app that nobody finds, over real sockets: what its jobs are told, and what the log is. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { noResult } from '../core/job.ts';
import { failuresOfAway } from '../core/origin.ts';
import type { Outcome } from '../core/outcome.ts';

import { aJob, startRawWorker, startWorker, unstopped } from './http.suite.ts';
import { type HttpExecutor, makeHttpExecutor } from './http.ts';
import { idleAfter, mostOrigins, Origins } from './http-origins.ts';

const told: (readonly [name: string, fields: Readonly<Record<string, unknown>> | undefined])[] = [];
const log = {
  info: (name: string, fields?: Readonly<Record<string, unknown>>) => void told.push([name, fields]),
  warn: (name: string, fields?: Readonly<Record<string, unknown>>) => void told.push([name, fields]),
};
let executor: HttpExecutor | null = null;
afterEach(async () => {
  await executor?.close();
  told.length = 0;
});

/** Where nobody listens, until somebody does. */
async function nobody(): Promise<{ readonly url: string; readonly port: number }> {
  const { url, port, close } = await startRawWorker(() => undefined);
  await close();
  executor = makeHttpExecutor({ version: '1', log });
  return { url, port };
}

async function run(url: string, rules: 'v1' | 'hq' = 'v1'): Promise<Outcome> {
  if (executor === null) throw new Error('there is no executor');
  return await executor.run(aJob(url, { rules }), unstopped());
}

describe('a web app that is away', () => {
  it('burns as many attempts as tell of it, and no more', async () => {
    const { url, port } = await nobody();
    const refused = `The worker gave no answer: dial tcp 127.0.0.1:${port}: connect: connection refused`;
    for (let i = 1; i < failuresOfAway; i++) expect(await run(url)).toMatchObject({ kind: 'failed', result: { cause: 'refused' } });
    // This one was sent, and found nobody.
    expect(await run(url)).toMatchObject({ kind: 'deferred', result: { cause: 'refused', error: refused } });
    const waits = await run(`${url}another/path`);
    expect(waits).toMatchObject({
      kind: 'deferred',
      result: {
        statusCode: null,
        cause: 'refused',
        error: `Nothing was sent: http://127.0.0.1:${port} is away (nobody listened at the address), and other jobs ask whether it is back`,
      },
    });
    expect(waits.kind === 'deferred' ? waits.delay : null).toBeGreaterThan(0);
    expect(told).toEqual([['origin.away', { origin: `http://127.0.0.1:${port}`, error: refused }]]);
  });

  it('keeps no other web app waiting', async () => {
    const { url } = await nobody();
    for (let i = 0; i <= failuresOfAway; i++) await run(url);
    const other = await startWorker((_, response) => response.end('OK'));
    expect(await run(other.url)).toMatchObject({ kind: 'succeeded' });
    await other.close();
  });

  it("is asked by each of HQ's jobs, which have one attempt", async () => {
    const { url } = await nobody();
    for (let i = 0; i < 3 * failuresOfAway; i++)
      expect(await run(url, 'hq')).toMatchObject({ kind: 'failed', result: { cause: 'refused' } });
    expect((await run(url)).kind).toBe('deferred');
  });

  it('is back with the first answer, whoever got it', async () => {
    const { url, port } = await nobody();
    for (let i = 0; i <= failuresOfAway; i++) await run(url);
    const server = createServer((_, response) => response.end('OK')).listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(await run(url, 'hq')).toMatchObject({ kind: 'succeeded' });
    expect(told.at(-1)).toEqual(['origin.back', { origin: `http://127.0.0.1:${port}`, seconds: expect.any(Number) }]);
    expect(await run(url)).toMatchObject({ kind: 'deferred', result: { cause: null, error: expect.stringContaining('is back') } });
    server.closeAllConnections();
    server.close();
  });

  it('may be one that answers 503; these attempts count', async () => {
    executor = makeHttpExecutor({ version: '1', log });
    const worker = await startWorker((_, response) => response.writeHead(503).end('deploying'));
    for (let i = 0; i < failuresOfAway; i++)
      expect(await run(worker.url)).toMatchObject({ kind: 'failed', result: { cause: 'unavailable' } });
    expect(await run(worker.url)).toMatchObject({ kind: 'deferred', result: { cause: 'unavailable' } });
    expect(worker.received).toHaveLength(failuresOfAway);
    await worker.close();
  });
});

describe('a web app that answers', () => {
  it('serves other paths at once when one always answers 503', async () => {
    executor = makeHttpExecutor({ version: '1', log });
    const worker = await startWorker(({ url }, response) => response.writeHead(url === '/bad' ? 503 : 200).end());
    for (let i = 0; i < failuresOfAway; i++) await run(`${worker.url}bad`);
    expect(await run(`${worker.url}bad`)).toMatchObject({ kind: 'deferred' });
    expect(await run(`${worker.url}good`)).toMatchObject({ kind: 'succeeded' });
    const error = expect.stringMatching(/^Nothing was sent: http:\/\/127\.0\.0\.1:\d+ serves other paths and not this one \(/);
    expect(await run(`${worker.url}bad?x`)).toMatchObject({ kind: 'deferred', result: { cause: 'unavailable', error } });
    expect(told.map(([name]) => name)).toEqual(['origin.away', 'origin.back']);
    await worker.close();
  });

  it('is not away when its redirects lead to one that is', async () => {
    const gone = await startRawWorker(() => undefined);
    await gone.close();
    executor = makeHttpExecutor({ version: '1', log });
    const worker = await startWorker(({ url }, response) => {
      response.writeHead(url === '/moved' ? 302 : 200, { location: gone.url }).end();
    });
    for (let i = 0; i < 2 * failuresOfAway; i++) {
      expect(await run(`${worker.url}moved`, 'hq')).toMatchObject({ kind: 'failed', result: { cause: 'refused' } });
    }
    expect(await run(worker.url)).toMatchObject({ kind: 'succeeded' });
    expect(await run(gone.url)).toMatchObject({ kind: 'failed' });
    expect(told).toEqual([]);
    await worker.close();
  });
});

describe('many web apps', () => {
  const refused: Outcome = { kind: 'failed', result: { ...noResult, cause: 'refused' } };
  const succeeded: Outcome = { kind: 'succeeded', result: noResult };
  let now = 0;
  const placeOf = (origin: string) => ({ origin, path: '/' });
  const make = () => new Origins({ onAway: () => undefined, onBack: () => undefined, now: () => now });

  function send(origins: Origins, name: string, outcome: Outcome): string {
    const verdict = origins.admit(placeOf(name));
    if (verdict.kind === 'send') origins.learn(placeOf(name), verdict.pass, outcome);
    return verdict.kind;
  }

  /** In turn, so that all fail at the same time. */
  function allGoAway(origins: Origins, count: number): void {
    let sent = 0;
    for (let i = 0; i < failuresOfAway; i++) {
      for (let n = 0; n < count; n++) if (send(origins, `away${n}`, refused) === 'send') sent += 1;
    }
    expect(sent).toBe(failuresOfAway * count);
  }

  const waiting = (origins: Origins, count: number): number =>
    Array.from({ length: count }, (_, n) => origins.admit(placeOf(`away${n}`)).kind).filter((kind) => kind === 'wait').length;

  it('are away at once, each for itself, as when the network here is', () => {
    const origins = make();
    allGoAway(origins, 40_000);
    expect(waiting(origins, 40_000)).toBe(40_000);
  });

  it('that answer are forgotten before those that do not', () => {
    const origins = make();
    allGoAway(origins, mostOrigins - 1);
    for (let n = 0; n < 100; n++) expect(send(origins, `new${n}`, succeeded)).toBe('send');
    for (let i = 1; i < failuresOfAway; i++) send(origins, 'failing', refused);
    for (let n = 0; n < 100; n++) send(origins, `newer${n}`, succeeded);
    send(origins, 'failing', refused);
    expect(origins.admit(placeOf('failing')).kind).toBe('wait');
    expect(waiting(origins, mostOrigins - 1)).toBe(mostOrigins - 1);
  });

  it('that nobody asked for any more make room', () => {
    const origins = make();
    allGoAway(origins, mostOrigins);
    for (let i = 0; i <= failuresOfAway; i++) expect(send(origins, 'another', refused)).toBe('send');
    now += idleAfter + 1;
    for (let i = 0; i < failuresOfAway; i++) expect(send(origins, 'another', refused)).toBe('send');
    expect(origins.admit(placeOf('another')).kind).toBe('wait');
  });
});

describe('causes', () => {
  it('tell names, connections, times and answers apart', async () => {
    executor = makeHttpExecutor({ version: '1' });
    const hangsUp = await startRawWorker((socket) => socket.resetAndDestroy());
    const mute = await startRawWorker(() => undefined);
    const plain = await startWorker((request, response) => response.writeHead(Number(request.url.slice(1))).end());
    const causeOf = async (url: string, timeout = 10_000): Promise<unknown> => {
      const outcome = await executor?.run(aJob(url, { rules: 'v1', timeout }), unstopped());
      return outcome?.kind === 'failed' ? outcome.result.cause : outcome?.kind;
    };
    expect(await causeOf('http://nowhere.invalid/')).toBe('dns');
    expect(await causeOf(hangsUp.url)).toBe('reset');
    expect(await causeOf(mute.url, 50)).toBe('timeout');
    expect(await causeOf(plain.url.replace('http:', 'https:'))).toBe('tls');
    for (const status of [502, 503, 504]) expect(await causeOf(`${plain.url}${status}`)).toBe('unavailable');
    for (const status of [302, 404, 429, 500, 505]) expect(await causeOf(`${plain.url}${status}`)).toBe('answer');
    expect(await causeOf('ftp://a/')).toBe('unsendable');
    for (const worker of [hangsUp, mute, plain]) await worker.close();
  });
});
