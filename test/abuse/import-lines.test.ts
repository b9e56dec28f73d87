/** An import takes what any export of ours writes, and nothing that a later read cannot show. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { jobStates } from '../../src/core/job.ts';
import { arrived, checkCopy, checkDefinitionCopy, type TransferItem } from '../../src/core/transfer.ts';
import { openServer, type TestServer } from '../../src/faces/http/server.suite.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { openMemory } from '../../src/stores/memory/index.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { lineOf, mutatedLine } from './lines.ts';
import { transferItem } from './records.ts';
import { scaled } from './scale.ts';

let redis: RedisServer;
let clusters = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const stores: Readonly<Record<'memory' | 'SQLite' | 'Redis', () => Promise<Store>>> = {
  memory: async () => openMemory(),
  async SQLite() {
    const path = mkdtempSync(join(tmpdir(), 'hatstand-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return openSqlite({ path, ballastBytes: 0, synchronous: 'normal' });
  },
  Redis() {
    clusters += 1;
    return openRedis({ url: redis.url, cluster: `lines-${clusters}` });
  },
};

async function serverOn(open: () => Promise<Store>): Promise<TestServer> {
  const server = await openServer({}, await open());
  onTestFinished(() => server.close());
  return server;
}

interface Taken {
  readonly restored: number;
  readonly failed: number;
  readonly faults: readonly unknown[];
}

async function take(server: TestServer, lines: readonly string[]): Promise<Taken> {
  const headers = { 'content-type': 'application/x-ndjson' };
  const { status, text } = await server.ask('POST', '/v1/import', { headers, body: lines.join('\n') });
  expect(status, text.slice(0, 1_000)).toBe(200);
  return JSON.parse(text);
}

/** Its lines, without the first and the last one. */
async function exported(server: TestServer): Promise<readonly string[]> {
  const { status, text } = await server.ask('GET', '/v1/export');
  expect(status).toBe(200);
  return text.trim().split('\n').slice(1, -1);
}

const ofKind = (lines: readonly string[], kind: TransferItem['kind']): readonly string[] =>
  lines.filter((line) => line.startsWith(`{"kind":"${kind}"`));

const sample = (count: number, seed: number): readonly TransferItem[] => fc.sample(transferItem, { numRuns: count, seed });
/** Told when something fails, so that it can be seen again. */
const seed = Number(process.env['HATSTAND_ABUSE_SEED'] ?? Date.now() % 1_000_000);
const perRequest = 500;
const within = scaled(60_000, 2_700_000);

describe.each(['memory', 'SQLite', 'Redis'] as const)('with %s', (name) => {
  const open = (): Promise<Store> => stores[name]();

  it(
    `an import takes every record that there may be (seed ${seed}), and an export gives it back`,
    async () => {
      const items = sample(scaled(150, 3_000), seed);
      for (const item of items) {
        if (item.kind === 'job') checkCopy(item.copy, Date.now());
        if (item.kind === 'definition') checkDefinitionCopy(item.copy, Date.now());
      }
      const [here, there] = [await serverOn(open), await serverOn(open)];
      const lines = items.map(lineOf);
      for (let at = 0; at < lines.length; at += perRequest)
        expect(await take(here, lines.slice(at, at + perRequest))).toMatchObject({ failed: 0, faults: [] });
      const first = await exported(here);
      for (const kind of ['job', 'definition'] as const) expect(ofKind(first, kind)).toHaveLength(ofKind(lines, kind).length);
      for (const item of items) {
        if (item.kind !== 'job' || item.copy.job.state === 'running' || item.copy.job.state === 'stopping') continue;
        const known = await here.store.jobs.get(item.copy.job.id);
        expect(known).toEqual(arrived(item.copy, known?.endedAt ?? 0).job);
      }
      for (let at = 0; at < first.length; at += perRequest)
        expect(await take(there, first.slice(at, at + perRequest))).toMatchObject({ failed: 0, faults: [] });
      expect((await exported(there)).map(withoutVersion)).toEqual(first.map(withoutVersion));
    },
    within,
  );

  it(
    `whatever lines come (seed ${seed}), none is answered with a fault of ours, and all that is taken can be shown`,
    async () => {
      const server = await serverOn(open);
      let restored = 0;
      const total = scaled(1_500, 100_000);
      for (let done = 0, turn = 0; done < total; done += perRequest, turn++) {
        const lines = fc.sample(mutatedLine, { numRuns: perRequest, seed: seed + turn });
        const answer = await take(server, lines);
        restored += answer.restored;
        // What a request has brought in is looked at and removed, so that looking stays short.
        await lookAtAll(server);
      }
      expect(restored).toBeGreaterThan(0);
    },
    within,
  );
});

/** All that shows jobs, with each order and filter. */
async function lookAtAll(server: TestServer): Promise<void> {
  const filters = ['', ...jobStates.map((state) => `state:${state}`), 'created:<2h', 'cause:timeout', 'queue:q', '-state:failed'];
  const ids = new Set<string>();
  for (const order of ['oldest', 'newest']) {
    for (const filter of filters) for (const id of await listed(server, order, filter)) ids.add(id);
  }
  for (const id of ids) {
    for (const path of [`/v1/jobs/${id}`, `/v1/jobs/${id}/attempts`]) {
      const { status, text } = await server.ask('GET', path);
      expect(status, `${path}: ${text.slice(0, 500)}`).toBe(200);
      JSON.parse(text);
    }
  }
  for (const path of ['/job?limit=100', '/v1/stats', '/v1/queues', ...(await queuesOf(server))])
    expect((await server.ask('GET', path)).status, path).toBe(200);
  const lines = await exported(server);
  expect(ofKind(lines, 'job')).toHaveLength(ids.size);
  for (let at = 0; at < lines.length; at += perRequest)
    expect(await take(server, lines.slice(at, at + perRequest))).toMatchObject({ restored: 0, failed: 0, faults: [] });
  expect((await server.store.upkeep.unreadable(null, 1)).total).toBe(0);
  for (const id of ids) await server.store.jobs.remove(id, jobStates);
}

async function queuesOf(server: TestServer): Promise<readonly string[]> {
  const queues = await server.store.queues.list();
  return queues.map(({ name }) => `/v1/queues/${encodeURIComponent(name)}`);
}

/** A definition gets another one where it comes in. */
const withoutVersion = (line: string): string => line.replace(/("kind":"definition".*?"version":)\d+/s, '$1…');

async function listed(server: TestServer, order: string, filter: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const { status, text } = await server.ask('GET', `/v1/jobs?limit=500&order=${order}&q=${encodeURIComponent(filter)}${cursor}`);
    expect(status, text.slice(0, 500)).toBe(200);
    const page: { jobs: readonly { id: string }[]; next: string | null } = JSON.parse(text);
    ids.push(...page.jobs.map(({ id }) => id));
    if (page.next === null) return ids;
    cursor = `&cursor=${page.next}`;
  }
}
