/** How a server ends, and what it leaves: results of what ended in time, the rest back in its queue as if never begun. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appears } from '../support/appears.ts';
import { ask, checkEnded } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { startWebApp, type WebApp } from './web-app.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let app: WebApp;
let folder = '';
let server: ServerProcess | null = null;
beforeAll(async () => {
  app = await startWebApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hatstand-shutdown-'));
});
afterEach(async () => {
  app.release();
  await server?.kill('SIGKILL');
  server = null;
  await rm(folder, { recursive: true });
});

async function start(flags: readonly string[] = []): Promise<ServerProcess> {
  server = await startServer(join(folder, 'data'), { flags });
  return server;
}

/** Jobs of one attempt, which nobody may burn. */
async function pushHeld(address: string, count: number): Promise<readonly string[]> {
  const job = { url: `${app.address}/hold`, timeout: null, retry: { attempts: 1 } };
  const pushed = await Promise.all(Array.from({ length: count }, () => ask(address, 'POST', '/v1/jobs', job)));
  await app.holds(count);
  return pushed.map((answer) => answer?.body.id ?? '');
}

describe('SIGTERM', () => {
  it('waits for running jobs, takes no new ones and answers questions meanwhile', async () => {
    const { address, kill, line } = await start();
    const [canceled = '', ...released] = await pushHeld(address, 3);
    const ended = kill('SIGTERM');
    const push = () => ask(address, 'POST', '/v1/jobs', { url: `${app.address}/ok` });
    await line(/server\.stopping/);
    expect(await push()).toMatchObject({ status: 503, body: { code: 'shutting_down' } });
    expect(await ask(address, 'POST', '/job', { url: `${app.address}/ok` })).toMatchObject({
      body: { status: 503, error: expect.stringContaining('shutting down') },
    });
    expect(await ask(address, 'GET', '/readyz')).toMatchObject({ status: 503 });
    expect(await ask(address, 'GET', '/livez')).toMatchObject({ status: 200 });
    expect(await ask(address, 'GET', `/v1/jobs/${canceled}`)).toMatchObject({ status: 200, body: { state: 'running' } });
    expect(await ask(address, 'GET', '/job?reverse=1')).toMatchObject({ status: 200, body: { count: expect.any(Number) } });
    // Never answered: had the web app succeeded before the cancel came to it, success would win.
    expect(await ask(address, 'POST', `/v1/jobs/${canceled}/cancel`)).toMatchObject({ status: 200 });
    for (const id of released) app.release({ id });
    expect(await ended).toBe('0');

    const next = await start();
    for (const id of released) {
      await checkEnded(next.address, id);
      expect(app.runs.get(id)).toBe(1);
    }
    await checkEnded(next.address, canceled, 'canceled');
  });

  it('hands back what does not end in time, without burning an attempt', async () => {
    const { address, kill } = await start(['--shutdown-timeout', '1']);
    const [inTime = '', ...late] = await pushHeld(address, 4);
    const told = performance.now();
    const ended = kill('SIGTERM');
    app.release({ id: inTime });
    expect(await ended).toBe('0');
    const took = performance.now() - told;
    expect(took).toBeGreaterThan(995);
    expect(took).toBeLessThan(4_000);

    const again = app.holds(late.length);
    const next = await start();
    // At once: nothing waits for a lease to run out or for a backoff.
    await again;
    for (const id of late) {
      expect(await ask(next.address, 'GET', `/v1/jobs/${id}`)).toMatchObject({ body: { state: 'running', run: 1, attempt: 1, lost: 0 } });
    }
    app.release();
    for (const id of late) {
      const { history } = await checkEnded(next.address, id);
      expect(history.map(({ end }) => end)).toEqual(['succeeded', 'returned']);
    }
    const first = await checkEnded(next.address, inTime);
    expect(first.history).toHaveLength(1);
  });

  it('answers who waits for a job, and ends at once although their connections would go on', async () => {
    const { address, kill } = await start();
    const pushed = await ask(address, 'POST', '/v1/jobs', { worker: 'nobody' });
    const { port, hostname, host } = new URL(address);
    const sockets = Array.from({ length: 20 }, () => connect(Number(port), hostname));
    const path = `/v1/jobs/${pushed?.body.id}/wait?timeout=5m`;
    for (const socket of sockets)
      socket.write(`GET /livez HTTP/1.1\r\nHost: ${host}\r\n\r\nGET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`);
    // The request behind is begun when the first one is answered.
    await Promise.all(sockets.map((socket) => once(socket, 'readable')));
    const asked = performance.now();
    const ended = kill('SIGTERM');
    const texts = await Promise.all(sockets.map((socket) => text(socket)));
    expect(await ended).toBe('0');
    expect(performance.now() - asked).toBeLessThan(2_000);
    for (const told of texts) expect(told).toMatch(/HTTP\/1\.1 (200|503)[\s\S]*connection: close/i);
  });

  it('keeps waiting jobs waiting', async () => {
    const { address, kill } = await start(['--dispatchers', '1', '--shutdown-timeout', '0']);
    await pushHeld(address, 1);
    const waiting = await ask(address, 'POST', '/v1/jobs', { url: `${app.address}/ok` });
    expect(await kill('SIGTERM')).toBe('0');
    const id = waiting?.body.id ?? '';
    expect(app.runs.has(id)).toBe(false);
    const next = await start();
    const { history } = await checkEnded(next.address, id);
    expect(history).toHaveLength(1);
  });
});

