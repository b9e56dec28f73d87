/** A master, its replica and three sentinels that watch them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './ports.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { until } from './until.ts';

export interface SentinelGroup {
  /** `redis+sentinel://…/store` */
  readonly url: string;
  readonly sentinels: readonly RedisServer[];
  /** The server that the sentinels call the master now. */
  master(): Promise<RedisServer>;
  /** The other one. */
  replica(): Promise<RedisServer>;
  stop(): Promise<void>;
}

export interface SentinelGroupOptions {
  /** For master and replica. */
  readonly flags?: readonly string[];
  /** When a silent master is given up. Default 500 ms. */
  readonly downAfter?: number;
  /** What the sentinels themselves ask for. */
  readonly sentinelPassword?: string;
}

const name = 'store';

export async function startSentinels({ flags = [], downAfter = 500, sentinelPassword }: SentinelGroupOptions = {}): Promise<SentinelGroup> {
  const quick = ['--repl-diskless-sync-delay', '0', '--repl-timeout', '5', ...flags];
  const first = await startRedis({ flags: quick });
  const second = await startRedis({ flags: [...quick, '--replicaof', '127.0.0.1', String(first.port)] });
  const ports = await freePorts(3);
  const sentinels = await Promise.all(ports.map((port) => startSentinel(port, first, downAfter, sentinelPassword)));
  const all = [...sentinels, first, second];

  async function master(): Promise<RedisServer> {
    const address = await sentinels[0]?.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name);
    return Array.isArray(address) && Number(address[1]) === second.port ? second : first;
  }

  await until('a quorum of sentinels that know the replica', async () => {
    const known = await Promise.all(sentinels.map((sentinel) => sentinel.ask('SENTINEL', 'MASTER', name)));
    return known.every((fields) => fieldOf(fields, 'num-slaves') === '1' && fieldOf(fields, 'num-other-sentinels') === '2');
  });
  return {
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${name}`,
    sentinels,
    master,
    replica: async () => ((await master()) === first ? second : first),
    async stop() {
      await Promise.all(all.map((server) => server.stop()));
    },
  };
}

/** Its folder holds its configuration, which it rewrites. */
async function startSentinel(port: number, master: RedisServer, downAfter: number, password?: string): Promise<RedisServer> {
  const file = join(master.folder, `sentinel-${port}.conf`);
  writeFileSync(
    file,
    [
      `sentinel monitor ${name} 127.0.0.1 ${master.port} 2`,
      `sentinel down-after-milliseconds ${name} ${downAfter}`,
      `sentinel failover-timeout ${name} 3000`,
      `sentinel parallel-syncs ${name} 1`,
      ...(password === undefined ? [] : [`requirepass ${password}`]),
      '',
    ].join('\n'),
  );
  return await startRedis({ port, sentinel: file, ...(password === undefined ? {} : { password }) });
}

/** `[name, value, name, value, …]` */
function fieldOf(fields: unknown, field: string): unknown {
  return Array.isArray(fields) ? fields[fields.indexOf(field) + 1] : undefined;
}
