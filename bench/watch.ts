/** Watching: how soon an event is seen over HTTP, how many a second one node tells to five, and what thousands cost that take nothing. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeClient } from '../src/client.ts';
import { benchFolder } from './support/folder.ts';
import type { Measured, Report } from './support/report.ts';
import { median } from './support/statistics.ts';

const script = fileURLToPath(new URL('watch-node.ts', import.meta.url));
const crowdScript = fileURLToPath(new URL('watch-crowd.ts', import.meta.url));
const seconds = 5;
const watchers = 5;
const idle = 5_000;

type What = 'soon' | 'rate' | 'crowded' | 'memory';
const told = (value: number): Measured => ({ value, cpuMicrosPerJob: null });

export async function watch(report: Report, rounds: number): Promise<void> {
  const results: Record<What, Measured[]> = { soon: [], rate: [], crowded: [], memory: [] };
  for (let round = 0; round < rounds; round++) {
    const measured = await measure();
    for (const what of ['soon', 'rate', 'crowded', 'memory'] as const) results[what].push(told(measured[what]));
  }
  const rows = [
    ['soon', 'seen', 'ms p50 from emit until a client has it', 5, 'lower'],
    ['rate', `rate-${watchers}`, 'events/s to each of five watchers', 20_000, 'higher'],
    ['crowded', `seen-beside-${idle}`, `ms p50, beside ${idle} watchers of whom half never read`, 10, 'lower'],
    ['memory', `memory-${idle}`, `MiB more with ${idle} watchers of whom half never read`, 500, 'lower'],
  ] as const;
  for (const [what, name, unit, target, better] of rows)
    report.add({ what: name, peer: null, unit, better, target, ours: results[what], theirs: null });
}

const memoryOf = (node: ChildProcess): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${node.pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
const present = (): number => Number(process.hrtime.bigint() / 1_000n);

async function measure(): Promise<Record<What, number>> {
  const node = fork(script, [benchFolder()]);
  const ending = new AbortController();
  let crowd: ChildProcess | null = null;
  try {
    const [{ address, id }] = (await once(node, 'message')) as [{ readonly address: string; readonly id: string }];
    const counts = Array.from({ length: watchers }, () => 0);
    let delays: number[] = [];
    for (const at of counts.keys()) {
      void (async () => {
        for await (const each of makeClient({ address }).watch(id, { signal: ending.signal })) {
          if (each.kind !== 'event') continue;
          counts[at] = (counts[at] ?? 0) + 1;
          if (at === 0) delays.push((present() - Number(each.data)) / 1_000);
        }
      })().catch(() => undefined);
    }
    await pause(500);
    node.send(500);
    await pause(2_000);
    delays = [];
    await pause(seconds * 1_000);
    const soon = median(delays);
    node.send(20_500);
    await pause(1_000);
    const before = [...counts];
    await pause(seconds * 1_000);
    const rate = Math.min(...counts.map((count, at) => count - (before[at] ?? 0))) / seconds;
    node.send(0);
    await pause(1_000);
    const memory = memoryOf(node);
    crowd = fork(crowdScript, [`${address}/v1/jobs/${id}/watch`, String(idle)]);
    await once(crowd, 'message');
    await pause(2_000);
    node.send(20);
    await pause(3_000);
    delays = [];
    await pause(seconds * 1_000);
    return { soon, rate, crowded: median(delays), memory: memoryOf(node) - memory };
  } finally {
    ending.abort();
    crowd?.kill('SIGKILL');
    node.kill('SIGKILL');
  }
}
