/** Twenty kills at random moments under load: nothing acknowledged is lost, and each job has one result. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeChanges } from '../support/changes.ts';
import { ask, checkEnded } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { startWebApp } from './web-app.ts';

const kills = 20;
const clients = 8;

it(`survives ${kills} kills at random moments under load`, { timeout: 240_000 }, async () => {
  const app = await startWebApp();
  const folder = await mkdtemp(join(tmpdir(), 'hatstand-kills-'));
  const acknowledged = new Set<string>();
  let server: ServerProcess = await startServer(folder);
  let killed = 0;
  let pushed = 0;
  const { changed, seen } = makeChanges();

  async function client(name: number): Promise<void> {
    for (let n = 0; killed < kills; ) {
      const body = { url: `${app.address}/ok`, payload: { n }, idempotencyKey: `${name}-${n}` };
      const answer = await ask(server.address, 'POST', '/v1/jobs', body);
      // Without an answer the same push is repeated with its key, against whichever server lives then.
      if (answer === null) continue;
      expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
      acknowledged.add(answer.body.id);
      n += 1;
      pushed += 1;
      changed();
    }
  }

  async function nemesis(): Promise<void> {
    while (killed < kills) {
      // Somewhere within the work that follows an acknowledged push.
      const after = pushed + Math.floor(Math.random() * 200);
      await seen(() => pushed > after);
      expect(await server.kill('SIGKILL')).toBe('SIGKILL');
      server = await startServer(folder);
      killed += 1;
    }
  }

  try {
    await Promise.all([nemesis(), ...Array.from({ length: clients }, (_, name) => client(name))]);
    expect(acknowledged.size).toBeGreaterThan(kills * 10);
    for (const id of acknowledged) {
      await checkEnded(server.address, id);
      expect(app.runs.get(id)).toBeGreaterThan(0);
    }
  } finally {
    await server.kill('SIGTERM');
    await app.close();
    await rm(folder, { recursive: true });
  }
});