describe('SIGUSR1', () => {
  it('goes on in new log files, and no line is lost', async () => {
    const [log, access] = [join(folder, 'server.log'), join(folder, 'access.log')];
    const { address, kill, pid } = await start(['--log-file', log, '--access-log-file', access, '--print-address']);
    const rounds = 4;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: 20 }, (_, n) => ask(address, 'GET', `/v1/jobs/${round}${n}`)));
      await Promise.all([log, access].map((file) => rename(file, `${file}.${round}`)));
      process.kill(pid, 'SIGUSR1');
      await Promise.all([appears(log), appears(access)]);
    }
    await kill('SIGTERM');
    const files = (await readdir(folder)).filter((name) => name.startsWith('access.log'));
    expect(files).toHaveLength(rounds + 1);
    const lines = (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('').trimEnd().split('\n');
    expect(lines.filter((line) => line.includes(' GET /v1/jobs/'))).toHaveLength(20 * rounds);
    expect(await readFile(`${log}.0`, 'utf8')).toContain('server.listening');
    expect(await readFile(log, 'utf8')).toContain('server.stopped');
  });
});

describe('a server that cannot begin', () => {
  it('because another one has its folder names it, and leaves it alone', async () => {
    const first = await start();
    const refusal = startServer(join(folder, 'data'));
    await expect(refusal).rejects.toThrow(/^the server ended without .*\(75\)/);
    await expect(refusal).rejects.toThrow(`is used by process ${first.pid}. `);
    const pushed = await ask(first.address, 'POST', '/v1/jobs', { url: `${app.address}/ok` });
    await checkEnded(first.address, pushed?.body.id ?? '');
  });

  it('because its port is taken ends, and lets go of its folder', async () => {
    const { port } = new URL(app.address);
    const other = join(folder, 'other');
    const refusal = startServer(other, { flags: ['--addr', `127.0.0.1:${port}`] });
    await expect(refusal).rejects.toThrow(/\(75\)/);
    await expect(refusal).rejects.toThrow(`error: 127.0.0.1:${port} is in use`);
    server = await startServer(other);
    expect(await server.kill('SIGTERM')).toBe('0');
  });
});

/** The processes of a group, as /proc knows them. */
async function membersOf(group: number): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  // Behind the name in parentheses: state, parent, group.
  return stats.filter((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2] === String(group));
}

describe('npm run hatstand -- serve', () => {
  it('leaves no child when its group is killed', { timeout: 120_000 }, async () => {
    const data = join(folder, 'data');
    const args = ['run', '-s', 'hatstand', '--', 'serve', '--addr', '127.0.0.1:0', '--data-dir', data, '--print-address'];
    const npm = spawn('npm', args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const listening = new Promise<void>((resolve, reject) => {
      createInterface({ input: npm.stdout }).on('line', (line) => line.startsWith('http://') && resolve());
      npm.once('exit', (code) => reject(new Error(`npm ended with ${code}`)));
    });
    const group = npm.pid ?? 0;
    await listening;
    // npm, its shell, the script and the server.
    expect((await membersOf(group)).length).toBeGreaterThan(2);
    process.kill(-group, 'SIGKILL');
    await expect.poll(() => membersOf(group), { timeout: 10_000 }).toEqual([]);
    // Nobody has the folder.
    server = await startServer(data);
  });
});
