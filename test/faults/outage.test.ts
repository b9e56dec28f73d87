/**
 * The web app is away for a minute while pushes go on: no job fails, all are done soon after it is back, and it is not run
 * down by those that waited.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type ServerProcess, startServer } from '../scenarios/server-process.ts';
import { type BriefApp, startBriefApp } from './brief-app.ts';
import { report } from './report.ts';
import { scaled } from './scale.ts';

const perSecond = 200;
const usual = scaled(4, 20);
const away = scaled(10, 60);
/** Pushes travel in groups, as many in a second. */
const groups = 20;

interface Pushes {
  /** Of all that were acknowledged. */
  readonly ids: readonly string[];
  stop(): Promise<void>;
}

function startPushes(server: string, url: string): Pushes {
  const ids: string[] = [];
  const group = JSON.stringify(Array.from({ length: perSecond / groups }, () => ({ url, payload: { to: 'ada@example.org' } })));
  let isOver = false;

  async function push(): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server}/v1/jobs`, { method: 'POST', headers, body: group });
    const { jobs } = (await answer.json()) as { readonly jobs: readonly { readonly id: string }[] };
    for (const { id } of jobs) ids.push(id);
  }

  async function run(): Promise<void> {
    const pushed: Promise<void>[] = [];
    const start = performance.now();
    for (let n = 1; !isOver; n++) {
      pushed.push(push());
      await pause(Math.max(0, start + (n * 1_000) / groups - performance.now()));
    }
    await Promise.all(pushed);
  }

  const running = run();
  return {
    ids,
    async stop() {
      isOver = true;
      await running;
    },
  };
}

/** How many attempts each job took, as the server tells. */
async function attemptsOf(server: ServerProcess): Promise<readonly number[]> {
  const attempts: number[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const from: string = next === '' ? '' : `&cursor=${next}`;
    const answer = await fetch(`${server.address}/v1/jobs?limit=500${from}`);
    const page = (await answer.json()) as { readonly jobs: readonly { readonly attempt: number }[]; readonly next: string | null };
    attempts.push(...page.jobs.map(({ attempt }) => attempt));
    next = page.next;
  }
  return attempts;
}

const isDone = ({ jobs }: BriefApp, ids: readonly string[]) => ids.every((id) => jobs.has(id));

describe('a web app that is away', () => {
  it(`for ${away} s under ${perSecond} pushes a second costs no job`, { timeout: 180_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hatstand-outage-'));
    const app = await startBriefApp();
    const server = await startServer(folder, { flags: ['--dispatchers', '32'] });
    try {
      const pushes = startPushes(server.address, `${app.address}/work`);
      await pause(usual * 1_000);
      await app.goAway();
      await pause(away * 1_000);
      const waiting = pushes.ids.slice();
      const seenBefore = app.times.length;
      const backAt = performance.now();
      await app.comeBack();
      await app.seen(() => isDone(app, waiting));
      const recovery = performance.now() - backAt;
      await pushes.stop();
      await app.seen(() => isDone(app, pushes.ids));
      const firstAt = app.times[seenBefore] ?? 0;
      const inFirst = app.times.filter((time) => time >= firstAt && time < firstAt + 1_000).length;
      const stats = await (await fetch(`${server.address}/v1/stats`)).json();
      const attempts = await attemptsOf(server);
      const burnt = attempts.filter((attempt) => attempt > 1).length;
      expect(stats).toMatchObject({ jobs: { failed: 0, canceled: 0 } });
      expect(recovery).toBeLessThan(30_000);
      expect(inFirst).toBeLessThanOrEqual(2 * perSecond);
      // Those that told that it is away, and what ran when it went.
      expect(burnt).toBeLessThan(100);
      report(`web app away ${away} s, ${perSecond} pushes a second`, {
        ...{ acknowledged: pushes.ids.length, lost: 0, duplicated: 0, refused: 0, repeated: burnt, recoveries: [recovery] },
      });
    } finally {
      await server.kill('SIGKILL');
      await app.goAway();
      await rm(folder, { recursive: true });
    }
  });
});
