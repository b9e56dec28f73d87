import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../ports/store/store.ts';
import { altered } from '../../../stores/conformance/altered.ts';
import { openMemory } from '../../../stores/memory/index.ts';
import type { HttpOptions } from '../options.ts';
import { openServer, succeeded, type TestServer } from '../server.suite.ts';
import { deaf, get, lastGet, reader, statusesOf } from './client.suite.ts';
import { connectionLimits } from './limits.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function open(
  connections: NonNullable<HttpOptions['connections']>,
  options: Partial<HttpOptions> = {},
  store: Store = openMemory(),
): Promise<TestServer> {
  const server = await openServer({ payloadBytes: 4_000_000, ...options, connections }, store);
  servers.push(server);
  return server;
}

/** A store that reads no job until it is let go. */
function heldReads() {
  const memory = openMemory();
  const reads = { all: 0, underWay: 0, most: 0 };
  const [eight, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const store = altered(memory, {
    jobs: {
      async get(id) {
        reads.all += 1;
        reads.underWay += 1;
        reads.most = Math.max(reads.most, reads.underWay);
        if (reads.underWay === 8) eight.resolve();
        await held.promise;
        reads.underWay -= 1;
        return memory.jobs.get(id);
      },
    },
  });
  return { store, reads, eight: eight.promise, letGo: held.resolve };
}

/** So many bytes that no system buffers them. */
async function fill(server: TestServer): Promise<void> {
  for (let n = 0; n < 30; n++) await server.push({ payload: 'x'.repeat(1_000_000) });
}

/** The server's side of the next connection ends. */
const ended = async ({ app }: TestServer): Promise<void> => {
  const [socket] = (await once(app.server, 'connection')) as [Socket];
  await once(socket, 'close');
};

describe('times', () => {
  it('are as documented', () => {
    expect(connectionLimits).toMatchObject({ headersTimeout: 10_000, requestTimeout: 60_000, stalled: 30_000 });
  });

  it.each([
    ['a head', 'GET /livez HTTP/1.1\r\nHo'],
    ['a first byte', ''],
    ['a body', 'POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{'],
  ])('%s that does not come is answered 408 within 2 s of its time', async (_what, sent) => {
    const { port } = await open({ headersTimeout: 1_000, requestTimeout: 1_000 });
    const { socket, all } = reader(port);
    await once(socket, 'connect');
    const began = performance.now();
    socket.write(sent);
    expect(statusesOf(await all)).toEqual([408]);
    expect(performance.now() - began).toBeGreaterThan(990);
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

describe('who takes nothing of a large answer', () => {
  it.each(['/job', '/v1/export', '/v1/jobs/:id'])('of %s is cut off', async (path) => {
    const server = await open({ stalled: 1_000 });
    await fill(server);
    const id = await server.push({ payload: 'x'.repeat(3_900_000) });
    const began = performance.now();
    const asked = get(path.replace(':id', id));
    // Of an answer that the system's buffers would hold, as many as they do not.
    const cut = ended(server);
    const socket = deaf(server.port, asked.repeat(10));
    await cut;
    expect(performance.now() - began).toBeGreaterThan(990);
    expect(performance.now() - began).toBeLessThan(6_000);
    socket.resume();
    await once(socket, 'close');
    expect(socket.bytesRead).toBeLessThan(30_000_000);
  });
});

describe('who is not cut off', () => {
  it('takes its answer slowly, but takes it', async () => {
    const server = await open({ stalled: 1_000 });
    await fill(server);
    const socket = deaf(server.port, lastGet('/v1/export'));
    let read = 0;
    // A piece whenever somebody else was answered a few times: some seconds altogether.
    for (;;) {
      for (let n = 0; n < 25; n++) await server.ask('GET', '/livez');
      const bytes: unknown = socket.read(Math.min(262_144, Math.max(1, socket.readableLength)));
      if (Buffer.isBuffer(bytes)) read += bytes.length;
      if (socket.readableEnded || (socket.readableLength === 0 && read > 30_000_000)) break;
    }
    expect(read).toBeGreaterThan(30_000_000);
    socket.destroy();
  });

  it('waits for a job, or has its connection kept', async () => {
    const server = await open({ stalled: 100, headersTimeout: 100, requestTimeout: 100 });
    const id = await server.push();
    const { socket, came, all } = reader(server.port);
    socket.write(get('/livez'));
    await came('live');
    const waiting = server.ask('GET', `/v1/jobs/${id}/wait?timeout=10s`);
    const other = reader(server.port);
    other.socket.write('G');
    // Looked at at least once meanwhile.
    expect(statusesOf(await other.all)).toEqual([408]);
    await server.settle(await server.start(), succeeded());
    expect(await waiting).toMatchObject({ status: 200, json: { state: 'succeeded' } });
    socket.write(lastGet('/livez'));
    expect(statusesOf(await all)).toEqual([200, 200]);
  });
});

describe('large answers', () => {
  it('that nobody takes leave no room for others, which are refused; small ones and pushes are not', async () => {
    const server = await open({ answerBytes: 8_000_000 });
    const id = await server.push({ payload: 'x'.repeat(3_900_000) });
    const path = `/job/${id}`;
    // What the system buffers of the first of them is not held.
    const sockets = Array.from({ length: 4 }, () => deaf(server.port, get(path).repeat(5)));
    await expect.poll(async () => (await server.ask('GET', path)).status, { timeout: 10_000 }).toBe(503);
    const refused = await server.ask('GET', path);
    expect([refused.status, refused.headers['retry-after'], refused.json['error']]).toEqual([
      503,
      '1',
      expect.stringContaining('slow readers'),
    ]);
    expect(await server.ask('GET', `/v1/jobs/${id}`)).toMatchObject({
      status: 503,
      json: { code: 'overloaded' },
      headers: { 'retry-after': '1' },
    });
    expect((await server.ask('GET', '/v1/export')).status).toBe(503);
    expect((await server.ask('GET', '/stats')).status).toBe(200);
    const other = await server.push();
    expect((await server.ask('GET', `/job/${other}`)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await server.ask('GET', path)).status, { timeout: 10_000 }).toBe(200);
  });

  it('end the connection of whoever takes none, with all that it has asked for', async () => {
    const server = await open({ answerBytes: 8_000_000 });
    const id = await server.push({ payload: 'x'.repeat(3_900_000) });
    const path = `/job/${id}`;
    const sockets = Array.from({ length: 4 }, () => deaf(server.port, get(path).repeat(5)));
    await expect.poll(async () => (await server.ask('GET', path)).status, { timeout: 10_000 }).toBe(503);
    const { socket, all } = reader(server.port);
    socket.write(get(path).repeat(3));
    expect(statusesOf(await all)).toEqual([503]);
    for (const each of sockets) each.destroy();
  });

  it('are made a few at a time', async () => {
    const { store, reads, eight, letGo } = heldReads();
    const server = await open({}, {}, store);
    const id = await server.push();
    const asked = Array.from({ length: 30 }, (_, n) => server.ask('GET', n % 2 === 0 ? `/job/${id}` : `/v1/jobs/${id}/wait?timeout=0s`));
    await eight;
    // Others are not behind them.
    expect((await server.ask('GET', '/v1/jobs')).status).toBe(200);
    letGo();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
    expect(reads.most).toBe(8);
  });

  it('of pushes that bring many jobs are made two at a time, and pushes of one job are not behind them', async () => {
    const store = openMemory();
    let [made, mostMade] = [0, 0];
    const held = Promise.withResolvers<void>();
    const two = Promise.withResolvers<void>();
    const slow = altered(store, {
      jobs: {
        async push(jobs) {
          if (jobs.length === 1) return store.jobs.push(jobs);
          made += 1;
          mostMade = Math.max(mostMade, made);
          if (made === 2) two.resolve();
          await held.promise;
          made -= 1;
          return store.jobs.push(jobs);
        },
      },
    });
    const server = await open({}, {}, slow);
    const job = { worker: 'a' };
    const asked = [
      ...Array.from({ length: 4 }, () => server.ask('POST', '/v1/jobs', { body: [job, job] })),
      ...Array.from({ length: 4 }, () => server.ask('POST', '/v1/batches', { body: { jobs: [job, job] } })),
    ];
    await two.promise;
    expect((await server.ask('POST', '/v1/jobs', { body: job })).status).toBe(201);
    held.resolve();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 201, 201, 201, 201]);
    expect(mostMade).toBe(2);
  });

  it('whose clients have left are worked on in their turn, and who has left before it comes has none made', async () => {
    const { store, reads, eight, letGo } = heldReads();
    const server = await open({}, {}, store);
    const id = await server.push();
    const asked = (): Socket => deaf(server.port, get(`/v1/jobs/${id}`));
    const first = Array.from({ length: 8 }, asked);
    await eight;
    const waiting = Array.from({ length: 8 }, asked);
    await Promise.all([...first, ...waiting].map((socket) => once(socket.destroy(), 'close')));
    const last = server.ask('GET', `/v1/jobs/${id}`);
    expect((await server.ask('GET', '/v1/jobs')).status).toBe(200);
    expect(reads.all).toBe(8);
    letGo();
    expect((await last).status).toBe(200);
    expect(reads.all).toBe(9);
  });

  it('are whole, with their length', async () => {
    const server = await open({});
    const id = await server.push({ payload: '😀'.repeat(900_000) });
    const { headers, json, text: body } = await server.ask('GET', `/job/${id}`);
    expect(json['payload']).toBe('😀'.repeat(900_000));
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  });

  it('go to whoever takes them, also one after the other on one connection', async () => {
    const server = await open({ answerBytes: 1_000_000 });
    const id = await server.push({ payload: 'x'.repeat(900_000) });
    const socket = deaf(server.port, get(`/job/${id}`).repeat(20) + lastGet('/livez'));
    expect(statusesOf(await text(socket))).toEqual([...Array.from({ length: 20 }, () => 200), 200]);
  });
});

describe('followers of events that take nothing', () => {
  const doc = 'x'.repeat(1_000_000);
  const publish = async (server: TestServer, id: string, more: object = {}): Promise<number> =>
    (await server.ask('POST', '/v1/events', { body: { type: 'io.files', verb: 'CREATED', id, ...more } })).status;

  it('hold one piece, which counts among the large answers, once for all of them', async () => {
    const store = openMemory();
    let reads = 0;
    const counted = altered(store, {
      journal: {
        async entries(after, limit) {
          reads += 1;
          return store.journal.entries(after, limit);
        },
      },
    });
    const server = await open({ answerBytes: 1_900_000 }, {}, counted);
    const id = await server.push({ payload: 'x'.repeat(900_000) });
    const small = reader(server.port);
    small.socket.write(get('/v1/events?topic=io.small'));
    await small.came('following');
    const deafOnes = Array.from({ length: 3 }, () => deaf(server.port, get('/v1/events?topic=io.files')));
    await expect.poll(() => reads, { timeout: 10_000 }).toBeGreaterThanOrEqual(8);
    // What the system buffers of them is not held. Then one event is, or two: large bodies are refused as well.
    let published = 0;
    while ((await publish(server, `${published}`, { doc, old: published % 2 === 0 ? null : doc })) === 200) {
      published += 1;
      expect(published).toBeLessThan(60);
    }
    await expect.poll(async () => (await server.ask('GET', `/job/${id}`)).status, { timeout: 10_000 }).toBe(503);
    // Small ones go on.
    expect(await publish(server, 'small', { type: 'io.small' })).toBe(200);
    await small.came('"small"');
    const known = reads;
    for (let n = 0; n < 5; n++) await publish(server, `more ${n}`, { type: 'io.other' });
    // Who takes nothing reads nothing; the other one looks twice at most for each.
    expect(reads).toBeLessThanOrEqual(known + 10);
    for (const socket of deafOnes) socket.destroy();
    await expect.poll(async () => (await server.ask('GET', `/job/${id}`)).status, { timeout: 10_000 }).toBe(200);
    small.socket.destroy();
  });
});
