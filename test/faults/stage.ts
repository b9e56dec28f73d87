/** What scenarios share: a web app, nodes of a cluster of their own, a look into the store, and the figures they give. */
import { expect } from 'vitest';
import { openRedis, type RedisStore } from '../../src/stores/redis/index.ts';
import { ask } from '../scenarios/history.ts';
import { type App, startApp } from './app.ts';
import { check, type Findings, recoveries } from './checker.ts';
import { type Load, type LoadOptions, startLoad } from './load.ts';
import { makeNodes, type Nodes } from './nodes.ts';
import { report } from './report.ts';

export interface Stage {
  readonly app: App;
  readonly nodes: Nodes;
  /** Looks at the store over a connection of its own. */
  readonly store: RedisStore;
  load(options?: Partial<LoadOptions>): Load;
  /** Pushes `count` jobs for this path at a node; each is acknowledged. */
  push(address: string, path: string, count: number): Promise<readonly string[]>;
  /** These were, too. */
  acknowledged(ids: readonly string[]): void;
  /** Resolves once `count` more pushes of the loads were answered with this status. */
  refused(status: number, count: number): Promise<void>;
  /** How long something took that the web app cannot know. */
  took(time: number): void;
  /** Ends the loads, compares the histories, fails on whatever should not be, and adds the figures to the report. */
  finish(options?: { readonly mayForget?: boolean }): Promise<Findings>;
}

export interface StageOptions {
  /** Its name in the report. */
  readonly scenario: string;
  /** Where nodes find the store. */
  readonly store: string;
  /** Where the scenario itself finds it, if not there. */
  readonly look?: string;
  readonly flags?: readonly string[];
}

let stages = 0;

export async function onStage(options: StageOptions, play: (stage: Stage) => Promise<void>): Promise<void> {
  stages += 1;
  const cluster = `faults-${process.pid}-${stages}`;
  const app = await startApp();
  const nodes = makeNodes({ store: options.store, cluster, flags: options.flags ?? [] });
  const store = await openRedis({ url: options.look ?? options.store, cluster });
  const loads: Load[] = [];
  const pushed: string[] = [];
  const times: number[] = [];
  try {
    await play({
      app,
      nodes,
      store,
      load(given = {}) {
        const load = startLoad(nodes, { app: app.address, ...given });
        loads.push(load);
        return load;
      },
      async push(address, path, count) {
        const ids = await Promise.all(Array.from({ length: count }, () => pushOne(address, app.address + path)));
        pushed.push(...ids);
        return ids;
      },
      acknowledged: (ids) => void pushed.push(...ids),
      refused(status, count) {
        const refusals = (): number => loads.reduce((sum, { others }) => sum + (others.get(status) ?? 0), 0);
        const goal = refusals() + count;
        return Promise.race(loads.map((load) => load.seen(() => refusals() >= goal)));
      },
      took: (time) => void times.push(time),
      async finish({ mayForget = false } = {}) {
        await Promise.all(loads.map((load) => load.stop()));
        const acknowledged = [...pushed, ...loads.flatMap((load) => [...load.acknowledged.values()])];
        const findings = await check({ store, app, nodes, acknowledged, mayForget });
        const { faults, ...figures } = findings;
        report(options.scenario, { ...figures, recoveries: [...times, ...recoveries(app)] });
        expect(faults).toEqual([]);
        return findings;
      },
    });
  } finally {
    for (const load of loads) load.abandon();
    await nodes.stop();
    await app.close();
    await store.close();
  }
}

async function pushOne(address: string, url: string): Promise<string> {
  const answer = await ask(address, 'POST', '/v1/jobs', { url, timeout: null });
  expect(answer).toMatchObject({ status: 201 });
  return answer?.body.id ?? '';
}
