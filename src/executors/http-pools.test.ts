import { afterEach, describe, expect, it } from 'vitest';
import { startRawWorker, type TestWorker } from './http.suite.ts';
import { Exchange } from './http-exchange.ts';
import { mostOrigins, OriginPools } from './http-pools.ts';

let worker: TestWorker | null = null;
let pools: OriginPools | null = null;

afterEach(async () => {
  await pools?.close();
  await worker?.close();
  pools = null;
  worker = null;
});

/** A worker, and when its first connection is closed. */
async function watchedWorker(): Promise<{ readonly origin: string; readonly closed: Promise<void> }> {
  const closed = Promise.withResolvers<void>();
  worker = await startRawWorker((socket) => {
    socket.on('close', () => closed.resolve());
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK');
  });
  return { origin: `http://127.0.0.1:${worker.port}`, closed: closed.promise };
}

async function ask(from: OriginPools, origin: string): Promise<number | null> {
  const exchange = new Exchange({ origin, outputBytes: 10, decode: false, follow: false });
  from.dispatch(origin, { method: 'POST', path: '/' }, exchange);
  const { status } = await exchange.answer;
  from.release(origin);
  return status;
}

describe('pools of connections', () => {
  it('close the one unused for longest when there are too many', async () => {
    const { origin, closed } = await watchedWorker();
    const many = new OriginPools();
    pools = many;
    expect(await ask(many, origin)).toBe(200);
    // Nobody listens there.
    for (let i = 0; i < mostOrigins; i++) expect(await ask(many, `http://127.0.${1 + (i >> 8)}.${i & 255}:1`)).toBe(null);
    await closed;
    expect(many.size).toBe(mostOrigins);
  });

  it('close one that is idle for long, and none that is in use', async () => {
    const { origin, closed } = await watchedWorker();
    const silent = await startRawWorker(() => undefined);
    const swept = new OriginPools({ idleFor: 1, lookEvery: 1 });
    pools = swept;
    const busy = new Exchange({ origin: silent.url, outputBytes: 10, decode: false, follow: false });
    swept.dispatch(new URL(silent.url).origin, { method: 'POST', path: '/' }, busy);
    expect(await ask(swept, origin)).toBe(200);
    await closed;
    expect(swept.size).toBe(1);
    await swept.close();
    expect((await busy.answer).fault).toEqual({ kind: 'stopped', by: 'shutdown' });
    await silent.close();
  });
});
