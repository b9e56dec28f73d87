import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../test/support/redis-server.ts';
import { serve } from './compose.ts';
import { type Config, loadConfig } from './config.ts';
import type { Store } from './ports/store/store.ts';
import { openLog } from './system/log.ts';

const log = openLog({ level: 'off', file: null, accessFile: null, terminal: true });
const ephemeral: Config = {
  ...loadConfig({ env: {}, flags: {}, configFile: undefined }),
  ephemeral: true,
  addr: { host: '127.0.0.1', port: 0 },
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('an ephemeral server', () => {
  it('leaves nothing behind when its store cannot be opened', async () => {
    await expect(serve({ ...ephemeral, serverId: 5_000 }, log)).rejects.toMatchObject({ code: 'invalid_config' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('listens no more and leaves nothing behind although its store failed before it stopped', async () => {
    const server = await serve(ephemeral, log);
    await (server.store as Store).close();
    await expect(server.stop()).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(fetch(server.address)).rejects.toThrow();
    expect(readdirSync(folder).filter((name) => name.startsWith('hatstand-data-'))).toEqual([]);
  });
});

describe('a server on a Redis', () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await startRedis({ password: 'secret', flags: ['--appendonly', 'yes'] });
  });
  afterEach(() => redis.stop());

  it('shares its jobs with the others of its cluster, and keeps nothing in a folder', async () => {
    const config: Config = { ...ephemeral, store: redis.url, dispatchers: 0 };
    const [one, two] = [await serve(config, log), await serve(config, log)];
    const apart = await serve({ ...config, clusterName: 'other' }, log);
    const push = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"url": "http://127.0.0.1:9/"}' };
    const pushed = await fetch(`${one.address}/v1/jobs`, push);
    const { id } = (await pushed.json()) as { readonly id: string };
    expect(pushed.headers.get('x-hatstand-durability')).toBe('redis-everysec');
    expect((await fetch(`${two.address}/v1/jobs/${id}`)).status).toBe(200);
    expect((await fetch(`${apart.address}/v1/jobs/${id}`)).status).toBe(404);
    expect(one.store.location).toBe(`redis://127.0.0.1:${redis.port}, cluster hatstand`);
    expect(readdirSync(folder).filter((name) => name.startsWith('hatstand-data-'))).toEqual([]);
    await Promise.all([one.stop(), two.stop(), apart.stop()]);
  });

  it('follows no redirect to another node of its cluster on the same machine', async () => {
    const config: Config = { ...ephemeral, store: redis.url, maxWorkers: 1 };
    const [one, two] = [await serve({ ...config, dispatchers: 1 }, log), await serve({ ...config, dispatchers: 0 }, log)];
    const app = createServer((_, response) => response.writeHead(307, { location: `${two.address}/job` }).end());
    await once(app.listen(0, '127.0.0.1'), 'listening');
    const { port } = app.address() as AddressInfo;
    const push = { method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"url": "http://127.0.0.1:${port}/"}` };
    const { id } = (await (await fetch(`${one.address}/job`, push)).json()) as { readonly id: string };
    const ended = await fetch(`${one.address}/v1/jobs/${id}/wait?timeout=20s`);
    const error = expect.stringContaining('the redirect leads to another node of this cluster');
    expect(await ended.json()).toMatchObject({ state: 'failed', error });
    app.close();
    await Promise.all([one.stop(), two.stop()]);
  });

  it('does not start below the durability that is asked for', async () => {
    const config: Config = { ...ephemeral, store: `redis://127.0.0.1:${redis.port}`, storePassword: 'secret', durability: 'redis-always' };
    await expect(serve(config, log)).rejects.toMatchObject({
      code: 'store_unusable',
      message: expect.stringContaining('appendfsync always'),
    });
  });
});
