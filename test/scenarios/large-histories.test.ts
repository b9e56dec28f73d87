/** Jobs that were tried often with large outputs: what a server needs to show them and to write them out. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settleMoves } from '../../src/core/transitions.ts';
import { asked, minute, node, refOf, result } from '../../src/stores/conformance/subject.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const mebibyte = 1024 * 1024;
const jobs = 2;
const attempts = 40;
/** What a server takes beside what it shows: its own code and the garbage of many answers. */
const room = 300 * mebibyte;

let folder: string;
let server: ServerProcess;
let idle: number;

/** Histories as they were kept before there was a bound for them. */
async function fill(): Promise<void> {
  const store = await openSqlite({ path: folder, synchronous: 'normal' });
  await store.nodes.join(node('before'), 60 * minute);
  const options = { ...asked().options, retry: { attempts: attempts + 1, backoff: 0, maxBackoff: 0 } };
  await store.jobs.push(Array.from({ length: jobs }, () => asked({ options })));
  const output = 'x'.repeat(mebibyte);
  for (let settled = 0; settled < jobs * (attempts + 1); ) {
    const wants = () => [{ worker: 'w', queues: 'any' as const, slots: jobs }];
    const claim = await store.jobs.claim({ operation: String(settled), holder: 'before', wants, attemptTtl: null });
    const outcome = { kind: 'failed', result: result(output), retryAfter: 0 } as const;
    await Promise.all(claim.jobs.map((job) => store.jobs.settle(refOf(job), settleMoves(job, outcome, 0, mebibyte))));
    settled += claim.jobs.length;
  }
  await store.close();
}

/** In bytes, now and at its highest (proc(5)). */
function memoryOf({ pid }: ServerProcess, figure: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${figure}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-histories-'));
  await fill();
  server = await startServer(folder);
  idle = memoryOf(server, 'VmRSS');
}, 120_000);
afterAll(async () => {
  await server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('sixteen at once read a job that was tried forty times in bounded memory, and an export goes through all of them', async () => {
  const listed = (await (await fetch(`${server.address}/v1/jobs`)).json()) as { readonly jobs: readonly { readonly id: string }[] };
  const reads = Array.from({ length: 16 }, async (_, at) => {
    const answer = await fetch(`${server.address}/v1/jobs/${listed.jobs[at % jobs]?.id}`);
    return (await answer.json()) as { readonly output: string; readonly history: readonly { readonly output: string }[] };
  });
  for (const { output, history } of await Promise.all(reads)) {
    expect(output).toHaveLength(mebibyte);
    expect(history.map((each) => each.output.length)).toEqual([mebibyte, ...Array.from({ length: attempts }, () => 16_384)]);
  }
  const lines = (await (await fetch(`${server.address}/v1/export`)).text()).trimEnd().split('\n');
  expect(lines).toHaveLength(jobs + 2);
  expect(memoryOf(server, 'VmHWM') - idle).toBeLessThan(room);
}, 60_000);
