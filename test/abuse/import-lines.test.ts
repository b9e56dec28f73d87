/** An import takes what any export of ours writes, and nothing that a later read cannot show. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { jobStates } from '../../src/core/job.ts';
import { arrived, checkCopy, type JobCopy } from '../../src/core/transfer.ts';
import { openServer, type TestServer } from '../../src/faces/http/server.suite.ts';
import { itemLine } from '../../src/faces/http/v1/transfer-line.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { openMemory } from '../../src/stores/memory/index.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { jobCopy } from './records.ts';
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

const lineOf = (copy: JobCopy): string => itemLine({ kind: 'job', copy }, false);

async function exported(server: TestServer): Promise<readonly string[]> {
  const { status, text } = await server.ask('GET', '/v1/export');
  expect(status).toBe(200);
  return text
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{"kind":"job"'));
}

const sample = (count: number, seed: number): readonly JobCopy[] => fc.sample(jobCopy, { numRuns: count, seed });
/** Told when something fails, so that it can be seen again. */
const seed = Number(process.env['HATSTAND_ABUSE_SEED'] ?? Date.now() % 1_000_000);
const perRequest = 500;
const within = scaled(60_000, 900_000);

describe.each(['memory', 'SQLite', 'Redis'] as const)('with %s', (name) => {
  const open = (): Promise<Store> => stores[name]();

  it(
    `an import takes every record that there may be (seed ${seed}), and an export gives it back`,
    async () => {
      const copies = sample(scaled(150, 3_000), seed);
      for (const copy of copies) checkCopy(copy, Date.now());
      const [here, there] = [await serverOn(open), await serverOn(open)];
      const lines = copies.map(lineOf);
      for (let at = 0; at < lines.length; at += perRequest) {
        const part = lines.slice(at, at + perRequest);
        expect(await take(here, part)).toMatchObject({ restored: part.length, failed: 0, faults: [] });
      }
      const first = await exported(here);
      expect(first).toHaveLength(copies.length);
      for (const { job, attempts } of copies) {
        const known = await here.store.jobs.get(job.id);
        const wanted = arrived({ job, attempts }, known?.endedAt ?? 0);
        if (job.state !== 'running' && job.state !== 'stopping') expect(known).toEqual(wanted.job);
      }
      for (let at = 0; at < first.length; at += perRequest)
        expect(await take(there, first.slice(at, at + perRequest))).toMatchObject({ failed: 0 });
      expect(await exported(there)).toEqual(first);
    },
    within,
  );

  it(
    `whatever lines come (seed ${seed}), none is answered with a fault of ours, and all that is taken can be shown`,
    async () => {
      const server = await serverOn(open);
      let restored = 0;
      const total = scaled(1_500, 34_000);
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
  for (const path of ['/job?limit=100', '/v1/stats', '/v1/queues']) expect((await server.ask('GET', path)).status, path).toBe(200);
  expect(await exported(server)).toHaveLength(ids.size);
  expect((await server.store.upkeep.unreadable(null, 1)).total).toBe(0);
  for (const id of ids) await server.store.jobs.remove(id, jobStates);
}

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

const evil: readonly unknown[] = [
  ...[null, true, '', 'x', '007', '-1', '\u0000', '\ud800', 'x'.repeat(70_000), '{"a":1},"b":2', '[', '1e999'],
  ...[
    0,
    -1,
    0.5,
    1e9,
    2 ** 31,
    2 ** 53,
    2 ** 60,
    8.64e15 + 1,
    1e300,
    -1e300,
    Number.MIN_VALUE,
    [],
    {},
    [[]],
    { a: 1 },
    { __proto__: null },
  ],
];

/** A line of an export in which up to three values are others, are left out, or of which a piece is missing. */
const mutatedLine: fc.Arbitrary<string> = fc
  .record({
    copy: jobCopy,
    changes: fc.array(fc.record({ at: fc.nat(), to: fc.constantFrom(...evil), how: fc.constantFrom('set', 'set', 'set', 'leave out') }), {
      maxLength: 3,
    }),
    cut: fc.option(fc.nat(), { freq: 12 }),
  })
  .map(({ copy, changes, cut }) => {
    const value: unknown = JSON.parse(lineOf(copy));
    for (const { at, to, how } of changes) {
      const places = placesIn(value);
      const place = places[at % places.length];
      if (place === undefined) continue;
      if (how === 'set') place.holder[place.key] = to;
      else delete place.holder[place.key];
    }
    const text = JSON.stringify(value).replaceAll('\n', ' ');
    return cut === null ? text : text.slice(0, cut % text.length);
  });

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}
