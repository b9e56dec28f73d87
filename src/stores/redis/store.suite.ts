/** What the tests of the store on Redis share: one server, and clusters on it that no other test has. */
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/support/redis-server.ts';
import type { Job } from '../../core/job.ts';
import { type Moves, settleMoves } from '../../core/transitions.ts';
import { anyQueue, result } from '../conformance/subject.ts';
import { prefixOf } from './format/keys.ts';
import { openRedis, type RedisStore } from './index.ts';

export let server: RedisServer;
let clusters = 0;

beforeAll(async () => {
  server = await startRedis();
});

afterAll(() => server.stop());

export const newCluster = (): string => {
  clusters += 1;
  return `test-${clusters}`;
};

export async function open(cluster = newCluster(), url = server.url): Promise<RedisStore> {
  const store = await openRedis({ url, cluster });
  onTestFinished(() => store.close());
  return store;
}

/** A command for a key of a cluster. */
export type Write = readonly [command: string, key: string, ...args: readonly string[]];

/** As somebody else does. */
export async function write(cluster: string, ...writes: readonly Write[]): Promise<void> {
  for (const [command, name, ...args] of writes) await server.ask(command, prefixOf(cluster) + name, ...args);
}

export async function claim(store: RedisStore, slots: number, operation = 'first'): Promise<readonly Job[]> {
  return (await store.jobs.claim({ operation, holder: 'node', wants: () => [anyQueue(slots)], attemptTtl: null })).jobs;
}

export const success = (job: Job): Moves => settleMoves(job, { kind: 'succeeded', result: result('done') }, 0);
