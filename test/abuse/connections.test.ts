/** Connections that behave badly cost others little: their requests are answered as if nothing were, and the process stays small. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../scenarios/history.ts';
import { type ServerProcess, startServer } from '../scenarios/server-process.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type Attack, deaf, idle, pipelining, resetting, trickling } from './attackers.ts';
import { type Bystander, type Figures, startBystander } from './bystander.ts';
import { report } from './report.ts';
import { scaled } from './scale.ts';

const token = 'secret';
const megabyte = 1024 * 1024;
/** Requests of the bystander during each attack. */
const requests = scaled(400, 2_000);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hatstand-abuse-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What it costs the bystander beside what the machine itself costs, before and after. */
function expectLittle(calm: Figures, during: Figures, after: Figures): void {
  report({ scenario: expect.getState().currentTestName ?? '', calm, during });
  expect(during.failed).toEqual([]);
  expect(during.p99).toBeLessThan(100 + calm.p99 + after.p99);
  expect(during.memory.most - calm.memory.most).toBeLessThan(300 * megabyte);
}

async function play(
  server: ServerProcess,
  attack: (bystander: Bystander) => Promise<void>,
  options: { token?: string } = {},
): Promise<void> {
  const bystander = await startBystander({ address: server.address, pid: server.pid, ...options });
  try {
    await bystander.answered(scaled(200, 1_000));
    const calm = await bystander.figures();
    await attack(bystander);
    const during = await bystander.figures();
    await bystander.answered(scaled(200, 1_000));
    expectLittle(calm, during, await bystander.figures());
  } finally {
    await bystander.stop();
  }
}

/** The attack stands while the bystander is answered so many times. */
async function during(bystander: Bystander, attack: Attack): Promise<void> {
  await bystander.answered(requests);
  attack.stop();
}

describe('on the embedded store', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer(folder);
    for (let n = 0; n < 30; n++)
      await ask(server.address, 'POST', '/job', { url: 'http://127.0.0.1:9/', payload: 'x'.repeat(megabyte), delay: 3_600 });
  });
  afterAll(() => server.kill('SIGTERM'));

  it('idle connections', { timeout: 120_000 }, async () => {
    await play(server, async (bystander) => during(bystander, await idle(server.address, scaled(1_000, 2_000))));
  });

  it('senders that send a byte now and then', { timeout: 120_000 }, async () => {
    await play(server, async (bystander) => during(bystander, await trickling(server.address, scaled(200, 500))));
  });

  for (const path of ['/job', '/v1/export'])
    it(`readers that take nothing of ${path}`, { timeout: 120_000 }, async () => {
      await play(server, async (bystander) => during(bystander, await deaf(server.address, scaled(100, 200), path)));
    });

  it('connections that are reset', { timeout: 120_000 }, async () => {
    await play(server, async () => resetting(server.address, scaled(1_000, 10_000)));
  });
});

describe('pipelined requests', () => {
  const count = 50;
  const each = scaled(500, 10_000);
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer(join(folder, 'guarded'), { env: { HATSTAND_TOKEN: token } });
  });
  afterAll(() => server.kill('SIGTERM'));

  for (const brought of [null, token])
    it(brought === null ? 'without a token end at the first of them' : 'with the token are all answered', {
      timeout: 540_000,
    }, async () => {
      await play(
        server,
        async (bystander) => {
          const attack = await pipelining(server.address, count, each, brought);
          while (brought === null ? attack.ended < count : attack.answers < count * each) await bystander.answered(50);
          expect(attack.answers).toBe(brought === null ? count : count * each);
          attack.stop();
        },
        { token },
      );
    });
});

describe('two nodes on Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('keep their leases while one of them gets pipelined requests', { timeout: 540_000 }, async () => {
    const flags = ['--store', redis.url, '--cluster-name', 'abused', '--log-level', 'debug', '--no-ui'];
    const [node, other] = await Promise.all(
      ['one', 'two'].map((name) => startServer(folder, { flags: [...flags, '--node-name', name], env: { HATSTAND_TOKEN: token } })),
    );
    if (node === undefined || other === undefined) throw new Error('no nodes');
    await play(
      node,
      async (bystander) => {
        const attacks = [
          await pipelining(node.address, 50, scaled(500, 10_000), token),
          await pipelining(node.address, 50, scaled(500, 10_000), null),
        ];
        await bystander.answered(scaled(400, 4_000));
        for (const attack of attacks) attack.stop();
      },
      { token },
    );
    for (const each of [node, other]) {
      expect(each.lines.filter((line) => /"msg":"node\.(late|buried)"/.test(line))).toEqual([]);
      await each.kill('SIGKILL');
    }
  });
});
