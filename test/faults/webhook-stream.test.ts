/**
 * A webhook that is called without a break while its server is killed again and again: what was taken stands in its jobs, once, and no
 * window is longer than it may be.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Store } from '../../src/ports/store/store.ts';
import { all } from '../../src/stores/conformance/subject.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { ask } from '../scenarios/history.ts';
import { type ServerProcess, startServer } from '../scenarios/server-process.ts';
import { entriesAfter } from '../support/firing.ts';
import { startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { report } from './report.ts';
import { scaled } from './scale.ts';

const windows = scaled(3, 30);
const maxWait = 1_000;
const trigger = { type: '@webhook', id: 'stream', worker: 'nobody', debounce: { wait: '300ms', maxWait: '1s' } };
const senders = 3;

/** Where a server keeps what it is told. */
interface Place {
  readonly folder: string;
  readonly flags: readonly string[];
  look(): Promise<Store>;
}

const places: Readonly<Record<string, () => Promise<Place>>> = {
  async SQLite() {
    const folder = mkdtempSync(join(tmpdir(), 'hatstand-stream-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return { folder, flags: [], look: () => openSqlite({ path: folder, ballastBytes: 0 }) };
  },
  async Redis() {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const [cluster, { url }] = ['stream', redis];
    return { folder: tmpdir(), flags: ['--store', url, '--cluster-name', cluster], look: () => openRedis({ url, cluster }) };
  },
};

interface Call {
  /** When it was answered that it is kept; `null`: it was not. */
  takenAt: number | null;
}

/** Calls with their own numbers as payloads; who is not answered goes on with the next number once there is a server again. */
function stream(path: string, server: () => ServerProcess) {
  const calls: Call[] = [];
  let isOver = false;

  async function send(): Promise<void> {
    while (!isOver) {
      const call: Call = { takenAt: null };
      const at = calls.push(call) - 1;
      const answer = await ask(server().address, 'POST', path, at);
      if (answer === null) await pause(10);
      else expect(answer.status).toBe(202);
      if (answer !== null) call.takenAt = Date.now();
    }
  }

  const sent = Promise.all(Array.from({ length: senders }, send));
  return {
    calls,
    async stop() {
      isOver = true;
      await sent;
    },
  };
}

const isGathered = async (server: ServerProcess): Promise<boolean> => {
  const answer = await fetch(`${server.address}/v1/triggers/stream`);
  return ((await answer.json()) as { readonly window: unknown }).window === null;
};

async function jobsOf(server: ServerProcess): Promise<number> {
  const answer = await fetch(`${server.address}/v1/stats`);
  return ((await answer.json()) as { readonly jobs: { readonly queued: number } }).jobs.queued;
}

/** What the store has of it all; answers how late its windows were pushed. */
async function check(store: Store, calls: readonly Call[], kills: number): Promise<readonly number[]> {
  const { jobs } = await store.jobs.list(all);
  const gathered = jobs.map(({ payload }) => (JSON.parse(payload ?? '{}') as { readonly payloads: readonly number[] }).payloads);
  const seen = new Set(gathered.flat());
  expect(seen.size, 'none is there twice').toBe(gathered.flat().length);
  expect(calls.flatMap(({ takenAt }, at) => (takenAt === null || seen.has(at) ? [] : [at]))).toEqual([]);
  const unanswered = [...seen].filter((at) => calls[at]?.takenAt == null);
  expect(unanswered.length).toBeLessThanOrEqual(senders * kills);

  const fired = (await entriesAfter(store, [])).flatMap((entry) => entry.fired.filter(({ note }) => note.startsWith('gathered')));
  expect(fired).toHaveLength(gathered.length);
  for (const [at, numbers] of gathered.entries()) {
    // What comes between the decision and the firing goes along.
    expect(Number(fired[at]?.note.split(' ')[1])).toBeLessThanOrEqual(numbers.length);
    const first = Math.min(...numbers.map((number) => calls[number]?.takenAt ?? Number.POSITIVE_INFINITY));
    expect((fired[at]?.tick ?? 0) - first, 'it was open for no longer').toBeLessThanOrEqual(maxWait);
  }
  return jobs.map(({ createdAt }, at) => createdAt - (fired[at]?.tick ?? 0));
}

describe('a webhook that is called without a break', () => {
  it.each(Object.entries(places))(
    'loses and doubles nothing while its server is killed, on %s',
    { timeout: 300_000 },
    async (name, open) => {
      const place = await open();
      let server = await startServer(place.folder, place);
      onTestFinished(() => void server.kill('SIGKILL'));
      const made = await fetch(`${server.address}/v1/triggers`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(trigger) },
      });
      const { webhook } = (await made.json()) as { readonly webhook: string };
      const { calls, stop } = stream(webhook, () => server);
      let kills = 0;
      while ((await jobsOf(server)) < windows) {
        await pause(maxWait * (1 + 3 * Math.random()));
        await server.kill('SIGKILL');
        kills += 1;
        server = await startServer(place.folder, place);
      }
      await stop();
      await until('the end of the last window', () => isGathered(server));
      await server.kill('SIGKILL');
      const store = await place.look();
      const late = await check(store, calls, kills).finally(() => store.close());
      report(`a webhook's stream over ${late.length} windows, ${kills} times kill -9 of its server, ${name}`, {
        acknowledged: calls.filter(({ takenAt }) => takenAt !== null).length,
        ...{ lost: 0, duplicated: 0, refused: 0, repeated: 0, recoveries: late },
      });
    },
  );
});
