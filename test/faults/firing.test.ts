/** Triggers that are due every second, on three nodes, while nodes, Redis and clocks fail: each tick has exactly one job. */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRedis } from '../../src/stores/redis/index.ts';
import { killNode, startFiringNode } from '../support/firing.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { report } from './report.ts';
import { isWhole, scaled } from './scale.ts';
import { addTicking, expectEachTickOnce, ticksOf, whileFiring } from './ticking.ts';

const triggers = 200;
const cluster = 'firing';
const hour = 3_600_000;
const preload = `--require=${fileURLToPath(new URL('../scenarios/clock-ahead.cjs', import.meta.url))}`;

const anyOf = (count: number): number => Math.floor(Math.random() * count);

interface Scene {
  readonly redis: RedisServer;
  readonly nodes: ChildProcess[];
  start(): Promise<void>;
  /** The wall clock of the node at this place is so far ahead from now on. */
  setAhead(place: number, by: number): void;
}

interface Fault {
  readonly what: string;
  readonly seconds: number;
  /** Seconds from one to the next, at least and at most. */
  readonly every: readonly [least: number, most: number];
  happen(scene: Scene): Promise<void>;
}

const faults: readonly Fault[] = [
  {
    what: 'kill -9 of 1 of 3 nodes',
    seconds: scaled(6, 120),
    every: [1, 3],
    async happen({ nodes, start }) {
      const [node] = nodes.splice(anyOf(nodes.length), 1);
      if (node !== undefined) await killNode(node);
      await start();
    },
  },
  {
    what: 'kill -9 of Redis, appendfsync always',
    seconds: scaled(5, 120),
    every: [2, 5],
    async happen({ redis }) {
      await redis.kill('SIGKILL');
      await redis.restart();
    },
  },
  {
    what: "steps of a node's clock by up to a day",
    seconds: scaled(5, 60),
    every: [1, 2],
    happen: async ({ nodes, setAhead }) => setAhead(anyOf(nodes.length), (Math.random() - 0.5) * 48 * hour),
  },
];

async function onScene(): Promise<Scene> {
  const redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const nodes: ChildProcess[] = [];
  let started = 0;
  onTestFinished(async () => {
    await Promise.all(nodes.map(killNode));
    await redis.stop();
  });
  const clockOf = (place: number): string => join(redis.folder, `clock-${place}`);
  const setAhead = (place: number, by: number): void => writeFileSync(clockOf(place), String(Math.round(by)));
  return {
    redis,
    nodes,
    setAhead,
    async start() {
      const place = started++;
      setAhead(place, 0);
      nodes.push(await startFiringNode(redis.url, cluster, { NODE_OPTIONS: preload, HATSTAND_TEST_CLOCK: clockOf(place) }));
    },
  };
}

describe('triggers', () => {
  it.each(faults)('fire each tick exactly once in spite of $what', { timeout: 400_000 }, async ({ what, seconds, every, happen }) => {
    const scene = await onScene();
    const store = await openRedis({ url: scene.redis.url, cluster });
    onTestFinished(() => store.close());
    await Promise.all([scene.start(), scene.start(), scene.start()]);
    const records = await addTicking(store, triggers, seconds);
    const total = records.reduce((sum, { trigger }) => sum + ticksOf(trigger).length, 0);
    const [least, most] = every;
    const between = (): number => triggers * (least + Math.random() * (most - least));
    const course = await whileFiring(store, { total, between, fault: () => happen(scene) });
    // In the ordinary run a slow machine may have all ticks come at once, and something fails behind them alone.
    if (isWhole) expect(course.faults).toBeGreaterThan(seconds / most / 2);
    await expectEachTickOnce(store, records);
    const ticks = course.entries.flatMap((entry) => entry.fired.map(({ tick }) => entry.at - tick));
    report(`${triggers} triggers every second, ${what}, ${isWhole ? `${course.faults} times` : 'a few times'}`, {
      ...{ acknowledged: total, lost: 0, duplicated: 0, refused: 0, repeated: 0, recoveries: ticks },
    });
  });
});
