import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';
import { type Client, post, reader, statusesOf } from './client.suite.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Two such bodies do not fit into the room. */
const body = JSON.stringify({ url: 'http://a/', payload: 'x'.repeat(200_000) });

async function open(): Promise<TestServer> {
  const server = await openServer({ payloadBytes: 4_000_000, connections: { bodyBytes: 600_000 } });
  servers.push(server);
  return server;
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
    const server = await openServer({ payloadBytes: 4_000_000, connections: { bodyBytes: 4_000_000 } });
    servers.push(server);
    const { app, port, ask } = server;
    const headers = { 'content-type': 'application/xml' };
    const xml = `<job><URL>http://a/</URL><X>${'x'.repeat(200_000)}</X></job>`;
    const arrived = once(app.server, 'request');
    const first = reader(port);
    const sent = `POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: ${xml.length}\r\n\r\n${xml}`;
    first.socket.write(sent.slice(0, -1));
    await arrived;
    expect((await ask('POST', '/job', { headers, body: xml })).status).toBe(503);
    first.socket.write(sent.slice(-1));
    expect(statusesOf(await first.all)).toEqual([200]);
  });

  it('are refused with words after a while, before they are read', async () => {
    const server = await open();
    const { ask } = server;
    const first = await begin(server);
    const refused = await begin(server);
    const [early, late] = [await refused.all, await ask('GET', '/livez')];
    expect([statusesOf(early), late.status]).toEqual([[503], 200]);
    expect(early).toMatch(/retry-after: 1\r\n/i);
    expect(early).toContain('"code":"overloaded"');
    expect(early).toContain('Nothing of this one was read');
    first.finish();
    expect(statusesOf(await first.all)).toEqual([201]);
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

  async function openTwo(): Promise<TestServer> {
    const server = await openServer({ payloadBytes: 4_000_000, connections: { bodyBytes: 14_000_000 } });
    servers.push(server);
    return server;
  }

  it('takes memory as it comes, and waits for it', async () => {
    const { port } = await openTwo();
    const both = [begin(port), begin(port)];
    for (const { finish } of both) finish();
    expect((await Promise.all(both.map(({ all }) => all))).map(statusesOf)).toEqual([[201], [201]]);
  });

  it('is refused with words when others halt in theirs, and nobody else is', async () => {
    const { port, ask } = await openTwo();
    const both = [begin(port), begin(port)];
    const refused = await Promise.race(both.map(({ all }) => all));
    expect(statusesOf(refused)).toEqual([503]);
    expect(refused).toMatch(/retry-after: 1\r\n/i);
    expect(refused).toContain('no room for more of this one, of which nothing is kept');
    expect((await ask('POST', '/v1/jobs', { body: { url: 'http://a/' } })).status).toBe(201);
    for (const { finish } of both) finish();
    expect((await Promise.all(both.map(({ all }) => all))).flatMap(statusesOf).toSorted()).toEqual([201, 503]);
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
