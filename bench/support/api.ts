/** What the benches ask a server beside the load itself. */
import { setTimeout as pause } from 'node:timers/promises';
import { payload } from './payload.ts';

async function ask(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}: ${text}`);
  return text;
}

export async function statesOf(address: string): Promise<Readonly<Record<string, number>>> {
  const stats = JSON.parse(await ask(`${address}/v1/stats`)) as { readonly jobs: Readonly<Record<string, number>> };
  return stats.jobs;
}

/** Until nothing waits or runs. */
export async function drained(address: string): Promise<void> {
  for (;;) {
    const { queued = 0, scheduled = 0, running = 0 } = await statesOf(address);
    if (queued + scheduled + running === 0) return;
    await pause(5);
  }
}

export async function setPaused(address: string, paused: boolean): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await ask(`${address}/v1/queues/default`, { method: 'PATCH', headers, body: JSON.stringify({ paused }) });
}

/** Pushes jobs in batches. */
export async function pushMany(address: string, worker: string, jobs: number): Promise<void> {
  const batch = 1_000;
  for (let at = 0; at < jobs; at += batch) {
    const lines = Array.from({ length: Math.min(batch, jobs - at) }, (_, i) =>
      JSON.stringify({ name: `job-${at + i}`, url: `${worker}/`, payload: payload(at + i) }),
    );
    await ask(`${address}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: lines.join('\n') });
  }
}

/** Milliseconds until a search has answered. */
export async function searchTime(address: string, term: string): Promise<number> {
  const since = performance.now();
  await ask(`${address}/job?limit=10&term=${encodeURIComponent(term)}`);
  return performance.now() - since;
}

/** The longest a small request took while the work went on. */
export async function longestAnswerDuring(address: string, work: Promise<unknown>): Promise<number> {
  let longest = 0;
  let going = true;
  const finished = work.finally(() => {
    going = false;
  });
  while (going) {
    const since = performance.now();
    await ask(`${address}/livez`);
    longest = Math.max(longest, performance.now() - since);
    await pause(2);
  }
  await finished;
  return longest;
}
