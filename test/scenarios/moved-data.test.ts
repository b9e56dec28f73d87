/** A server whose data are moved, replaced or removed under it ends, and says what became of them. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';

let folder = '';
let home = '';
const running: ServerProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-moved-'));
  home = join(folder, 'home');
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function start(data: string): Promise<ServerProcess> {
  const server = await startServer(data);
  running.push(server);
  return server;
}

const database = (data: string): string => join(data, 'hatstand.db');
const elsewhere = (): string => join(folder, 'elsewhere');

async function push({ address }: ServerProcess, name: string): Promise<string | null> {
  const pushed = await ask(address, 'POST', '/v1/jobs', { url: 'http://127.0.0.1:1/', delay: '1h', name });
  return pushed?.status === 201 ? pushed.body.id : null;
}

/** As long as it is acknowledged; answers for how long (ms), and what was. */
async function pushUntilRefused(server: ServerProcess): Promise<{ readonly took: number; readonly ids: readonly string[] }> {
  const from = performance.now();
  const ids: string[] = [];
  for (;;) {
    const id = await push(server, 'late');
    if (id === null) return { took: performance.now() - from, ids };
    ids.push(id);
  }
}

async function expectKept({ address }: ServerProcess, ids: readonly string[]): Promise<void> {
  for (const id of ids) expect(await ask(address, 'GET', `/v1/jobs/${id}`)).toMatchObject({ status: 200, body: { state: 'scheduled' } });
}

const textOf = ({ lines }: ServerProcess): string => lines.join('\n');

describe('a server ends with store_failed', { timeout: 60_000 }, () => {
  it('when its folder was renamed, and all that it acknowledged is in there', async () => {
    const server = await start(home);
    const before = await push(server, 'before');
    renameSync(home, elsewhere());
    const { took, ids } = await pushUntilRefused(server);
    expect(took).toBeLessThan(2_000);
    expect(await server.ended).toBe('3');
    expect(textOf(server)).toMatch(/hatstand\.db was moved away or removed while this process used it \(inode \d+ .*Put .* back/);
    await expectKept(await start(elsewhere()), [before ?? '', ...ids]);
  });

  it('when nobody asks anything of it', async () => {
    const server = await start(home);
    renameSync(home, elsewhere());
    expect(await server.ended).toBe('3');
  });

  it('when its folder was removed, and acknowledges nothing more', async () => {
    const server = await start(home);
    rmSync(home, { recursive: true });
    const { took } = await pushUntilRefused(server);
    expect(took).toBeLessThan(2_000);
    expect(await server.ended).toBe('3');
    expect(textOf(server)).toContain('was moved away or removed');
    expect(existsSync(home)).toBe(false);
  });

  it('when its log was removed, and what it acknowledged is kept all the same', async () => {
    const server = await start(home);
    const before = await push(server, 'before');
    rmSync(`${database(home)}-wal`);
    const { ids } = await pushUntilRefused(server);
    expect(await server.ended).toBe('3');
    expect(textOf(server)).toContain('hatstand.db-wal was moved away or removed');
    await expectKept(await start(home), [before ?? '', ...ids]);
  });

  it('when another file was put in place of its database, and leaves the log beside it', async () => {
    const server = await start(home);
    await push(server, 'before');
    const db = new DatabaseSync(database(home), { readOnly: true });
    db.exec(`VACUUM INTO '${join(folder, 'backup.db')}'`);
    db.close();
    await push(server, 'after');
    renameSync(join(folder, 'backup.db'), database(home));
    await pushUntilRefused(server);
    expect(await server.ended).toBe('3');
    expect(textOf(server)).toMatch(/hatstand\.db was replaced by another file .*first move the -wal and -shm of the former one away/);
    expect(existsSync(`${database(home)}-wal`)).toBe(true);
  });

  it('when the link that led to its folder, or to its database, leads elsewhere', async () => {
    const link = join(folder, 'link');
    symlinkSync(home, link);
    mkdirSync(home);
    const server = await start(link);
    const before = await push(server, 'before');
    rmSync(link);
    symlinkSync(link, link);
    const { took, ids } = await pushUntilRefused(server);
    expect(took).toBeLessThan(2_000);
    expect(await server.ended).toBe('3');
    expect(textOf(server)).toMatch(/link\/hatstand\.db led through a link to .*home\/hatstand\.db .*leads nowhere now/);
    const second = await start(home);
    await expectKept(second, [before ?? '', ...ids]);
    await second.kill('SIGTERM');

    mkdirSync(elsewhere());
    symlinkSync(database(home), database(elsewhere()));
    const third = await start(elsewhere());
    writeFileSync(join(folder, 'other.db'), '');
    symlinkSync(join(folder, 'other.db'), join(folder, 'other-link'));
    renameSync(join(folder, 'other-link'), database(elsewhere()));
    expect(await third.ended).toBe('3');
    expect(textOf(third)).toContain('leads to another file now');
    await expectKept(await start(home), [before ?? '', ...ids]);
  });

  it('when it reads: nobody is shown another server’s data', async () => {
    const server = await start(home);
    const before = await push(server, 'before');
    // No reader has been opened yet.
    renameSync(home, elsewhere());
    cpSync(elsewhere(), home, { recursive: true });
    const seen = await ask(server.address, 'GET', `/v1/jobs/${before}`);
    expect(seen === null || seen.status === 503).toBe(true);
    expect(await server.ended).toBe('3');
  });
});

describe('a server in the place of another', () => {
  it('keeps all its files when that one ends, however it ends', async () => {
    for (const signal of ['SIGTERM', null] as const) {
      const first = await start(home);
      await push(first, 'first');
      process.kill(first.pid, 'SIGSTOP');
      renameSync(home, elsewhere());
      const server = await start(home);
      if (signal !== null) void first.kill(signal);
      process.kill(first.pid, 'SIGCONT');
      await first.ended;
      const id = await push(server, 'second');
      expect(readFileSync(join(home, 'lock.pid'), 'utf8').trim()).toBe(String(server.pid));
      for (const ending of ['', '-wal', '-shm']) expect(existsSync(`${database(home)}${ending}`)).toBe(true);
      await server.kill('SIGKILL');
      const third = await start(home);
      await expectKept(third, [id ?? '']);
      await third.kill('SIGTERM');
      for (const data of [home, elsewhere()]) rmSync(data, { recursive: true });
    }
  });
});
