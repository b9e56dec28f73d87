/** Two servers never run on one database, whatever became of the lock beside it and whichever name each of them came by. */
import { chmodSync, cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, checkEnded } from './history.ts';
import { runServer, type ServerProcess, startServer } from './server-process.ts';
import { startWebApp } from './web-app.ts';

let folder = '';
let home = '';
const running: ServerProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-lock-'));
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

/** Of a job that waits. */
async function pushTo({ address }: ServerProcess): Promise<string> {
  const pushed = await ask(address, 'POST', '/v1/jobs', { url: 'http://127.0.0.1:1/', delay: '1h' });
  expect(pushed?.status).toBe(201);
  return pushed?.body.id ?? '';
}

async function expectKept({ address }: ServerProcess, id: string): Promise<void> {
  expect(await ask(address, 'GET', `/v1/jobs/${id}`)).toMatchObject({ status: 200, body: { state: 'scheduled' } });
}

const contents = (path: string): readonly string[] => readdirSync(path).sort();

async function expectRefused(data: string): Promise<void> {
  const before = [home, data].map(contents);
  const { how, text } = await runServer(data);
  expect([how, text]).toEqual(['75', expect.stringContaining(' is used by ')]);
  expect([home, data].map(contents)).toEqual(before);
}

const database = (data: string): string => join(data, 'hatstand.db');

/** Ways to a database that a server in `home` uses, past the lock in `home`. Each answers the folder to start in. */
const ways: readonly [what: string, go: () => string][] = [
  [
    'its lock was removed',
    () => {
      rmSync(join(home, 'lock'));
      return home;
    },
  ],
  [
    'its lock was removed, and the process’s name with it',
    () => {
      for (const name of ['lock', 'lock.pid']) rmSync(join(home, name));
      return home;
    },
  ],
  [
    'another file was put in place of its lock',
    () => {
      renameSync(join(home, 'lock'), join(home, 'old lock'));
      cpSync(join(home, 'old lock'), join(home, 'lock'));
      return home;
    },
  ],
  [
    'its folder is a link',
    () => {
      symlinkSync(home, join(folder, 'other'));
      return join(folder, 'other');
    },
  ],
  [
    'the database is a link from another folder',
    () => {
      mkdirSync(join(folder, 'other'));
      symlinkSync(database(home), database(join(folder, 'other')));
      return join(folder, 'other');
    },
  ],
  [
    'the database has a second name in another folder',
    () => {
      mkdirSync(join(folder, 'other'));
      linkSync(database(home), database(join(folder, 'other')));
      return join(folder, 'other');
    },
  ],
  [
    'both are links to a third folder',
    () => {
      symlinkSync(home, join(folder, 'one'));
      mkdirSync(join(folder, 'two'));
      symlinkSync(database(join(folder, 'one')), database(join(folder, 'two')));
      return join(folder, 'two');
    },
  ],
];

describe('a second server is refused and the first goes on', () => {
  it.each(ways)('although %s', async (_, go) => {
    const first = await start(home);
    const before = await pushTo(first);
    await expectRefused(go());
    await expectKept(first, before);
    const after = await pushTo(first);
    await first.kill('SIGKILL');
    // Where it was used, it is used again: at once, and with all that was kept.
    const again = await start(home).catch(async () => {
      rmSync(join(folder, 'other'), { recursive: true });
      return start(home);
    });
    await expectKept(again, before);
    await expectKept(again, after);
  });

  it('although the first is stopped', async () => {
    const first = await start(home);
    const id = await pushTo(first);
    process.kill(first.pid, 'SIGSTOP');
    rmSync(join(home, 'lock'));
    await expectRefused(home);
    process.kill(first.pid, 'SIGCONT');
    await expectKept(first, id);
  });

  it('although it may only read the lock', async (context) => {
    // Only root can start it as somebody else.
    context.skip(process.getuid?.() !== 0);
    const first = await start(home);
    for (const path of [folder, home]) chmodSync(path, 0o777);
    for (const name of readdirSync(home)) chmodSync(join(home, name), name === 'lock' ? 0o444 : 0o666);
    const nobody = 65_534;
    const under = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
    expect(await runServer(home, { under })).toMatchObject({ how: '75' });
    await pushTo(first);
    await first.kill('SIGTERM');
    // Nobody holds it now, and a lock that cannot be written would keep nobody out.
    const { how, text } = await runServer(home, { under });
    expect([how, text]).toEqual(['78', expect.stringContaining('this user may not write it')]);
  });

  it('and no job is done twice', async () => {
    const app = await startWebApp();
    try {
      const first = await start(home);
      rmSync(join(home, 'lock'));
      const jobs = await Promise.all(
        Array.from({ length: 20 }, () => ask(first.address, 'POST', '/v1/jobs', { url: `${app.address}/ok` })),
      );
      for (const { how } of await Promise.all([runServer(home), runServer(home)])) expect(how).toBe('75');
      for (const job of jobs) await checkEnded(first.address, job?.body.id ?? '');
      for (const job of jobs) expect(app.runs.get(job?.body.id ?? '')).toBe(1);
    } finally {
      await app.close();
    }
  });
});

describe('a database reached by a link', () => {
  it.each([
    ['of its folder', () => symlinkSync(home, join(folder, 'other'))],
    [
      'of its own',
      () => {
        mkdirSync(join(folder, 'other'));
        symlinkSync(database(home), database(join(folder, 'other')));
      },
    ],
  ])('%s works, with its log where it really is', async (_, link) => {
    const first = await start(home);
    const before = await pushTo(first);
    await first.kill('SIGKILL');
    link();
    const second = await start(join(folder, 'other'));
    await expectKept(second, before);
    const after = await pushTo(second);
    await second.kill('SIGKILL');
    await expectKept(await start(home), after);
  });
});

describe('a database with two names', () => {
  it('is not used by the second one: what was kept last may lie in the log beside the first', async () => {
    const first = await start(home);
    const id = await pushTo(first);
    await first.kill('SIGKILL');
    const other = join(folder, 'other');
    mkdirSync(other);
    linkSync(database(home), database(other));
    const { how, text } = await runServer(other);
    expect([how, text]).toEqual(['78', expect.stringContaining('one file with 2 names')]);
    expect(readdirSync(other)).toEqual(['hatstand.db']);
    await expectKept(await start(home), id);
  });
});

describe('what keeps nobody out', () => {
  it('is a copy of a folder that is in use', async () => {
    const first = await start(home);
    const id = await pushTo(first);
    const copy = join(folder, 'copy');
    cpSync(home, copy, { recursive: true });
    const second = await start(copy);
    await expectKept(second, id);
    await pushTo(first);
    await pushTo(second);
  });

  it('is another program that reads, such as a backup, also over a kill', async () => {
    const first = await start(home);
    const id = await pushTo(first);
    const reader = new DatabaseSync(database(home), { readOnly: true });
    try {
      reader.exec('BEGIN; SELECT count(*) FROM jobs');
      await first.kill('SIGKILL');
      const second = await start(home);
      await expectKept(second, id);
      await pushTo(second);
    } finally {
      reader.close();
    }
  });

  it('is a lock that nobody holds any more, kept or removed', async () => {
    for (const isRemoved of [false, true, false]) {
      const server = await start(home);
      await pushTo(server);
      await server.kill('SIGKILL');
      if (isRemoved) rmSync(join(home, 'lock'));
    }
    await start(home);
  });
});
