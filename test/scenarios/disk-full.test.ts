/** The disk is full: pushes are refused, what was acknowledged is kept and ends, and room is all it takes to go on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, checkEnded } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { openSmallDisk, type SmallDisk } from './small-disk.ts';
import { startWebApp, type WebApp } from './web-app.ts';

const megabyte = 'x'.repeat(1024 * 1024);
let app: WebApp;
beforeAll(async () => {
  app = await startWebApp();
});
afterAll(() => app.close());

const push = (server: ServerProcess, path: string, more: object = {}) =>
  ask(server.address, 'POST', '/v1/jobs', { url: app.address + path, timeout: null, ...more });

async function importJobs(server: ServerProcess, exported: string): Promise<number> {
  const headers = { 'content-type': 'application/x-ndjson' };
  return (await fetch(`${server.address}/v1/import`, { method: 'POST', headers, body: exported })).status;
}

/** Pushes that `/hold` holds until it is told to answer. */
async function holdJobs(server: ServerProcess, count: number): Promise<readonly string[]> {
  const pushed = await Promise.all(Array.from({ length: count }, () => push(server, '/hold')));
  await app.holds(count);
  return pushed.map((answer) => answer?.body.id ?? '');
}

async function onDisk(megabytes: number, work: (disk: SmallDisk, folder: string) => Promise<void>): Promise<void> {
  const disk = await openSmallDisk(megabytes);
  try {
    await work(disk, `${disk.folder}/data`);
  } finally {
    await disk.close();
  }
}

async function withServer(folder: string, disk: SmallDisk, work: (server: ServerProcess) => Promise<void>): Promise<void> {
  const server = await startServer(folder, { under: disk.inside });
  try {
    await work(server);
  } finally {
    await server.kill('SIGKILL');
  }
}

describe('a full disk', { timeout: 60_000 }, () => {
  it('refuses pushes until there is room again, while what runs ends', () =>
    onDisk(112, (disk, folder) =>
      withServer(folder, disk, async (server) => {
        await disk.sh('head -c 56M /dev/zero > filler');
        await expect.poll(() => disk.sh('stat -c %s data/ballast || true')).toBe(`${16 * 1024 * 1024}\n`);
        const running = await holdJobs(server, 4);
        const exported = await (await fetch(`${server.address}/v1/export`)).text();
        await ask(server.address, 'PATCH', '/v1/queues/later', { concurrency: 1, paused: true });

        const waiting: string[] = [];
        const large = { queue: 'later', payload: megabyte };
        let answer = await push(server, '/ok', large);
        for (; answer?.status === 201; answer = await push(server, '/ok', large)) waiting.push(answer.body.id);
        expect(waiting.length).toBeGreaterThan(5);
        expect(answer).toMatchObject({ status: 507, body: { code: 'store_full', status: 507 } });
        expect(await ask(server.address, 'POST', '/job', { url: `${app.address}/ok`, payload: megabyte })).toEqual({
          status: 507,
          body: { status: 507, error: expect.stringContaining('full') },
        });

        await disk.sh('head -c 112M /dev/zero > rest || true');
        app.release({ text: megabyte });
        for (const id of running) await checkEnded(server.address, id);
        // The ballast's room is for what runs: neither a push nor an import may take it.
        expect(await disk.sh('ls data')).not.toContain('ballast');
        expect(await push(server, '/ok')).toMatchObject({ status: 507 });
        expect(await importJobs(server, exported)).toBe(507);

        await disk.sh('rm filler rest');
        await expect.poll(async () => (await push(server, '/ok'))?.status, { timeout: 10_000 }).toBe(201);
        expect(await disk.sh('ls data')).toContain('ballast');
        expect(await importJobs(server, exported)).toBe(200);
        await ask(server.address, 'POST', '/v1/queues/later/resume');
        for (const id of [...running, ...waiting]) await checkEnded(server.address, id);
        expect(await server.kill('SIGTERM')).toBe('0');
      }),
    ));

  it('without a ballast takes the results when there is room', () =>
    // Too small for a ballast.
    onDisk(24, (disk, folder) =>
      withServer(folder, disk, async (server) => {
        const running = await holdJobs(server, 4);
        await disk.sh('head -c 24M /dev/zero > filler || true');
        app.release({ text: megabyte });
        const refused = await push(server, '/ok', { payload: megabyte });
        expect(refused).toMatchObject({ status: 507 });
        await disk.sh('rm filler');
        for (const id of running) {
          await checkEnded(server.address, id);
          expect(app.runs.get(id)).toBe(1);
        }
      }),
    ));

  it('does not keep a stopped server from starting: the ballast makes room', () =>
    onDisk(48, async (disk, folder) => {
      await withServer(folder, disk, async (server) => {
        await expect.poll(() => disk.sh('stat -c %s data/ballast || true')).toBe(`${16 * 1024 * 1024}\n`);
        expect(await server.kill('SIGTERM')).toBe('0');
      });
      await disk.sh('head -c 48M /dev/zero > filler || true');
      await withServer(folder, disk, async (server) => {
        expect(await push(server, '/ok')).toMatchObject({ status: 507 });
        expect(await disk.sh('ls data')).not.toContain('ballast');
        expect(await server.kill('SIGTERM')).toBe('0');
      });
    }));

  it('keeps a killed server from starting, with a message, until there is room', () =>
    onDisk(24, async (disk, folder) => {
      let running: readonly string[] = [];
      await withServer(folder, disk, async (server) => {
        running = await holdJobs(server, 4);
      });
      // The index of the log must be made anew, and there is no room for it.
      await disk.sh('rm data/hatstand.db-shm && head -c 24M /dev/zero > filler || true');
      await expect(startServer(folder, { under: disk.inside })).rejects.toThrow(/\nerror: .*space/);
      await disk.sh('rm filler');
      app.release();
      await withServer(folder, disk, async (server) => {
        await app.holds(4);
        app.release();
        for (const id of running) await checkEnded(server.address, id);
      });
    }));
});
