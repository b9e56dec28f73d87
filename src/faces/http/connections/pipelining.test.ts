import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../ports/store/store.ts';
import { altered } from '../../../stores/conformance/altered.ts';
import { openMemory } from '../../../stores/memory/index.ts';
import { openServer, type TestServer } from '../server.suite.ts';
import { chunked, deaf, get, lastGet, post, reader, statusesOf } from './client.suite.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function open(store?: Store): Promise<TestServer> {
  const server = await openServer({}, store);
  servers.push(server);
  return server;
}

const numbers = Array.from({ length: 100 }, (_, number) => number + 1);

/** Counts the calls of `jobs.get` and how many of them are under way at once. */
function counting(): { readonly store: Store; readonly seen: { calls: number; most: number } } {
  const memory = openMemory();
  const seen = { calls: 0, most: 0 };
  let now = 0;
  const store = altered(memory, {
    jobs: {
      async get(id: string) {
        seen.calls += 1;
        now += 1;
        seen.most = Math.max(seen.most, now);
        await new Promise(setImmediate);
        now -= 1;
        return memory.jobs.get(id);
      },
    },
  });
  return { store, seen };
}

describe('a hundred pipelined requests', () => {
  it('are answered in their order', async () => {
    const server = await open();
    const { socket, all } = reader(server.port);
    socket.write(numbers.map((n) => get(`/job/${n}`)).join('') + lastGet('/livez'));
    const told = await all;
    expect(Array.from(told.matchAll(/Job '(\d+)'/g), ([, n]) => Number(n))).toEqual(numbers);
    expect(told).toMatch(/\{"live":true\}$/);
  });

  it('that push are kept once each, in their order', async () => {
    const server = await open();
    const { socket, all } = reader(server.port);
    socket.write(numbers.map((n) => post('/job', `{"url":"http://a/","name":"n${n}"}`)).join('') + lastGet('/livez'));
    const told = await all;
    expect(Array.from(told.matchAll(/"name":"n(\d+)"/g), ([, n]) => Number(n))).toEqual(numbers);
    const list = await server.ask('GET', '/job?order=asc');
    expect(Array.from(list.text.matchAll(/"name":"n(\d+)"/g), ([, n]) => Number(n))).toEqual(numbers);
  });

  it('are begun one after the other, with whatever bodies and however they come', async () => {
    const { store, seen } = counting();
    const server = await open(store);
    const { socket, all } = reader(server.port);
    socket.setNoDelay();
    const body = '{"copy":\r\n\r\ntrue}';
    const sent = numbers
      .map((n) => [get(`/job/${n}`), post(`/job/${n}/restart`, body), chunked(`/job/${n}/restart`, body)][n % 3] ?? '')
      .join('');
    for (let at = 0; at < sent.length; ) {
      const length = 1 + ((at * 7_919) % 997);
      await new Promise((resolve) => socket.write(sent.slice(at, at + length), resolve));
      at += length;
    }
    socket.write(lastGet('/livez'));
    const told = await all;
    expect(statusesOf(told)).toHaveLength(101);
    expect(told.match(/Job '\d+'/g)).toEqual(numbers.map((n) => `Job '${n}'`));
    expect(seen).toEqual({ calls: 100, most: 1 });
  });
});

describe('pipelined requests', () => {
  it('whose answers nobody takes are not begun', async () => {
    const { store, seen } = counting();
    const server = await open(store);
    const id = await server.push({ payload: 'x'.repeat(60_000) });
    const socket = deaf(server.port, get(`/job/${id}`).repeat(10_000));
    // Others are answered meanwhile, and each of their requests is a chance for the ten thousand.
    for (let n = 0; n < 500; n++) expect((await server.ask('GET', '/livez')).status).toBe(200);
    expect(seen.calls).toBeLessThan(500);
    socket.destroy();
  });

  it('behind one that waits for a job wait with it, and longer than a head may take', async () => {
    const server = await openServer({ connections: { headersTimeout: 100, requestTimeout: 200 } });
    servers.push(server);
    const id = await server.push();
    const { socket, all } = reader(server.port);
    socket.write(get(`/v1/jobs/${id}/wait?timeout=3s`) + get('/livez') + lastGet('/job/1').slice(0, 30));
    await once(socket, 'data');
    socket.write(lastGet('/job/1').slice(30));
    const told = await all;
    expect(statusesOf(told)).toEqual([200, 200, 422]);
  });

  it('of many connections leave others their turn, also without a token', async () => {
    const server = await openServer({ token: 'secret' });
    servers.push(server);
    const clients = Array.from({ length: 20 }, () => reader(server.port));
    for (const { socket } of clients) socket.write(get('/livez').repeat(2_000) + lastGet('/livez'));
    await once(clients[0]?.socket ?? expect.fail(), 'data');
    const answers = Promise.all(clients.map(({ all }) => all));
    let isOver = false;
    void answers.then(() => {
      isOver = true;
    });
    let asked = 0;
    while (!isOver) {
      await server.ask('GET', '/livez');
      asked += 1;
    }
    expect(asked).toBeGreaterThan(100);
    for (const told of await answers) expect(statusesOf(told)).toHaveLength(2_001);
  });

  it('behind one that is refused are not answered', async () => {
    const server = await openServer({ token: 'secret' });
    servers.push(server);
    const { socket, all } = reader(server.port);
    socket.write(get('/v1/stats').repeat(1_000));
    expect(statusesOf(await all)).toEqual([401]);
  });
});
