/** Where attacks are played: servers in processes of their own, one that has a token and one that has none, with some jobs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostileJobs } from '../../src/stores/conformance/hostile.ts';
import { type ServerProcess, startServer } from '../scenarios/server-process.ts';
import { startRedis } from '../support/redis-server.ts';
import { residentBytes } from './process-figures.ts';
import { send } from './sending.ts';

export interface Stand {
  readonly server: ServerProcess;
  /** Processes that do what it is asked for: itself, and its Redis. */
  readonly pids: readonly number[];
  readonly token: string | null;
}

export interface Stage {
  readonly stands: Readonly<Record<'open' | 'guarded', Stand>>;
  /** Jobs of 1 MiB each. */
  readonly large: readonly string[];
  /** Resident memory of each server before all attacks, in bytes. */
  readonly base: ReadonlyMap<Stand, number>;
  /** What the servers said about leases that were late or lost, and about faults of their own. */
  complaints(): readonly string[];
  stop(): Promise<void>;
}

const token = 'correct-horse-battery';
const megabyte = 1024 * 1024;

/** Two servers, each with a file of its own. */
export async function openEmbedded(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'hatstand-abuse-'));
  const [open, guarded] = await Promise.all([
    startServer(join(folder, 'open')),
    startServer(join(folder, 'guarded'), { env: { HATSTAND_TOKEN: token } }),
  ]);
  return await prepare(open, guarded, [], () => rm(folder, { recursive: true }));
}

/** Two nodes of one cluster. The one that has a token runs no jobs, so that all run where memory is looked at. */
export async function openRedis(): Promise<Stage> {
  const redis = await startRedis();
  const start = (name: string, env: Readonly<Record<string, string>>): Promise<ServerProcess> =>
    startServer(tmpdir(), { flags: ['--store', redis.url, '--cluster-name', 'abused', '--node-name', name], env });
  const [open, guarded] = await Promise.all([start('open', {}), start('guarded', { HATSTAND_TOKEN: token })]);
  await send(open.address, { method: 'POST', path: '/v1/nodes/guarded/drain' });
  return await prepare(open, guarded, [redis.pid], () => redis.stop());
}

async function prepare(
  open: ServerProcess,
  guarded: ServerProcess,
  behind: readonly number[],
  cleanUp: () => Promise<void>,
): Promise<Stage> {
  const stands = {
    open: { server: open, pids: [open.pid, ...behind], token: null },
    guarded: { server: guarded, pids: [guarded.pid, ...behind], token },
  };
  const waiting = { url: 'http://127.0.0.1:9/', delay: '1h' };
  const push = (jobs: unknown): Promise<{ readonly text: string }> =>
    send(open.address, { method: 'POST', path: '/v1/jobs', body: JSON.stringify(jobs) });
  const large: string[] = [];
  for (let n = 0; n < 30; n++) {
    const { text } = await push({ ...waiting, payload: 'x'.repeat(megabyte) });
    large.push(/"id":"(\d+)"/.exec(text)?.[1] ?? '');
  }
  for (let n = 0; n < 10; n++) await push(hostileJobs(200, n * 200).map(({ name }) => ({ ...waiting, name })));
  return {
    stands,
    large,
    base: new Map(Object.values(stands).map((stand) => [stand, residentBytes(stand.server.pid)])),
    complaints: () => [open, guarded].flatMap(({ lines }) => lines.filter(isComplaint)),
    async stop() {
      await Promise.all([open.kill('SIGTERM'), guarded.kill('SIGTERM')]);
      await cleanUp();
    },
  };
}

/** Jobs may fail, and are told. */
const isComplaint = (line: string): boolean =>
  /"msg":"node\.(late|buried)"/.test(line) || (line.includes('"level":"error"') && !line.includes('"msg":"job.failed"'));
