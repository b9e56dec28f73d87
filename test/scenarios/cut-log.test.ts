/** A crash of the system may cut the log anywhere behind its last sync: what is left is whole, and a prefix of what was done. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { ask } from './history.ts';
import { startServer } from './server-process.ts';

const cuts = 50;
const atOnce = 5;
const frameBytes = 24 + 4_096;
const headerBytes = 32;

/** Frames that are in the file itself already: the log before them can no longer be cut (WalCkptInfo.nBackfill). */
async function copiedFrames(database: string): Promise<number> {
  const copied = 96;
  return (await readFile(`${database}-shm`)).readUInt32LE(copied);
}

/** Runs a server that acknowledges pushes one by one, and kills it. */
async function acknowledge(folder: string): Promise<readonly string[]> {
  const server = await startServer(folder, { flags: ['--dispatchers', '0'] });
  // An open reader: the log is not copied into the file meanwhile.
  const reader = new DatabaseSync(join(folder, 'hatstand.db'), { readOnly: true });
  const acknowledged: string[] = [];
  try {
    reader.exec('BEGIN; SELECT count(*) FROM jobs;');
    for (let n = 0; n < 60; n++) {
      const answer = await ask(server.address, 'POST', '/v1/jobs', { url: 'http://127.0.0.1:1/', payload: 'x'.repeat(n * 200) });
      if (answer?.status === 201) acknowledged.push(answer.body.id);
    }
  } finally {
    await server.kill('SIGKILL');
    reader.close();
  }
  return acknowledged;
}

/** Opens the store as a server would, then looks at what it has made of its file. */
async function contentOf(folder: string): Promise<{ readonly jobs: readonly unknown[]; readonly integrity: unknown }> {
  const store = await openSqlite({ path: folder, ballastBytes: 0 });
  await store.close();
  const db = new DatabaseSync(join(folder, 'hatstand.db'), { readOnly: true });
  try {
    const jobs = db.prepare('SELECT CAST(id AS TEXT) AS id FROM jobs ORDER BY id').all();
    return { jobs: jobs.map(({ id }) => id), integrity: db.prepare('PRAGMA integrity_check').get()?.['integrity_check'] };
  } finally {
    db.close();
  }
}

it(`a log cut at ${cuts} places leaves a prefix of what was acknowledged`, { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hatstand-cut-'));
  try {
    const whole = join(folder, 'whole');
    const acknowledged = await acknowledge(whole);
    expect(acknowledged).toHaveLength(60);
    const database = join(whole, 'hatstand.db');
    const log = await readFile(`${database}-wal`);
    const first = headerBytes + (await copiedFrames(database)) * frameBytes;
    expect(log.length - first).toBeGreaterThan(cuts * frameBytes);

    async function keptAfterCut(at: number): Promise<number> {
      const cut = join(folder, `cut-${at}`);
      await mkdir(cut);
      await copyFile(database, join(cut, 'hatstand.db'));
      await writeFile(join(cut, 'hatstand.db-wal'), log.subarray(0, at));
      const { jobs, integrity } = await contentOf(cut);
      expect(jobs, `cut at ${at}`).toEqual(acknowledged.slice(0, jobs.length));
      expect(integrity, `cut at ${at}`).toBe('ok');
      return jobs.length;
    }

    const places = Array.from({ length: cuts }, (_, n) => (first + Math.floor((n * (log.length - first)) / cuts)) | 1);
    const counts: number[] = [];
    for (let n = 0; n < cuts; n += atOnce) counts.push(...(await Promise.all(places.slice(n, n + atOnce).map(keptAfterCut))));
    counts.push(await keptAfterCut(log.length));
    // The further the cut, the more is kept, and the whole log keeps all.
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts[0]).toBeLessThan(5);
    expect(counts.at(-1)).toBe(acknowledged.length);
  } finally {
    await rm(folder, { recursive: true });
  }
});
