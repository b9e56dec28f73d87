/** Whose the files of a server are: its user's alone, whatever the umask; and what others can do is told. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modeText } from '../../src/core/rights.ts';
import { ask } from './history.ts';
import { runServer, type ServerProcess, startServer } from './server-process.ts';

let folder = '';
let data = '';
let server: ServerProcess | null = null;
beforeEach(() => {
  // Others get this far.
  folder = mkdtempSync(join(tmpdir(), 'hatstand-rights-'));
  chmodSync(folder, 0o755);
  data = join(folder, 'data');
});
afterEach(async () => {
  await server?.kill('SIGKILL');
  server = null;
  rmSync(folder, { recursive: true });
});

const modeOf = (path: string): string => modeText(statSync(path).mode);
/** Of each file in the folder. */
const modesOf = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, modeOf(join(path, name))]));
const withUmask = (umask: string): readonly string[] => ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
const own = {
  ballast: '600',
  'hatstand.db': '600',
  'hatstand.db-shm': '600',
  'hatstand.db-wal': '600',
  lock: '600',
  'lock.pid': '600',
};

async function warnings({ address }: ServerProcess): Promise<readonly string[]> {
  const response = await fetch(`${address}/v1/doctor`, { method: 'POST' });
  return ((await response.json()) as { readonly warnings: readonly string[] }).warnings;
}

/** What the start logged. */
const risks = ({ lines }: ServerProcess): readonly string[] =>
  lines.filter((line) => line.includes('.at_risk')).map((line) => (JSON.parse(line) as { readonly warning: string }).warning);

describe.each(['0000', '0022', '0077', '0777'])('with the umask %s', (umask) => {
  it('data and logs are for the user of the server alone', async () => {
    const logs = ['server.log', 'access.log'].map((name) => join(folder, name));
    const flags = ['--log-file', logs[0] ?? '', '--access-log-file', logs[1] ?? '', '--print-address'];
    server = await startServer(join(data, 'deep'), { under: withUmask(umask), flags });
    await ask(server.address, 'POST', '/v1/jobs', { url: 'http://127.0.0.1:9/', delay: '1h' });
    expect([modeOf(data), modeOf(join(data, 'deep'))]).toEqual(['700', '700']);
    expect(modesOf(join(data, 'deep'))).toEqual(own);
    expect(logs.map(modeOf)).toEqual(['600', '600']);
    expect(await warnings(server)).toEqual([]);
    await server.kill('SIGKILL');
    server = await startServer(join(data, 'deep'), { under: withUmask(umask), flags });
    expect(modesOf(join(data, 'deep'))).toEqual(own);
  });

  it('so is the folder of ephemeral data', async () => {
    server = await startServer(data, { under: withUmask(umask), flags: ['--ephemeral'], env: { TMPDIR: folder } });
    const made = readdirSync(folder).filter((name) => name.startsWith('hatstand-data-'));
    expect(made.map((name) => [modeOf(join(folder, name)), modesOf(join(folder, name))])).toEqual([['700', own]]);
  });
});

describe('a folder that was there', () => {
  it('keeps the rights that somebody gave it, and what comes into it is closed all the same', async () => {
    mkdirSync(data);
    chmodSync(data, 0o755);
    server = await startServer(data);
    expect([modeOf(data), modesOf(data)]).toEqual(['755', own]);
    expect([risks(server), await warnings(server)]).toEqual([[], []]);
  });

  it('is told with what to do, when others may read what is in it, or change it', async () => {
    server = await startServer(data);
    await server.kill('SIGTERM');
    for (const [path, mode] of [
      [data, 0o750],
      [join(data, 'hatstand.db'), 0o640],
      [join(data, 'lock'), 0o666],
    ] as const) {
      chmodSync(path, mode);
    }
    server = await startServer(data);
    const told = [
      `${data}/hatstand.db has the rights 640: its group may read it, with all payloads, results and secrets of jobs, and can hold it locked. If nobody else should: chmod -R go-rwx ${data}`,
    ];
    expect([risks(server), await warnings(server)]).toEqual([told, told]);
    // Meant for those who back it up, who have no business with the lock.
    expect(modesOf(data)).toEqual({ ...own, 'hatstand.db': '640', 'hatstand.db-shm': '640', 'hatstand.db-wal': '640' });
    await server.kill('SIGTERM');
    chmodSync(data, 0o777);
    chmodSync(join(data, 'hatstand.db'), 0o600);
    server = await startServer(data);
    expect(risks(server)).toEqual([
      `The folder ${data} has the rights 777: its group and others may change it, and so replace the store's files. If nobody else should: chmod -R go-rwx ${data}`,
    ]);
    execFileSync('chmod', ['-R', 'go-rwx', data]);
    await server.kill('SIGTERM');
    server = await startServer(data);
    expect(risks(server)).toEqual([]);
  });
});

/** A process of another user, `nobody`: only root can make one. */
const nobody = 65_534;
const asNobody = (program: string, ...args: readonly string[]): string =>
  execFileSync(process.execPath, ['-e', `process.setgid(${nobody}); process.setuid(${nobody}); ${program}`, '--', ...args], {
    encoding: 'utf8',
  });

describe.runIf(process.getuid?.() === 0)('another user of the machine', () => {
  const lock = `
    const { DatabaseSync } = require('node:sqlite');
    const held = process.argv.slice(1).filter((file) => {
      try {
        new DatabaseSync(file, { readOnly: true, timeout: 0 }).exec('BEGIN; SELECT * FROM sqlite_schema');
        return true;
      } catch { return false; }
    });
    console.log(JSON.stringify(held));`;

  it('can lock no file, and so keeps no server from starting, also in a folder that all may enter', async () => {
    mkdirSync(data);
    chmodSync(data, 0o755);
    server = await startServer(data);
    await server.kill('SIGTERM');
    expect(JSON.parse(asNobody(lock, ...readdirSync(data).map((name) => join(data, name))))).toEqual([]);
    chmodSync(join(data, 'lock'), 0o644);
    expect(JSON.parse(asNobody(lock, join(data, 'lock')))).toEqual([join(data, 'lock')]);
    server = await startServer(data);
    expect(JSON.parse(asNobody(lock, join(data, 'lock')))).toEqual([]);
  });

  it('whose name stands in the folder as that of the process is no matter', async () => {
    server = await startServer(data);
    await server.kill('SIGTERM');
    writeFileSync(join(data, 'lock.pid'), '\u001b[2Jboo');
    chownSync(join(data, 'lock.pid'), nobody, nobody);
    server = await startServer(data);
    writeFileSync(join(data, 'lock.pid'), '\u001b[2Jboo');
    const { how, text } = await runServer(data);
    expect([how, text]).toEqual(['75', expect.stringContaining(' is used by another process. Stop that process')]);
  });

  it('whose lock lies in the folder is named', async () => {
    server = await startServer(data);
    chownSync(join(data, 'lock'), nobody, nobody);
    const { how, text } = await runServer(data);
    expect([how, text]).toEqual(['75', expect.stringContaining(`lock belongs to user ${nobody}, who may be keeping it locked`)]);
  });
});
