import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serve } from './compose.ts';
import { type Config, loadConfig } from './config.ts';
import type { Store } from './ports/store.ts';
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
