/** A start that fails, or is stopped, ends at once, says why, and leaves nothing behind. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appears } from '../support/appears.ts';
import { collectLines } from '../support/lines.ts';
import { until } from '../support/until.ts';
import { ask } from './history.ts';
import { runServer, type ServerProcess, startServer } from './server-process.ts';
import { openSmallDisk } from './small-disk.ts';
import { startWebApp } from './web-app.ts';

let folder = '';
let server: ServerProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-start-'));
});
afterEach(async () => {
  await server?.kill('SIGKILL');
  server = null;
  rmSync(folder, { recursive: true });
});

/** All that is below it. */
const contents = (path: string): readonly string[] => readdirSync(path, { recursive: true }).map(String).sort();

async function listening(listener: Server): Promise<number> {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a folder that cannot be made', () => {
  const cases: readonly [what: string, place: (folder: string) => string, reason: RegExp][] = [
    ['in /proc', () => '/proc/x', /ENOENT.*mkdir '\/proc\/x'/],
    ['deep in /proc', () => '/proc/x/y/z', /ENOENT.*mkdir '\/proc\/x'/],
    ['below a file', (at) => join(at, 'file', 'data'), /ENOTDIR/],
    ['where a file is', (at) => join(at, 'file'), /file is not a folder/],
    ['of a name too long', (at) => join(at, 'x'.repeat(300)), /ENAMETOOLONG/],
    ['through a link to nothing', (at) => join(at, 'dead', 'data'), /dead is a link to nowhere, which is not there/],
    ['with a database that is a link to nothing', (at) => join(at, 'linked'), /hatstand\.db is a link to .*gone, which is not there/],
  ];
  beforeEach(() => {
    writeFileSync(join(folder, 'file'), 'in the way');
    symlinkSync('nowhere', join(folder, 'dead'));
    mkdirSync(join(folder, 'linked'));
    symlinkSync(join(folder, 'gone'), join(folder, 'linked', 'hatstand.db'));
  });

  it.each(cases)('%s is told', async (_, place, reason) => {
    const before = contents(folder);
    const { how, text } = await runServer(place(folder));
    expect(how).toBe('78');
    expect(text).toMatch(/error: .* cannot hold the store: /);
    expect(text).toMatch(reason);
    expect(contents(folder)).toEqual(before);
  });

  it('for ephemeral data is told', async () => {
    const { how, text } = await runServer(folder, { flags: ['--ephemeral'], env: { TMPDIR: join(folder, 'missing') } });
    expect([how, text]).toEqual(['78', expect.stringContaining('No temporary folder for the data can be made')]);
  });

  it('for a log file is told', async () => {
    for (const flag of ['--log-file', '--access-log-file']) {
      const { how, text } = await runServer(join(folder, 'data'), { flags: [flag, '/proc/x/log'] });
      expect([how, text]).toEqual(['78', expect.stringContaining('must be a file that can be written: ENOENT')]);
    }
    expect(contents(folder)).not.toContain('data');
  });

  it('a log file that is a named pipe without a reader, a socket or a disk is told at once', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const flag of ['--log-file', '--access-log-file']) {
      const { how, text } = await runServer(join(folder, 'data'), { flags: [flag, pipe] });
      expect([how, text]).toEqual(['78', expect.stringContaining('is a named pipe that nobody reads. Start its reader first')]);
    }
    const listener = createServer().listen(join(folder, 'socket'));
    await once(listener, 'listening');
    const { how, text } = await runServer(join(folder, 'data'), { flags: ['--log-file', join(folder, 'socket')] });
    listener.close();
    expect([how, text]).toEqual(['78', expect.stringContaining('is a socket')]);
    expect((await runServer(join(folder, 'data'), { flags: ['--log-file', folder] })).how).toBe('78');
    expect(contents(folder)).not.toContain('data');
  });

  it('a log file may be a named pipe that somebody reads', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'ignore'] });
    const listening = collectLines([reader.stdout], once(reader, 'close')).line(/server\.listening/);
    // Refused until the reader has opened it.
    let text = '';
    await until('a reader', async () => {
      const started = startServer(join(folder, 'data'), { flags: ['--log-file', pipe, '--print-address'] });
      server = await started.catch((error: unknown) => {
        text = String(error);
        return null;
      });
      return server !== null;
    });
    expect(text).toMatch(/^$|nobody reads/);
    await listening;
    await server?.kill('SIGTERM');
    server = null;
  });

  it.each(['hatstand.db', 'hatstand.db-wal', 'lock', 'lock.pid', 'ballast'])('where %s is a named pipe is told', async (name) => {
    const data = join(folder, 'data');
    mkdirSync(data);
    execFileSync('mkfifo', [join(data, name)]);
    const { how, text } = await runServer(data);
    expect([how, text]).toEqual(['78', expect.stringContaining(`${name} must be a file of the store's own, and is a named pipe`)]);
    expect(contents(data)).toEqual([name]);
  });

  it.each(['hatstand.db-wal', 'hatstand.db-shm', 'lock', 'ballast'])('where %s is a folder is told', async (name) => {
    const data = join(folder, 'data');
    mkdirSync(join(data, name), { recursive: true });
    const { how, text } = await runServer(data);
    expect([how, text]).toEqual(['78', expect.stringMatching(`${name} must be .*, and is a folder. Remove it, or name another folder`)]);
    expect(contents(data)).toEqual([name]);
  });

  it('where the database is a folder or a device is told', async () => {
    const data = join(folder, 'data');
    mkdirSync(join(data, 'hatstand.db'), { recursive: true });
    expect((await runServer(data)).text).toContain("hatstand.db must be a file of the store's own, and is a folder");
    rmSync(join(data, 'hatstand.db'), { recursive: true });
    symlinkSync('/dev/zero', join(data, 'hatstand.db'));
    expect((await runServer(data)).text).toContain("/dev/zero must be a file of the store's own, and is a device");
  });

  it('on a file system that cannot be written is told', async () => {
    const disk = await openSmallDisk(8);
    try {
      await disk.sh('mount -o remount,ro .');
      const { how, text } = await runServer(join(disk.folder, 'data'), { under: disk.inside });
      expect([how, text]).toEqual(['78', expect.stringContaining('EROFS')]);
    } finally {
      await disk.close();
    }
  });
});

