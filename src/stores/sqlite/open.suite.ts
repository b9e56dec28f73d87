/** What the tests of this folder share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Job } from '../../core/job.ts';
import { node } from '../conformance/subject.ts';
import { openSqlite, type SqliteOptions, type SqliteStore } from './index.ts';

// Each store starts threads: they need not strip the types of their files anew each time.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'hatstand-compile-cache');

/** An empty folder that is removed after the test. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hatstand-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Opens the folder's store and closes it after the test. */
export async function openIn(path: string, otherwise: Partial<SqliteOptions> = {}): Promise<SqliteStore> {
  const store = await openSqlite({ path, ballastBytes: 0, ...otherwise });
  onTestFinished(() => store.close());
  return store;
}

/** Starts attempts of worker `w` as a node that joins for it. */
export async function claimAs(store: SqliteStore, holder: string, slots: number): Promise<readonly Job[]> {
  await store.nodes.join(node(holder), 60_000);
  const wants = () => [{ worker: 'w', queues: 'any' as const, slots }];
  return (await store.jobs.claim({ operation: `by ${holder}`, holder, wants, attemptTtl: null })).jobs;
}
