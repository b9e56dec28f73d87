/** Functions that block the main loop of their node: for a while it is kept alive by its lease thread, then its jobs run elsewhere. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaseTimes } from '../../src/core/node.ts';
import { Hatstand, openRedis } from '../../src/index.ts';
import { makeChanges } from '../support/changes.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { report } from './report.ts';
import { scaled } from './scale.ts';

const script = fileURLToPath(new URL('function-node.ts', import.meta.url));

let redis: RedisServer;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await redis.stop();
});

interface Line {
  readonly msg: string;
  readonly job?: string;
  readonly fence?: string;
  readonly at: number;
}

interface FunctionNodes {
  readonly lines: readonly Line[];
  /** Resolves with the line of this number that says so. */
  line(msg: string, number: number): Promise<Line>;
}

/** `count` nodes in processes of their own, all of which have started. */
async function startNodes(count: number, cluster: string): Promise<FunctionNodes> {
  const lines: Line[] = [];
  const { changed, seen } = makeChanges();
  for (let n = 0; n < count; n++) {
    const child = spawn(process.execPath, [script, redis.url, cluster], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.add(child);
    createInterface({ input: child.stdout }).on('line', (text) => {
      lines.push({ ...(JSON.parse(text) as Omit<Line, 'at'>), at: performance.now() });
      changed();
    });
  }
  async function line(msg: string, number: number): Promise<Line> {
    const found = (): Line | undefined => lines.filter((each) => each.msg === msg)[number - 1];
    await seen(() => found() !== undefined);
    return found() ?? expect.fail(`no line ${number} that says ${msg}`);
  }
  await line('started', count);
  return { lines, line };
}

describe.concurrent('a function that blocks its node', () => {
  it('for longer than a ttl is left alone: the lease thread keeps the lease', { timeout: 60_000 }, async ({ expect }) => {
    const cluster = 'blocked-a-while';
    const { lines, line } = await startNodes(2, cluster);
    const client = new Hatstand({ store: await openRedis({ url: redis.url, cluster }) });
    const { id } = await client.push('block', leaseTimes.ttl + 2_000, { timeout: null });
    const job = await client.wait(id, '30s');
    const runs = lines.filter(({ msg }) => msg === 'run');
    expect(job).toMatchObject({ state: 'succeeded', lost: 0 });
    expect(runs).toHaveLength(1);
    // Said at its next renewal, which may come after the job's end.
    await line('node.late', 1);
    expect(lines.filter(({ msg }) => msg === 'node.late')).toHaveLength(1);
    await client.stop();
  });

  const time = scaled(15_000, 20_000);

  it(`for ${time / 1_000} s loses its lease: the job runs elsewhere, and the late result is refused`, { timeout: 60_000 }, async ({
    expect,
  }) => {
    const cluster = 'blocked-for-long';
    const { lines, line } = await startNodes(2, cluster);
    const client = new Hatstand({ store: await openRedis({ url: redis.url, cluster }) });
    const { id } = await client.push('block', time, { timeout: null });
    const [first, second] = [await line('run', 1), await line('run', 2)];
    expect(second.at - first.at).toBeGreaterThan(leaseTimes.ttl * 1.5);
    expect(second.at - first.at).toBeLessThan(leaseTimes.ttl * 2 + 1_000);
    expect(await client.wait(id, '30s')).toMatchObject({ state: 'succeeded', fence: second.fence });
    expect(await line('job.lost', 1)).toMatchObject({ job: id, fence: first.fence });
    expect(await client.get(id)).toMatchObject({
      state: 'succeeded',
      fence: second.fence,
      result: second.fence,
    });
    // The node is one of the cluster again.
    await line('node.joined', 3);
    report('a function that blocks its node', {
      acknowledged: 1,
      lost: 0,
      duplicated: lines.filter(({ msg }) => msg === 'job.ended').length - 1,
      refused: 1,
      repeated: 1,
      recoveries: [second.at - first.at],
    });
    await client.stop();
  });
});