describe('a start that fails later', () => {
  it('removes the folders and the database that it has made', async () => {
    const other = createServer();
    const port = await listening(other);
    try {
      mkdirSync(join(folder, 'here'));
      for (const data of ['here', 'a/b/c']) {
        const { how } = await runServer(join(folder, data), { flags: ['--addr', `127.0.0.1:${port}`] });
        expect(how).toBe('75');
      }
      expect(contents(folder)).toEqual(['here']);
    } finally {
      other.close();
    }
  });

  it('removes what a full disk has no room for', async () => {
    const disk = await openSmallDisk(1);
    try {
      await disk.sh('head -c 990000 /dev/zero > filler');
      const { how, text } = await runServer(join(disk.folder, 'a', 'data'), { under: disk.inside });
      expect([how, text]).toEqual(['78', expect.stringContaining('cannot be opened')]);
      expect(await disk.sh('find . -mindepth 1')).toBe('./filler\n');
    } finally {
      await disk.close();
    }
  });

  it('leaves a database that was there as it was', async () => {
    server = await startServer(folder);
    const pushed = await ask(server.address, 'POST', '/v1/jobs', { url: 'http://127.0.0.1:1/', delay: '1h' });
    expect(await server.kill('SIGTERM')).toBe('0');
    const before = contents(folder);
    const { how } = await runServer(folder, { flags: ['--addr', '203.0.113.1:1'] });
    expect(how).toBe('78');
    expect(contents(folder)).toEqual(before);
    server = await startServer(folder);
    expect(await ask(server.address, 'GET', `/v1/jobs/${pushed?.body.id}`)).toMatchObject({ body: { state: 'scheduled' } });
  });
});

describe('a signal while it starts', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends it as any stop does, with its folder free', async (signal) => {
    const data = join(folder, 'data');
    mkdirSync(data);
    const starting = runServer(data, { onSpawn: (child) => void appears(join(data, 'lock')).then(() => child.kill(signal)) });
    expect(await starting).toMatchObject({ how: '0' });
    server = await startServer(data);
  });

  it('ends it although its store does not answer', async () => {
    const silent = createServer();
    const port = await listening(silent);
    try {
      const flags = ['--store', `redis://127.0.0.1:${port}`];
      const asked = performance.now();
      const { how, text } = await runServer(folder, {
        flags,
        onSpawn: (child) => void silent.once('connection', () => child.kill('SIGTERM')),
      });
      expect(how).toBe('0');
      expect(text).toContain('server.stopping');
      // The store would have been waited for five seconds.
      expect(performance.now() - asked).toBeLessThan(4_500);
    } finally {
      silent.close();
    }
  });
});

describe('a second signal', () => {
  it('ends it at once', async () => {
    const app = await startWebApp();
    try {
      server = await startServer(folder, { flags: ['--shutdown-timeout', '600'] });
      await ask(server.address, 'POST', '/v1/jobs', { url: `${app.address}/hold`, timeout: null });
      await app.holds(1);
      const { pid, ended } = server;
      let isEnded = false;
      void ended.then(() => {
        isEnded = true;
      });
      // What comes within half a second of the first one is the same signal.
      await until('the end', () => {
        if (!isEnded) process.kill(pid, 'SIGTERM');
        return isEnded;
      });
      expect(await ended).toBe('143');
    } finally {
      await app.close();
    }
  });

  it('is not needed: a connection that sends nothing keeps no server', async () => {
    server = await startServer(folder);
    const { hostname, port } = new URL(server.address);
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    idle.on('error', () => undefined);
    expect(await server.kill('SIGTERM')).toBe('0');
    idle.destroy();
  });
});
