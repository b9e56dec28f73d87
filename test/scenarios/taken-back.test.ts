/** A start after a kill tells what it takes back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ask } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { startWebApp, type WebApp } from './web-app.ts';

let folder = '';
let app: WebApp;
const running: ServerProcess[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-taken-'));
  app = await startWebApp();
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.kill('SIGKILL');
  await app.close();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<ServerProcess> {
  const server = await startServer(folder);
  running.push(server);
  return server;
}

it('as one event with their number, and nothing after a stop', { timeout: 60_000 }, async () => {
  const first = await start();
  for (let n = 0; n < 3; n++) await ask(first.address, 'POST', '/v1/jobs', { url: `${app.address}/hold` });
  await app.holds(3);
  await first.kill('SIGKILL');

  const second = await start();
  const told = JSON.parse(await second.line(/"msg":"node\.buried"/)) as object;
  expect(told).toMatchObject({ level: 'warn', attempts: 3, incarnations: [expect.any(String)] });
  await app.holds(3);
  app.release();
  expect(await second.kill('SIGTERM')).toBe('0');

  const third = await start();
  await third.line(/"msg":"server\.listening"/);
  expect(await third.kill('SIGTERM')).toBe('0');
  for (const [server, times] of [
    [second, 1],
    [third, 0],
  ] as const) {
    expect(server.lines.filter((line) => line.includes('"msg":"node.buried"'))).toHaveLength(times);
  }
});
