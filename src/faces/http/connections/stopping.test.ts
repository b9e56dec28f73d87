/** A server that stops answers what is under way, says that the connections end, and waits for none that has nothing under way. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { openServer, type TestServer } from '../server.suite.ts';
import { deaf, get, reader, statusesOf } from './client.suite.ts';

async function open(): Promise<TestServer> {
  const server = await openServer({ payloadBytes: 4_000_000 });
  onTestFinished(() => server.close());
  return server;
}

async function closes({ app }: TestServer): Promise<number> {
  const from = performance.now();
  await app.close();
  return performance.now() - from;
}

/** Requests that are being answered. */
async function underWay({ app }: TestServer, many: number): Promise<void> {
  for (let n = 0; n < many; n++) await once(app.server, 'request');
}

/** A client that never ends a connection by itself, and reads. */
function stubborn(port: number, sent: string): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(sent);
  onTestFinished(() => void socket.destroy());
  return socket;
}

describe('a stop', () => {
  it('answers waits at once, and their connections end, although the clients would keep them', async () => {
    const server = await open();
    const id = await server.push();
    const begun = underWay(server, 3);
    const clients = Array.from({ length: 3 }, () => reader(server.port));
    for (const { socket } of clients) socket.write(get(`/v1/jobs/${id}/wait?timeout=5m`, 'Connection: keep-alive\r\n'));
    await begun;
    expect(await closes(server)).toBeLessThan(1_000);
    for (const { all } of clients) {
      const told = await all;
      expect(statusesOf(told)).toEqual([200]);
      expect(told).toMatch(/\r\nconnection: close\r\n/i);
      expect(told).toContain(`"id":"${id}"`);
    }
  });

  it.each([
    ['have sent nothing', '', 0],
    ['have been answered', get('/livez'), 1],
    ['wait for an answer', get('/v1/jobs/ID/wait?timeout=5m'), 1],
    ['send a head and do not go on', 'GET /livez HTTP/1.1\r\nHo', 0],
    ['send a body and do not go on', 'POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{', 1],
  ])('waits no 2 s for clients that %s and never end a connection', async (_what, sent, requests) => {
    const server = await open();
    const asked = sent.replace('ID', await server.push());
    const begun = requests > 0 ? underWay(server, requests) : once(server.app.server, 'connection');
    const socket = stubborn(server.port, asked);
    await begun;
    // The bytes have come, too.
    await server.ask('GET', '/livez');
    if (asked.includes('/livez HTTP/1.1\r\nHost')) while (socket.bytesRead === 0) await once(socket, 'data');
    expect(await closes(server)).toBeLessThan(2_000);
  });

  it('waits no 2 s for a client that sends on and on, ever so slowly', async () => {
    const server = await open();
    const begun = underWay(server, 1);
    const socket = stubborn(server.port, 'POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{');
    const sending = setInterval(() => socket.write(' '), 20);
    onTestFinished(() => clearInterval(sending));
    await begun;
    expect(await closes(server)).toBeLessThan(2_000);
  });

  it('tells who has sent a part of a request that it stops', async () => {
    const server = await open();
    const socket = connect(server.port, '127.0.0.1');
    const told = text(socket);
    socket.write('GET /livez HTTP/1.1\r\nHo');
    await once(server.app.server, 'connection');
    await server.ask('GET', '/livez');
    await closes(server);
    expect(await told).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nConnection: close\r\n[\s\S]*shutting down/);
  });

  it('cuts off no answer that was written and not taken yet', async () => {
    const server = await open();
    const id = await server.push({ payload: 'x'.repeat(50_000) });
    const connecting = once(server.app.server, 'connection') as Promise<[Socket]>;
    const socket = deaf(server.port, get(`/v1/jobs/${id}`).repeat(500));
    const [served] = await connecting;
    let taken = -1;
    await until('a client that takes no more', () => {
      const before = taken;
      taken = served.bytesWritten - served.writableLength;
      return served.writableLength > 0 && taken === before;
    });
    const closed = server.app.close();
    const told = await text(socket);
    await closed;
    const answers = told.split('HTTP/1.1 200 OK').slice(1);
    expect(answers.length).toBeGreaterThan(10);
    expect(answers.length).toBeLessThan(500);
    for (const answer of answers) expect(answer).toContain('"comment":""');
    expect(new Set(answers.map((answer) => answer.split('\r\n\r\n')[1]?.length)).size).toBe(1);
  });
});
