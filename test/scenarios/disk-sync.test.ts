/** What is acknowledged was synced before, and a disk that cannot sync ends the server instead of its promises. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, checkEnded } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { readTrace } from './system-calls.ts';
import { startWebApp, type WebApp } from './web-app.ts';

let app: WebApp;
let folder = '';
let server: ServerProcess | null = null;
beforeAll(async () => {
  app = await startWebApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hatstand-sync-'));
});
afterEach(async () => {
  await server?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** strace beside the server (-D), which stays this process's child. */
const traced = (...options: string[]): readonly string[] => ['strace', '-D', '-f', '-qq', ...options];

/** Pushes one job after another until no answer comes; answers the ids that were acknowledged. */
async function pushUntilGone(address: string, most: number): Promise<{ acknowledged: string[]; refusals: number[] }> {
  const acknowledged: string[] = [];
  const refusals: number[] = [];
  for (let n = 0; n < most; n++) {
    const answer = await ask(address, 'POST', '/v1/jobs', { url: `${app.address}/ok`, payload: n });
    if (answer === null) break;
    if (answer.status === 201) acknowledged.push(answer.body.id);
    else refusals.push(answer.status);
  }
  return { acknowledged, refusals };
}

function quickCheck(file: string): unknown {
  const db = new DatabaseSync(file);
  try {
    return db.prepare('PRAGMA quick_check').get()?.['quick_check'];
  } finally {
    db.close();
  }
}

describe('a disk that cannot sync', { timeout: 60_000 }, () => {
  // Once, and for good; the first some pushes after the start, which syncs some ten times.
  for (const when of ['24', '31', '27+']) {
    it(`ends the server at sync ${when}, and the next start finds all that was acknowledged`, async () => {
      const inject = ['-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:error=EIO:when=${when}`];
      const doomed = await startServer(folder, { under: traced(...inject) });
      server = doomed;
      const { acknowledged, refusals } = await pushUntilGone(doomed.address, 1_000);
      expect(await doomed.ended).toBe('3');
      expect(doomed.lines.join('\n')).toMatch(/error: The store's file failed: .*I\/O error.*Check the disk, then start again\./i);
      expect(acknowledged.length).toBeGreaterThan(0);
      expect(refusals.filter((status) => status !== 503)).toEqual([]);

      expect(quickCheck(join(folder, 'hatstand.db'))).toBe('ok');
      server = await startServer(folder);
      for (const id of acknowledged) await checkEnded(server.address, id);
      expect(await server.kill('SIGTERM')).toBe('0');
    });
  }

  it('does not begin on one, and says why', async () => {
    const inject = ['-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO'];
    await expect(startServer(folder, { under: traced(...inject) })).rejects.toThrow(
      /error: The store in .* cannot be opened: disk I\/O error/,
    );
  });
});

describe('an acknowledgement', () => {
  it('leaves after the log was synced', { timeout: 60_000 }, async () => {
    const file = join(folder, 'trace');
    const calls = 'trace=fsync,fdatasync,read,readv,recvfrom,write,writev,sendto,sendmsg';
    server = await startServer(folder, { under: traced('-y', '-s', '24', '-o', file, '-e', calls), flags: ['--dispatchers', '0'] });
    for (let n = 0; n < 20; n++) {
      const root = n % 2 === 0;
      const answer = await ask(server.address, 'POST', root ? '/job' : '/v1/jobs', { url: `${app.address}/ok`, payload: n });
      expect(answer?.status).toBe(root ? 200 : 201);
    }
    expect(await server.kill('SIGTERM')).toBe('0');
    // Of each request: it was read, the log was synced, it was answered.
    const seen = readTrace(await readFile(file, 'utf8')).filter(({ what }) => what !== 'other');
    const pushes = seen.map(({ what }) => what).join(' ');
    expect(pushes.match(/request (synced )+answer/g)).toHaveLength(20);
    expect(pushes).not.toContain('request answer');
  });
});
