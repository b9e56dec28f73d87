/** What nodes with nothing to do cost: themselves, and the Redis that they share. */
import { setTimeout as pause } from 'node:timers/promises';
import { Redis as Client } from 'ioredis';
import { type RedisServer, startRedis } from '../test/support/redis-server.ts';
import { cpuMicrosOf } from './support/processes.ts';
import type { Measured, Report } from './support/report.ts';
import { type Server, startServer } from './support/server.ts';

const nodes = 3;
/** After their start, until nothing is left of it. */
const settleMillis = 3_000;
const measuredMillis = 10_000;

/** Sums since the start of each. */
interface Spent {
  /** What the nodes sent. */
  readonly calls: number;
  /** The same and what scripts did by them. */
  readonly commands: number;
  readonly redisMicros: number;
  readonly nodeMicros: number;
}

const figures = [
  { what: 'calls', unit: 'calls/s for each node', of: (spent: Spent) => spent.calls },
  { what: 'commands', unit: 'commands/s for each node', of: (spent: Spent) => spent.commands },
  { what: 'redis-cpu', unit: 'µs/s for each node', of: (spent: Spent) => spent.redisMicros },
  { what: 'node-cpu', unit: 'µs/s for each node', of: (spent: Spent) => spent.nodeMicros },
] as const;

export async function idleNodes(report: Report, rounds: number): Promise<void> {
  const redis = await startRedis();
  const client = new Client({ port: redis.port, host: '127.0.0.1' });
  const servers: Server[] = [];
  try {
    for (let n = 0; n < nodes; n++) servers.push(await startServer({ concurrency: 10, store: `redis://127.0.0.1:${redis.port}` }));
    await pause(settleMillis);
    const measured: Spent[] = [];
    for (let round = 0; round < rounds; round++) measured.push(await spend(client, redis, servers));
    for (const { what, unit, of } of figures) {
      const ours = measured.map((spent): Measured => ({ value: of(spent) / nodes / (measuredMillis / 1_000), cpuMicrosPerJob: null }));
      report.add({ what, peer: null, unit, better: 'lower', target: null, ours, theirs: null });
    }
  } finally {
    for (const server of servers) await server.stop();
    client.disconnect();
    await redis.stop();
  }
}

/** What was spent within the measured time. */
async function spend(client: Client, redis: RedisServer, servers: readonly Server[]): Promise<Spent> {
  const before = await spentBy(client, redis, servers);
  await pause(measuredMillis);
  const after = await spentBy(client, redis, servers);
  return {
    calls: after.calls - before.calls,
    commands: after.commands - before.commands,
    redisMicros: after.redisMicros - before.redisMicros,
    nodeMicros: after.nodeMicros - before.nodeMicros,
  };
}

async function spentBy(client: Client, redis: RedisServer, servers: readonly Server[]): Promise<Spent> {
  const stats = await client.info('commandstats');
  const counts = [...stats.matchAll(/cmdstat_(\S+):calls=(\d+)/g)].map(([, name, calls]) => ({ name, calls: Number(calls) }));
  const sum = (names: readonly (string | undefined)[] | null): number =>
    counts.reduce((total, { name, calls }) => total + (names === null || names.includes(name) ? calls : 0), 0);
  return {
    calls: sum(['evalsha', 'eval', 'ping', 'wait', 'xread', 'blpop']),
    commands: sum(null),
    redisMicros: cpuMicrosOf(redis.pid),
    nodeMicros: servers.reduce((total, { pid }) => total + cpuMicrosOf(pid), 0),
  };
}
