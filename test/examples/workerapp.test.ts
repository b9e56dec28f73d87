/** The worker app in both languages, as somebody would start it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../examples/workerapp/', import.meta.url));
const apps: readonly (readonly [string, string])[] = [
  [process.execPath, 'workerapp.mjs'],
  ['python3', 'workerapp.py'],
];

describe.each(apps)('%s %s', (command, file) => {
  let app: ChildProcess;
  let lines: AsyncIterator<string>;
  let address: string;

  beforeAll(async () => {
    app = spawn(command, [folder + file, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(app, 'spawn');
    if (app.stdout === null) throw new Error('its output is not a pipe');
    lines = createInterface({ input: app.stdout })[Symbol.asyncIterator]();
    address = await nextLine();
  });

  afterAll(() => {
    app.kill('SIGKILL');
  });

  async function nextLine(): Promise<string> {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${file} ended, exit code ${app.exitCode}`);
    return value;
  }

  async function nextRequest(): Promise<readonly string[]> {
    const request: string[] = [];
    do request.push(await nextLine());
    while (request.at(-1) !== '--POST REQUEST END--');
    return request;
  }

  async function post(path: string, payload: unknown = {}, id = '1'): Promise<[number, string]> {
    const headers = { 'content-type': 'application/json', 'x-hq-job-id': id };
    const response = await fetch(address + path, { method: 'POST', headers, body: JSON.stringify(payload) });
    const answer = await response.text();
    await nextRequest();
    return [response.status, answer];
  }

  it('prints its address first', () => {
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('answers OK and prints the request', async () => {
    const response = await fetch(`${address}/?a=b`, { method: 'POST', headers: { 'X-Hq-Job-Id': '42' }, body: '{"message": "Hello"}' });
    expect([response.status, await response.text()]).toEqual([200, 'OK']);
    const request = await nextRequest();
    expect(request.slice(0, 2)).toEqual(['--POST REQUEST BEGIN--', 'POST /?a=b HTTP/1.1']);
    expect(request.map((line) => line.toLowerCase())).toContain('x-hq-job-id: 42');
    expect(request.slice(-3)).toEqual(['', '{"message": "Hello"}', '--POST REQUEST END--']);
  });

  it('does its small jobs', async () => {
    expect(await post('/mail', { to: 'a@example.com' })).toEqual([200, '{"sent":true,"to":"a@example.com"}']);
    expect(await post('/report', null)).toEqual([200, '{"report":"daily","rows":42}']);
    expect(await post('/thumbnail', { image: 'a.png' })).toEqual([200, '{"image":"a.png","width":160,"height":120}']);
    expect(await post('/slow?ms=1')).toEqual([200, 'OK after 1 ms']);
  });

  it('fails as asked', async () => {
    expect(await post('/fail')).toEqual([500, 'failed, as asked']);
    expect(await post('/flaky', {}, '7')).toEqual([503, 'not the first time']);
    expect(await post('/flaky', {}, '8')).toEqual([503, 'not the first time']);
    expect(await post('/flaky', {}, '7')).toEqual([200, 'OK, this time']);
    expect((await post('/slow?ms=x'))[0]).toBe(400);
    expect((await post('/nothing'))[0]).toBe(404);
    expect((await fetch(address)).status).toBe(405);
  });

  it('ends at SIGTERM after what is under way', async () => {
    const slow = post('/slow?ms=100');
    await nextLine();
    const exit = once(app, 'exit');
    app.kill('SIGTERM');
    expect((await slow)[0]).toBe(200);
    expect(await exit).toEqual([0, null]);
  });
});
