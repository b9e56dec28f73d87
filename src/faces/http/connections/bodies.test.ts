import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { openMemory } from '../../../stores/memory/index.ts';
import { openServer, type TestServer } from '../server.suite.ts';
import { type Client, post, reader, statusesOf } from './client.suite.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Two such bodies do not fit into the room. */
const body = JSON.stringify({ url: 'http://a/', payload: 'x'.repeat(200_000) });

async function open(bodyBytes = 600_000, store = openMemory()): Promise<TestServer> {
  const server = await openServer({ payloadBytes: 4_000_000, connections: { bodyBytes } }, store);
  servers.push(server);
  return server;
}

/** The first push to it is kept only when it is let go: until then its body is worked on. */
function holding() {
  const memory = openMemory();
  const [held, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let pushes = 0;
  const push: typeof memory.jobs.push = async (...asked) => {
    pushes += 1;
    if (pushes === 1) {
      held.resolve();
      await letGo.promise;
    }
    return memory.jobs.push(...asked);
  };
  return { store: { ...memory, jobs: { ...memory.jobs, push } }, held: held.promise, letGo: letGo.resolve };
}

/** Sends all but the last byte, once its turn has come. */
async function begin({ app, port }: TestServer): Promise<Client & { finish(): void }> {
  const sent = post('/v1/jobs', body, 'Connection: close\r\n');
  const arrived = once(app.server, 'request');
  const client = reader(port);
  client.socket.write(sent.slice(0, -1));
  await arrived;
  return { ...client, finish: () => void client.socket.write(sent.slice(-1)) };
}

describe('large bodies', () => {
  it('wait for one another, and small ones do not', async () => {
    const server = await open();
    const { ask, store } = server;
    const first = await begin(server);
    const second = await begin(server);
    second.finish();
    expect((await ask('POST', '/v1/jobs', { body: { url: 'http://a/' } })).status).toBe(201);
    first.finish();
    expect([statusesOf(await first.all), statusesOf(await second.all)]).toEqual([[201], [201]]);
    expect((await store.jobs.count())[0]?.counts.queued).toBe(3);
  });

  it('of XML count for more: their parser takes far more memory than they have bytes', async () => {
    const { store, held, letGo } = holding();
    const { port, ask } = await open(4_000_000, store);
    const headers = { 'content-type': 'application/xml' };
    const xml = `<job><URL>http://a/</URL><X>${'x'.repeat(200_000)}</X></job>`;
    const first = reader(port);
    first.socket.write(
      `POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: ${xml.length}\r\n\r\n${xml}`,
    );
    await held;
    expect((await ask('POST', '/job', { headers, body: xml })).status).toBe(503);
    letGo();
    expect(statusesOf(await first.all)).toEqual([200]);
  });

  it('are refused with words after a while, before they are read', async () => {
    const { store, held, letGo } = holding();
    const server = await open(600_000, store);
    const first = reader(server.port);
    first.socket.write(post('/v1/jobs', body, 'Connection: close\r\n'));
    await held;
    const refused = await begin(server);
    const [early, late] = [await refused.all, await server.ask('GET', '/livez')];
    expect([statusesOf(early), late.status]).toEqual([[503], 200]);
    expect(early).toMatch(/retry-after: 1\r\n/i);
    expect(early).toContain('"code":"overloaded"');
    expect(early).toContain('Nothing of this one was read');
    letGo();
    expect(statusesOf(await first.all)).toEqual([201]);
  });

  it('that come too slowly are ended when others wait, and not before', async () => {
    const server = await open();
    const slow = await begin(server);
    const waiting = reader(server.port);
    waiting.socket.write(post('/v1/jobs', body, 'Connection: close\r\n'));
    expect(statusesOf(await waiting.all)).toEqual([201]);
    const ended = await slow.all;
    expect(statusesOf(ended)).toEqual([503]);
    expect(ended).toMatch(/retry-after: 1\r\n/i);
    expect(ended).toContain('fewer than 64 KiB of it came in a second');
  });

  it('of a type that nobody takes are ended as others, also when nothing of them comes', async () => {
    const server = await open();
    const arrived = once(server.app.server, 'request');
    const silent = reader(server.port);
    silent.socket.write('POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n');
    await arrived;
    expect((await server.ask('POST', '/v1/jobs', { body })).status).toBe(201);
    expect(statusesOf(await silent.all)).toEqual([503]);
  });

  it('give back what they took when their client is gone', async () => {
    const server = await open();
    const first = await begin(server);
    const second = await begin(server);
    second.finish();
    first.socket.destroy();
    expect(statusesOf(await second.all)).toEqual([201]);
  });
});

describe('a body that does not say its length', () => {
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

  /** Sends 3 MiB of a job, for which it takes 8 of a memory that has no room for two such. */
  function begin(port: number): Client & { finish(): void } {
    const client = reader(port);
    const head =
      'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
    client.socket.write(head + chunk(`{"url":"http://a/","payload":"${'x'.repeat(3 * 1024 * 1024)}`));
    return { ...client, finish: () => void client.socket.write(`${chunk('"}')}0\r\n\r\n`) };
  }

  it('takes memory as it comes, and waits for it', async () => {
    const { port } = await open(14_000_000);
    const both = [begin(port), begin(port)];
    for (const { finish } of both) finish();
    expect((await Promise.all(both.map(({ all }) => all))).map(statusesOf)).toEqual([[201], [201]]);
  });

  it('is refused with words when others have theirs, and nobody else is', async () => {
    const { store, held, letGo } = holding();
    const { port, ask } = await open(14_000_000, store);
    const first = begin(port);
    first.finish();
    await held;
    const refused = await begin(port).all;
    expect(statusesOf(refused)).toEqual([503]);
    expect(refused).toMatch(/retry-after: 1\r\n/i);
    expect(refused).toContain('no room for more of this one, of which nothing is kept');
    expect((await ask('POST', '/v1/jobs', { body: { url: 'http://a/' } })).status).toBe(201);
    letGo();
    expect(statusesOf(await first.all)).toEqual([201]);
  });

  it('gives way to those before it when all want more than there is', async () => {
    const { port } = await open(14_000_000);
    const all = Array.from({ length: 6 }, () => begin(port));
    for (const { finish } of all) finish();
    const began = performance.now();
    const came = (await Promise.all(all.map((each) => each.all))).map(statusesOf);
    // Three have a beginning, and none of them could go on: the newest gives way, now and perhaps among those that wait behind them.
    expect(came.filter(([status]) => status === 201).length).toBeGreaterThanOrEqual(3);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('is ended when it halts while others wait, which then go on', async () => {
    const { port } = await open(14_000_000);
    const both = [begin(port), begin(port)];
    const ended = await Promise.race(both.map(({ all }) => all));
    expect(statusesOf(ended)).toEqual([503]);
    expect(ended).toContain('fewer than 64 KiB of it came in a second');
    for (const { finish } of both) finish();
    expect((await Promise.all(both.map(({ all }) => all))).flatMap(statusesOf).toSorted()).toEqual([201, 503]);
  });
});

describe('small bodies', () => {
  const small = JSON.stringify({ url: 'http://a/', payload: 'x'.repeat(60_000) });

  it('take a bounded memory together, wait for it unread, and are ended when they are held back; tiny ones go on', async () => {
    const { app, port, ask } = await open(1_000_000);
    const slow: Client[] = [];
    for (let n = 0; n < 2; n++) {
      const arrived = once(app.server, 'request');
      const client = reader(port);
      client.socket.write(post('/v1/jobs', small, 'Connection: close\r\n').slice(0, -1));
      await arrived;
      slow.push(client);
    }
    const waiting = ask('POST', '/v1/jobs', { body: small });
    expect((await ask('POST', '/v1/jobs', { body: { url: 'http://a/' } })).status).toBe(201);
    expect((await waiting).status).toBe(201);
    expect((await Promise.all(slow.map(({ all }) => all))).map(statusesOf)).toEqual([[503], [503]]);
  });

  it('are refused when the memory is that of others which are worked on', async () => {
    const { store, held, letGo } = holding();
    const { ask } = await open(600_000, store);
    const first = ask('POST', '/v1/jobs', { body: small });
    await held;
    expect((await ask('POST', '/v1/jobs', { body: small })).status).toBe(503);
    letGo();
    expect((await first).status).toBe(201);
  });
});

describe('a client that expects to be asked for its body', () => {
  const expects = (more: string): string =>
    `POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 19\r\nExpect: 100-continue\r\nConnection: close\r\n${more}\r\n`;

  it('is refused without that when it may not send it', async () => {
    const server = await openServer({ token: 't' });
    servers.push(server);
    const { socket, all } = reader(server.port);
    socket.write(expects(''));
    expect(statusesOf(await all)).toEqual([401]);
  });

  it('is asked once it may', async () => {
    const server = await openServer({ token: 't' });
    servers.push(server);
    const { socket, all, came } = reader(server.port);
    socket.write(expects('Authorization: Bearer t\r\n'));
    await came('100 Continue');
    socket.write('{"url":"http://a/"}');
    expect(statusesOf(await all)).toEqual([100, 201]);
  });
});

describe('a body that holds too much', () => {
  it.each([
    ['/v1/jobs', 'application/x-ndjson', '1\n', 413],
    ['/v1/import', 'application/x-ndjson', '\n', 413],
    ['/job', 'application/x-www-form-urlencoded', 'a=b&', 400],
    ['/job', 'multipart/form-data; boundary=X', '\n', 400],
  ])('of %s is refused as soon as it does, and the connection ends (%s)', async (path, type, unit, status) => {
    const { port } = await open();
    const { socket, all } = reader(port);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: 4000000\r\n\r\n`);
    socket.write(unit.repeat(80_000));
    expect(statusesOf(await all)).toEqual([status]);
  });
});
