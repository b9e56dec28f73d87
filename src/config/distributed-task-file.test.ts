import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { configOptions } from '../distributed-task/config.ts';
import { distributedTaskKeys } from './distributed-task-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(file: unknown, env: Readonly<Record<string, string>> = {}): ReturnType<typeof loadConfig> {
  const path = join(folder, 'config.json');
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file));
  return loadConfig({ env, configFile: path });
}

describe('distributed-task’s file', () => {
  it('is read as one of ours', () => {
    const all = {
      ...{ share_key: 'shared', key: '/etc/k.pem', cert: '/etc/c.pem', host: '::1', port: 5000, debug: true, cluster_name: 'blue' },
      ...{ redis: { host: '10.0.0.7', port: 6380, password: 'p', db: 2 }, distributors: [['localhost', 5000]] },
      ...{ loop_interval: 500, check_interval: 9_000, task_timeout: 30_000 },
    };
    expect(load(all)).toMatchObject({
      ...{ store: 'redis://10.0.0.7:6380/2', storePassword: 'p', clusterName: 'blue', logLevel: 'debug' },
      ...{ shareKey: 'shared', linkKey: '/etc/k.pem', linkCert: '/etc/c.pem', linkAddr: { host: '::1', port: 0 } },
    });
    expect(load({})).toMatchObject({ store: 'redis://localhost:6379/0', storePassword: null, linkAddr: null, logLevel: 'info' });
    expect(load('\uFEFF{"cluster_name":"green"}').clusterName).toBe('green');
    expect(load('\n {"redis":{"host":"a"}}', { HATSTAND_STORE: 'redis://b' }).store).toBe('redis://b');
  });

  it('has all keys that its roles take', () => expect(new Set(distributedTaskKeys)).toEqual(new Set(Object.keys(configOptions))));

  it.each([
    ['{', 'is no JSON'],
    [{ shared_key: 'x' }, 'has no key "shared_key"; did you mean share_key?'],
    [{ redis: [] }, 'redis must be an object'],
    [{ redis: { prot: 1 } }, 'redis has no key "prot"'],
    [{ redis: { port: 'x' } }, 'whole numbers as port and db'],
    [{ redis: { port: 70_000 } }, 'store must be'],
    [{ redis: { host: 'a@b/c' } }, 'a name or an address as host'],
    [{ host: 7 }, 'host must be'],
    [{ host: '' }, 'host must be'],
    [{ port: 99_999_999 }, 'port must be'],
    [{ debug: 'yes' }, 'debug must be true or false'],
    [{ redis: { host: '127.0.0.1:1' } }, 'a name or an address as host'],
    [{ share_key: 7 }, 'share_key must be'],
    [{ cert: '/a' }, 'must be set together'],
  ])('is refused when it is wrong: %j', (file, message) => {
    expect(() => load(file)).toThrow(expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(message) }));
  });
});
