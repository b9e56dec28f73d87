/**
 * A backup that is put back as the guide says is what the server has then; put beside a log of before, the error names the log. So
 * it does when a log has lost its database.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from './history.ts';
import { runServer, type ServerProcess, startServer } from './server-process.ts';

let folder = '';
let home = '';
let database = '';
const running: ServerProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-restored-'));
  home = join(folder, 'home');
  database = join(home, 'hatstand.db');
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function start(): Promise<ServerProcess> {
  const server = await startServer(home);
  running.push(server);
  return server;
}

async function push({ address }: ServerProcess): Promise<string> {
  const pushed = await ask(address, 'POST', '/v1/jobs', { url: 'http://127.0.0.1:1/', delay: '1h' });
  return pushed?.body.id ?? '';
}

const statusOf = async ({ address }: ServerProcess, id: string): Promise<number | undefined> =>
  (await ask(address, 'GET', `/v1/jobs/${id}`))?.status;

async function backUp(to: string): Promise<void> {
  const db = new DatabaseSync(database, { readOnly: true });
  await backup(db, to);
  db.close();
}

/** As docs/install.md says it. */
function restore(from: string): void {
  const before = join(folder, 'before');
  mkdirSync(before);
  for (const name of readdirSync(home).filter((name) => name.startsWith('hatstand.db'))) renameSync(join(home, name), join(before, name));
  cpSync(from, database);
}

it('has what was there when it was made, although the server was killed', { timeout: 60_000 }, async () => {
  const copy = join(folder, 'backup.db');
  const first = await start();
  const kept = await push(first);
  await backUp(copy);
  const lost = await push(first);
  await first.kill('SIGKILL');
  restore(copy);
  const second = await start();
  expect([await statusOf(second, kept), await statusOf(second, lost)]).toEqual([200, 404]);
  const next = await push(second);
  await second.kill('SIGKILL');
  expect(await statusOf(await start(), next)).toBe(200);
});

it('is refused beside the log of another database, and the error names the log and leaves it there', { timeout: 60_000 }, async () => {
  await (await start()).kill('SIGTERM');
  // Now the log has only what the second start wrote.
  await (await start()).kill('SIGKILL');
  expect(statSync(`${database}-wal`).size).toBeGreaterThan(0);
  writeFileSync(database, 'no database, or one of another program '.repeat(1_000));
  const { how, text } = await runServer(home);
  expect(how).toBe('78');
  expect(text).toMatch(/hatstand\.db-wal and .*hatstand\.db-shm are those of the database before: move both away/);
  expect(existsSync(`${database}-wal`)).toBe(true);
});

describe('a log without its database', { timeout: 60_000 }, () => {
  const away = (): string => join(folder, 'away.db');
  const contents = (): readonly (readonly [string, Buffer])[] =>
    readdirSync(home)
      .filter((name) => name.startsWith('hatstand'))
      .map((name) => [name, readFileSync(join(home, name))]);

  async function startRefused(): Promise<string> {
    const before = contents();
    const { how, text } = await runServer(home);
    expect(how).toBe('78');
    expect(contents()).toEqual(before);
    return text;
  }

  it('is refused and stays as it is, also beside an empty file, and goes on when its database is back', async () => {
    const first = await start();
    const kept = await push(first);
    await first.kill('SIGKILL');
    renameSync(database, away());
    expect(await startRefused()).toMatch(/hatstand\.db is missing or empty, and the log beside it, .*hatstand\.db-wal, holds \d+ bytes/);
    writeFileSync(database, '');
    expect(await startRefused()).toMatch(/Put .*hatstand\.db back in its place and start\. .*move .*-wal and .*-shm away first/);
    renameSync(away(), database);
    expect(await statusOf(await start(), kept)).toBe(200);
  });

  it('does not keep a start when nothing is in it', async () => {
    mkdirSync(home);
    for (const ending of ['-wal', '-shm']) writeFileSync(`${database}${ending}`, '');
    const first = await start();
    const kept = await push(first);
    expect(await statusOf(first, kept)).toBe(200);
  });

  it('is not taken for that of another program’s database, which is refused without a log, too', async () => {
    const first = await start();
    const kept = await push(first);
    await first.kill('SIGKILL');
    renameSync(database, away());
    const other = new DatabaseSync(join(folder, 'other.db'));
    other.exec('CREATE TABLE notes (text); INSERT INTO notes VALUES (1)');
    other.close();
    renameSync(join(folder, 'other.db'), database);
    expect(await startRefused()).toMatch(
      /hatstand\.db is the database of another program.*hatstand\.db-wal, the log of a database that was/,
    );
    for (const ending of ['-wal', '-shm']) renameSync(`${database}${ending}`, `${away()}${ending}`);
    expect(await startRefused()).toContain('is the database of another program');
    for (const ending of ['', '-wal', '-shm']) renameSync(`${away()}${ending}`, `${database}${ending}`);
    expect(await statusOf(await start(), kept)).toBe(200);
  });
});

it('is refused beside the log of the same database of later, which stays as it is', { timeout: 60_000 }, async () => {
  const copy = join(folder, 'backup.db');
  const many = Array.from({ length: 900 }, () => ({ url: 'http://127.0.0.1:1/', delay: '1h', payload: 'x'.repeat(200) }));
  const first = await start();
  const kept = await push(first);
  await backUp(copy);
  expect(await ask(first.address, 'POST', '/v1/jobs', many)).toMatchObject({ status: 200 });
  // The log is written into the database, and the next start begins another one.
  await first.kill('SIGTERM');
  const second = await start();
  await push(second);
  await second.kill('SIGKILL');
  const log = readFileSync(`${database}-wal`);
  cpSync(copy, database);
  const { how, text } = await runServer(home);
  expect(how).toBe('78');
  expect(text).toMatch(/cannot be used with the log beside it: .*move both away, put the backup in its place again/);
  expect([readFileSync(`${database}-wal`).equals(log), readFileSync(database).equals(readFileSync(copy))]).toEqual([true, true]);
  for (const ending of ['-wal', '-shm']) renameSync(`${database}${ending}`, join(folder, `before${ending}`));
  expect(await statusOf(await start(), kept)).toBe(200);
});
