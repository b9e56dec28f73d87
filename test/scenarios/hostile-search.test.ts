/** Expressions that were made to take long, at a server in a process of its own: they end with their client, and with the server. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hostileJobs, hostilePatterns, slowPattern } from '../../src/stores/conformance/hostile.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { type ServerProcess, startServer } from './server-process.ts';

let redis: RedisServer;
let clusters = 0;
let folder = '';
let servers: ServerProcess[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hatstand-search-'));
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.kill('SIGKILL')));
  servers = [];
  await rm(folder, { recursive: true });
});

async function start(...flags: readonly string[]): Promise<ServerProcess> {
  const server = await startServer(join(folder, 'data'), { flags });
  servers.push(server);
  return server;
}

/** Jobs that wait, with names on which expressions take long. */
async function pushNames(address: string, count: number): Promise<void> {
  const jobs = hostileJobs(count).map(({ name }) => ({ name, url: 'http://127.0.0.1:9/', delay: '1h' }));
  const body = JSON.stringify(jobs);
  const answer = await fetch(`${address}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(answer.status).toBe(200);
  await answer.text();
}

const search = (address: string, pattern: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${address}/job?limit=-1&name=${encodeURIComponent(pattern)}`, init);

/** All that fit into an address. Answers their statuses, of those that were answered whole. */
async function searchAll(address: string): Promise<readonly number[]> {
  const patterns = hostilePatterns.filter((pattern) => encodeURIComponent(pattern).length < 8_000);
  const answered = await Promise.allSettled(
    patterns.map(async (pattern) => {
      const answer = await search(address, pattern);
      await answer.text();
      return answer.status;
    }),
  );
  return answered.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** Hundredths of a second of processor time that the process has had. */
async function spent(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/**
 * Looks whether the process has had nothing to do for half a second: less than a fifth of a core, on a machine that is busy.
 * Answers `null` until as much time has passed.
 */
function makeIdleness(pid: number): () => Promise<boolean | null> {
  let since = performance.now();
  let before: number | null = null;
  return async () => {
    const now = await spent(pid);
    if (before !== null && performance.now() - since < 500) return null;
    const idle = before === null ? null : now - before < 10;
    before = now;
    since = performance.now();
    return idle;
  };
}

const becomesIdle = (pid: number): Promise<void> => {
  const idles = makeIdleness(pid);
  return until('idleness', async () => (await idles()) === true, 10_000);
};

const becomesBusy = (pid: number): Promise<void> => {
  const idles = makeIdleness(pid);
  return until('the search', async () => (await idles()) === false);
};

const newCluster = (): string => {
  clusters += 1;
  return `cluster-${clusters}`;
};

const stores = [
  ['SQLite', () => []],
  ['Redis', () => ['--store', redis.url, '--cluster-name', newCluster()]],
] as const;

describe.each(stores)('on %s, a search that takes long', (_, flags) => {
  it('leaves the processor alone once its client has left', { timeout: 90_000 }, async () => {
    const { address, pid } = await start(...flags());
    await pushNames(address, 1_000);
    const leaving = new AbortController();
    const searched = search(address, slowPattern, { signal: leaving.signal });
    await becomesBusy(pid);
    leaving.abort();
    await expect(searched).rejects.toThrow();
    // By itself it would end after half a minute.
    await becomesIdle(pid);
    expect(await (await search(address, 'none$')).json()).toMatchObject({ count: 0, hasNext: false });
  });

  it('ends when the server is told to stop', { timeout: 90_000 }, async () => {
    const server = await start(...flags());
    await pushNames(server.address, 1_000);
    const searched = searchAll(server.address);
    await becomesBusy(server.pid);
    const told = performance.now();
    expect(await server.kill('SIGTERM')).toBe('0');
    expect(performance.now() - told).toBeLessThan(4_000);
    for (const status of await searched) expect([200, 400, 503]).toContain(status);
  });
});

describe('a node on a Redis', () => {
  it('keeps its lease and goes on working while it is asked for hostile expressions', { timeout: 120_000 }, async () => {
    const flags = ['--store', redis.url, '--cluster-name', 'two', '--log-level', 'debug'];
    const [asked, other] = [await start(...flags, '--node-name', 'asked'), await start(...flags, '--node-name', 'other')];
    await pushNames(asked.address, 1_000);
    const searched = searchAll(asked.address);
    const end = performance.now() + 15_000;
    let slowest = 0;
    while (performance.now() < end) {
      const began = performance.now();
      const nodes = (await (await fetch(`${other.address}/v1/nodes`)).json()) as {
        readonly nodes: readonly { readonly condition: string }[];
      };
      expect(nodes.nodes.map(({ condition }) => condition)).toEqual(['active', 'active']);
      const listed = (await (await fetch(`${asked.address}/v1/jobs?q=name:nobody&limit=1`)).json()) as {
        readonly jobs: readonly unknown[];
      };
      expect(listed.jobs).toEqual([]);
      slowest = Math.max(slowest, performance.now() - began);
    }
    expect(slowest).toBeLessThan(4_000);
    await Promise.all([asked.kill('SIGTERM'), other.kill('SIGTERM')]);
    await searched;
  });
});
