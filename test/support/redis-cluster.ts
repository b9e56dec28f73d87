/** A Redis Cluster of six processes: three masters with a replica each. */
import { freePorts } from './ports.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { until } from './until.ts';

export interface RedisCluster {
  /** `redis+cluster://…` with the first three nodes. */
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  /** The node that a node which lives calls the master of the key's slot. */
  masterOf(key: string): Promise<RedisServer>;
  /** Starts to move the key's slot to another master: then each of its keys moves with `moveKey`, and `finish` ends it. */
  startMove(key: string): Promise<SlotMove>;
  stop(): Promise<void>;
}

export interface SlotMove {
  readonly from: RedisServer;
  readonly to: RedisServer;
  moveKeys(keys: readonly string[]): Promise<void>;
  /** Moves what is left and makes the other one the owner. */
  finish(): Promise<void>;
}

const masters = 3;
const slots = 16_384;
const nodeTimeout = 1_000;

export async function startRedisCluster(flags: readonly string[] = []): Promise<RedisCluster> {
  const ports = await freePorts(masters * 4);
  const nodes = await Promise.all(
    ports.slice(0, masters * 2).map((port, at) => {
      const bus = String(ports[masters * 2 + at]);
      const cluster = ['--cluster-enabled', 'yes', '--cluster-port', bus, '--cluster-node-timeout', String(nodeTimeout)];
      return startRedis({
        port,
        flags: [...cluster, '--repl-diskless-sync-delay', '0', '--cluster-allow-replica-migration', 'no', ...flags],
      });
    }),
  );
  await join(nodes, ports.slice(masters * 2));

  async function living(): Promise<RedisServer> {
    for (const node of nodes) if ((await node.ask('PING').catch(() => null)) === 'PONG') return node;
    throw new Error('no node of the cluster lives');
  }

  async function masterOf(key: string): Promise<RedisServer> {
    const asked = await living();
    const slot = Number(await asked.ask('CLUSTER', 'KEYSLOT', key));
    const ranges = (await asked.ask('CLUSTER', 'SLOTS')) as readonly (readonly [number, number, readonly [string, number]])[];
    const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1];
    const master = nodes.find((node) => node.port === port);
    if (master === undefined) throw new Error(`no node is the master of ${key}`);
    return master;
  }

  async function startMove(key: string): Promise<SlotMove> {
    const from = await masterOf(key);
    const slot = String(await from.ask('CLUSTER', 'KEYSLOT', key));
    const to = nodes.slice(0, masters).find((node) => node !== from);
    if (to === undefined) throw new Error('there is one master only');
    const [fromId, toId] = await Promise.all([idOf(from), idOf(to)]);
    await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    const moveKeys = async (keys: readonly string[]): Promise<void> => {
      await from.ask('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys);
    };
    return {
      from,
      to,
      moveKeys,
      async finish() {
        for (;;) {
          const keys = (await from.ask('CLUSTER', 'GETKEYSINSLOT', slot, '500')) as readonly string[];
          if (keys.length === 0) break;
          await moveKeys(keys);
        }
        for (const node of [to, from, ...nodes.slice(0, masters)]) await node.ask('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
      },
    };
  }

  return {
    url: `redis+cluster://${nodes
      .slice(0, masters)
      .map(({ port }) => `127.0.0.1:${port}`)
      .join(',')}`,
    nodes,
    masterOf,
    startMove,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

const idOf = async (node: RedisServer): Promise<string> => String(await node.ask('CLUSTER', 'MYID'));

async function join(nodes: readonly RedisServer[], buses: readonly number[]): Promise<void> {
  const size = Math.ceil(slots / masters);
  await Promise.all(
    nodes.map(async (node, at) => {
      await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1));
      if (at >= masters) return;
      await node.ask('CLUSTER', 'ADDSLOTSRANGE', String(at * size), String(Math.min(slots, (at + 1) * size) - 1));
    }),
  );
  const [first] = nodes;
  for (const [at, node] of nodes.entries()) {
    if (node !== first) await first?.ask('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(buses[at]));
  }
  await until('every node knowing every other', async () => {
    const known = await Promise.all(nodes.map(async (node) => String(await node.ask('CLUSTER', 'NODES'))));
    return known.every(
      (lines) =>
        lines
          .trim()
          .split('\n')
          .filter((line) => !/handshake|noaddr/.test(line)).length === nodes.length,
    );
  });
  for (const [at, node] of nodes.slice(masters).entries()) {
    const master = nodes[at];
    if (master !== undefined) await node.ask('CLUSTER', 'REPLICATE', await idOf(master));
  }
  await until('a cluster whose replicas are in step', async () => {
    const states = await Promise.all(nodes.map(async (node) => String(await node.ask('CLUSTER', 'INFO'))));
    const links = await Promise.all(nodes.slice(masters).map(async (node) => String(await node.ask('INFO', 'replication'))));
    return states.every((state) => state.includes('cluster_state:ok')) && links.every((link) => link.includes('master_link_status:up'));
  });
}
