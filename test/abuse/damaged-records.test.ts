/** Whatever somebody wrote into one record, all others run, are listed, counted and written out, and it is told and can be removed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { compareIds } from '../../src/core/id.ts';
import { endStates, type Job, type NewJob } from '../../src/core/job.ts';
import { noLoad } from '../../src/core/node.ts';
import { settleMoves } from '../../src/core/transitions.ts';
import { openServer, succeeded, type TestServer } from '../../src/faces/http/server.suite.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { asked, entriesOf, kept, node } from '../../src/stores/conformance/subject.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type Damage, redisDamages, sqliteDamages } from './damage.ts';

const retention = { ended: 86_400_000, journal: 86_400_000, told: null, idempotency: 86_400_000, output: 7, limit: 1_000 };
let claims = 0;

async function claim({ jobs }: Store, slots: number): Promise<readonly Job[]> {
  claims += 1;
  const wants = () => [{ worker: 'http', queues: 'any', slots } as const];
  return (await jobs.claim({ operation: `claim ${claims}`, holder: 'node', wants, attemptTtl: null })).jobs;
}

const finish = (store: Store, job: Job): Promise<unknown> => store.jobs.settle(job, settleMoves(job, succeeded('a longer output'), 0.5));

/** Five jobs, the third of which is in the state. */
async function fill(store: Store, state: Damage['state']): Promise<{ readonly id: string; readonly others: readonly string[] }> {
  const one = (): NewJob => asked({ worker: 'http', payload: '{"a":1}', url: 'http://127.0.0.1:9/' });
  await store.nodes.join(node('node'), 600_000);
  const first = kept(await store.jobs.push([one()]))[0]?.id ?? '';
  if (state !== 'ready') for (const job of await claim(store, 1)) if (state === 'ended') await finish(store, job);
  const others = kept(await store.jobs.push([one(), one(), one(), one()])).map(({ id }) => id);
  return { id: first, others };
}

async function listAll(server: TestServer, query: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const { status, text } = await server.ask('GET', `/v1/jobs?limit=2&${query}${cursor}`);
    expect(status, text).toBe(200);
    const page: { jobs: readonly { id: string }[]; next: string | null } = JSON.parse(text);
    ids.push(...page.jobs.map((job) => job.id));
    if (page.next === null) return ids.sort(compareIds);
    cursor = `&cursor=${page.next}`;
  }
}

async function examine(server: TestServer): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, text } = await server.ask('POST', `/v1/doctor${cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`}`);
    expect(status, text).toBe(200);
    const part: { warnings: readonly string[]; next: string | null } = JSON.parse(text);
    warnings.push(...part.warnings);
    cursor = part.next;
  }
  return warnings;
}

/** By the store that has the others going on. */
async function survives(store: Store, { state = 'ready', isHarmless = false, raw: kept = '', do: damage }: Damage): Promise<void> {
  const server = await openServer({}, store);
  onTestFinished(() => server.close());
  const { id, others } = await fill(store, state);
  await damage(id);

  const started = new Set<string>();
  for (let tries = 0; tries < 10 && !others.every((other) => started.has(other)); tries++) {
    for (const job of await claim(store, 3)) {
      started.add(job.id);
      await finish(store, job);
    }
    await store.jobs.promote(100);
    await store.upkeep.scrub(null, 1_000);
  }
  for (const other of others) expect([...started]).toContain(other);
  await store.nodes.renew('node', 600_000, 0, { ...noLoad, slots: 1 });
  await store.upkeep.sweep(retention);
  await store.nodes.reconcile('node', [], []);
  await store.nodes.bury(600_000, 1_000);
  expect((await entriesOf(store, 0, 1_000)).length).toBeGreaterThan(0);

  const left = isHarmless ? [id, ...others] : others;
  for (const query of ['order=oldest', 'order=newest', 'q=queue:q', `q=${encodeURIComponent('url:http://127*')}`])
    expect(await listAll(server, query), query).toEqual(expect.arrayContaining([...others]));
  const warnings = await examine(server);
  expect(warnings.filter((warning) => warning.includes(id))).toHaveLength(isHarmless ? 0 : 1);
  expect(await listAll(server, 'order=oldest')).toEqual([...left].sort(compareIds));
  const { total, unreadable } = (await server.ask('GET', '/v1/stats')).json;
  expect([total, unreadable]).toEqual([left.length, isHarmless ? 0 : 1]);
  expect((await server.ask('GET', '/readyz')).json).toMatchObject(isHarmless ? { ready: true } : { ready: true, unreadable: 1 });

  const lines = (await server.ask('GET', '/v1/export')).text.trim().split('\n');
  const kinds: readonly string[] = lines.map((line) => JSON.parse(line).kind);
  expect(kinds.filter((kind) => kind === 'job')).toHaveLength(left.length);
  expect(kinds.filter((kind) => kind === 'unreadable')).toHaveLength(isHarmless ? 0 : 1);
  const shown = await server.ask('GET', `/v1/jobs/${id}`);
  if (isHarmless) return void expect(shown.status, shown.text).toBe(200);

  expect([shown.status, shown.json['code']]).toEqual([422, 'unreadable']);
  expect((await server.ask('GET', `/v1/unreadable/${id}`)).json).toMatchObject({ id, raw: expect.stringContaining(kept) });
  const raw = lines.find((line) => JSON.parse(line).kind === 'unreadable') ?? '';
  expect(JSON.parse(raw)).toMatchObject({ raw: expect.stringContaining(kept) });
  const taken = await server.ask('POST', '/v1/import', { headers: { 'content-type': 'application/x-ndjson' }, body: raw });
  expect(taken.json).toMatchObject({ restored: 0, failed: 1 });
  expect((await server.ask('DELETE', `/v1/jobs/${id}`)).status).toBe(204);
  expect((await server.ask('GET', `/v1/jobs/${id}`)).status).toBe(404);
  expect((await server.ask('GET', '/v1/unreadable')).json).toEqual({ total: 0, records: [], next: null });
  for (const other of others) expect(await store.jobs.remove(other, endStates)).toMatchObject({ kind: 'changed' });
  expect(
    (await store.jobs.list({ filter: [], match: null, order: 'oldest', from: null, limit: 9, brief: true, lookAt: null })).jobs,
  ).toEqual([]);
}

/** Their names alone: there is nothing to damage yet. */
const namesOf = (damages: readonly Damage[]): readonly string[] => damages.map(({ what }) => what);

describe('a record of SQLite with', () => {
  it.each(namesOf(sqliteDamages('')))('%s is in nobody’s way', async (what) => {
    const path = mkdtempSync(join(tmpdir(), 'hatstand-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    const store = await openSqlite({ path, ballastBytes: 0, synchronous: 'normal' });
    const damage = sqliteDamages(join(path, 'hatstand.db')).find((each) => each.what === what);
    if (damage !== undefined) await survives(store, damage);
  });
});

describe('a record of Redis with', () => {
  let server: RedisServer;
  let clusters = 0;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  /** Of no server: their names alone. */
  const none: RedisServer = {} as RedisServer;
  it.each(namesOf(redisDamages(none, '')))('%s is in nobody’s way', async (what) => {
    clusters += 1;
    const cluster = `damaged-${clusters}`;
    const store = await openRedis({ url: server.url, cluster });
    const damage = redisDamages(server, cluster).find((each) => each.what === what);
    if (damage !== undefined) await survives(store, damage);
  });
});
