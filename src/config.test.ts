import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, type ConfigSources, loadConfig } from './config.ts';
import { HatstandError } from './core/errors.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function load(sources: Partial<ConfigSources>): Config {
  return loadConfig({ env: {}, systemFile: join(folder, 'missing.toml'), ...sources });
}

function file(text: string, name = 'hatstand.toml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function problems(sources: Partial<ConfigSources>): readonly string[] {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof HatstandError && error.code === 'invalid_config') return error.details['problems'] as readonly string[];
    throw error;
  }
  return [];
}

describe('a word that is none of those that a key takes', () => {
  it('is told with the one that was meant', () => {
    expect(problems({ env: { HATSTAND_LOG_LEVEL: 'inof' }, flags: { durability: 'redis-alway' } })).toEqual([
      'HATSTAND_LOG_LEVEL must be one of debug, info, warn, error, off, not "inof"; did you mean info?',
      expect.stringMatching(/^--durability must be empty, or one of .*; did you mean redis-always\?$/),
    ]);
  });
});

describe('loadConfig', () => {
  it('takes seconds as durations too, wherever they stand', () => {
    const flags = { shutdownTimeout: '1m30s' };
    const env = { HATSTAND_JOB_LIFETIME: '7d' };
    expect(load({ flags, env })).toMatchObject({ shutdownTimeout: 90, jobLifetime: 604_800 });
    expect(load({ configFile: file('shutdown_timeout = "5s"\njob_lifetime = "60"') })).toMatchObject({
      shutdownTimeout: 5,
      jobLifetime: 60,
    });
    for (const wrong of ['1500ms', '25h', 'soon', '-1']) {
      expect(problems({ flags: { shutdownTimeout: wrong } })).toEqual([
        `--shutdown-timeout must be a whole number of seconds from 0 to 86400, or a duration of so many such as "30s" or "1m30s", not "${wrong}"`,
      ]);
    }
  });

  it("has HQ's defaults where nothing is said, but listens on this machine alone and keeps its data", () => {
    expect(load({})).toMatchObject({
      serverId: null,
      nodeName: hostname(),
      addr: { host: '127.0.0.1', port: 19_900 },
      dataDir: resolve('hatstand-data'),
      ephemeral: false,
      store: null,
      storeUsername: null,
      storePassword: null,
      clusterName: 'hatstand',
      durability: null,
      logLevel: 'info',
      logFile: null,
      accessLogFile: null,
      queues: 8_192,
      maxWorkers: 0,
      shutdownTimeout: 10,
      jobLifetime: 2_419_200,
      jobListDefaultLimit: 0,
      ui: true,
      uiBasename: '/ui',
      token: null,
      allowedHosts: [],
      configFile: null,
    });
  });

  it('takes the defaults of an image or a unit, which file, environment and flags overrule', () => {
    const env = { HATSTAND_DEFAULT_ADDR: ':1001', HATSTAND_DEFAULT_DATA_DIR: '/data', HATSTAND_DEFAULT_LOG_LEVEL: '' };
    expect(load({ env })).toMatchObject({ addr: { host: '0.0.0.0', port: 1001 }, dataDir: '/data', logLevel: 'info' });
    const configFile = file('addr = ":1002"\n');
    expect(load({ env, configFile })).toMatchObject({ addr: { port: 1002 }, dataDir: '/data' });
    expect(load({ env: { ...env, HATSTAND_ADDR: ':1003' }, configFile }).addr.port).toBe(1003);
    expect(load({ env: { ...env, HATSTAND_ADDR: ':1003' }, configFile, flags: { addr: ':1004' } }).addr.port).toBe(1004);
    expect(problems({ env: { HATSTAND_DEFAULT_ADDR: 'nowhere' } })).toEqual([
      expect.stringContaining('HATSTAND_DEFAULT_ADDR must be an address'),
    ]);
  });

  it("reads HQ's own file", () => {
    const path = file(`
      server_id = 3
      addr = "0.0.0.0:19900"
      data_dir = "/var/lib/hq"
      log_level = "warn"
      log_file = "/var/log/hq/hq.log"
      access_log_file = "/var/log/hq/access.log"
      queues = 10
      dispatchers = 1
      max_workers = 4
      shutdown_timeout = 20
      job_lifetime = 60
      job_list_default_limit = 5
      ui = false
      ui_basename = "/foo/"
      id_epoch = [2019, 1, 1]
    `);
    expect(load({ env: { HQ_CONFIG: path } })).toMatchObject({
      serverId: 3,
      addr: { host: '0.0.0.0', port: 19_900 },
      dataDir: '/var/lib/hq',
      logLevel: 'warn',
      logFile: '/var/log/hq/hq.log',
      dispatchers: 1,
      maxWorkers: 4,
      jobLifetime: 60,
      ui: false,
      uiBasename: '/foo',
      configFile: path,
    });
  });

  it('runs 32 HTTP jobs at once whatever the processors, unless max_workers alone asks for as many on each, as in HQ', () => {
    const atOnce = (text: string): number => {
      const { dispatchers, maxWorkers } = load({ configFile: file(text) });
      return dispatchers * Math.max(1, maxWorkers);
    };
    expect(atOnce('')).toBe(32);
    expect(atOnce('max_workers = 0')).toBe(32);
    expect(atOnce('max_workers = 4')).toBe(4 * availableParallelism());
    expect(atOnce('dispatchers = 3')).toBe(3);
    expect(atOnce('dispatchers = 3\nmax_workers = 4')).toBe(12);
  });

  it('lets the file be overruled by the environment, and that by the flags', () => {
    const configFile = file('queues = 1\ndispatchers = 1\nmax_workers = 1\n');
    const config = load({ configFile, env: { HATSTAND_DISPATCHERS: '2', HATSTAND_MAX_WORKERS: '2' }, flags: { maxWorkers: '3' } });
    expect([config.queues, config.dispatchers, config.maxWorkers]).toEqual([1, 2, 3]);
  });

  it('takes the named file before HATSTAND_CONFIG, HQ_CONFIG and the one of the system', () => {
    const paths = ['flag', 'ours', 'hq', 'system'].map((name, at) => file(`queues = ${at}`, `${name}.toml`));
    const [configFile, ours = '', hq = '', systemFile = ''] = paths;
    expect(load({ configFile, env: { HATSTAND_CONFIG: ours, HQ_CONFIG: hq }, systemFile }).queues).toBe(0);
    expect(load({ env: { HATSTAND_CONFIG: ours, HQ_CONFIG: hq }, systemFile }).queues).toBe(1);
    expect(load({ env: { HQ_CONFIG: hq }, systemFile }).queues).toBe(2);
    expect(load({ systemFile }).queues).toBe(3);
  });

  it("hears HQ's variables for the log level, ours first, and passes over empty ones", () => {
    expect(load({ env: { HQ_LOG_LEVEL: 'debug' } }).logLevel).toBe('debug');
    expect(load({ env: { SKYFORGE_LOG_LEVEL: 'warning', HQ_LOG_LEVEL: '' } }).logLevel).toBe('warn');
    expect(load({ env: { HATSTAND_LOG_LEVEL: 'error', HQ_LOG_LEVEL: 'debug' } }).logLevel).toBe('error');
  });

  it.each([
    ['localhost:80', { host: 'localhost', port: 80 }],
    [':0', { host: '0.0.0.0', port: 0 }],
    ['[::1]:19900', { host: '::1', port: 19_900 }],
  ])('listens on %s', (addr, expected) => {
    expect(load({ flags: { addr } }).addr).toEqual(expected);
  });

  it.each(['19900', 'localhost', '::1:80', 'a:65536', 'http://a:80', 'a:-1', ''])('refuses the address %j', (addr) => {
    expect(problems({ flags: { addr } })).toHaveLength(1);
  });

  it('reads switches and lists from text', () => {
    const config = load({ env: { HATSTAND_UI: 'off', HATSTAND_ALLOWED_HOSTS: 'a.example, b.example:8080' }, flags: { ephemeral: true } });
    expect([config.ui, config.ephemeral, config.allowedHosts]).toEqual([false, true, ['a.example', 'b.example:8080']]);
  });

  it('takes empty text as not set, as HQ does', () => {
    const config = load({ configFile: file('data_dir = ""\nlog_file = ""\ntoken = ""') });
    expect([config.dataDir, config.logFile, config.token]).toEqual([resolve('hatstand-data'), null, null]);
  });

  it('takes a Redis, with its password from the environment', () => {
    const configFile = file(
      'store = "rediss+sentinel://a,b/main"\nstore_tls_ca = "/ca.pem"\ncluster_name = "blue"\ndurability = "redis-always"',
    );
    expect(load({ configFile, env: { HATSTAND_STORE_PASSWORD: 'secret' } })).toMatchObject({
      store: 'rediss+sentinel://a,b/main',
      storePassword: 'secret',
      storeTlsCa: '/ca.pem',
      clusterName: 'blue',
      durability: 'redis-always',
    });
    const sentinels = { HATSTAND_STORE_SENTINEL_USERNAME: 'app', HATSTAND_STORE_SENTINEL_PASSWORD: 'own' };
    expect(load({ configFile, env: sentinels })).toMatchObject({
      storePassword: null,
      storeSentinelUsername: 'app',
      storeSentinelPassword: 'own',
    });
  });

  it("hears HATS's flags, and its own before them", () => {
    const hats = { redisAddress: 'localhost:6380', redisPassword: 'secret', clusterName: 'blue' };
    expect(load({ flags: hats })).toMatchObject({ store: 'redis://localhost:6380', storePassword: 'secret', clusterName: 'blue' });
    expect(load({ flags: { ...hats, store: 'redis://other' } }).store).toBe('redis://other');
    expect(load({ flags: { redisAddress: 'redis://localhost:1' } }).store).toBe('redis://localhost:1');
    expect(problems({ flags: { redisAddress: 'local host' } })[0]).toMatch(
      /^--redis-address must be empty, or redis:.*, not "redis:\/\/local host"$/,
    );
    expect(problems({ flags: { store: 'redis://:secret@local host' } })[0]).toMatch(/not "redis:\/\/…@local host"$/);
  });

  it('tells what does not go together', () => {
    const orNone = 'set store, or leave this out for the embedded store';
    expect(problems({ flags: { durability: 'redis-always', clusterName: 'blue', redisPassword: 'p', storeTlsCert: 'a.pem' } })).toEqual([
      `durability redis-always is for a Redis store: ${orNone}`,
      `cluster_name blue is for nodes on one Redis: ${orNone}`,
      `store_username and store_password are for a Redis store: ${orNone}`,
      `store_tls_ca, store_tls_cert and store_tls_key are for a Redis store: ${orNone}`,
      'store_tls_cert and store_tls_key must be set together',
    ]);
    const sentinel = { storeSentinelUsername: 'u', storeSentinelPassword: 's3cret' };
    const forSentinels = expect.stringMatching(/^store_sentinel_username and store_sentinel_password are for a store redis\+sentinel:/);
    for (const other of [{}, { store: 'redis://h' }]) expect(problems({ flags: { ...other, ...sentinel } })).toEqual([forSentinels]);
    expect(problems({ flags: { store: 'redis+sentinel://h/m', storeSentinelUsername: 'u' } })).toEqual([
      'store_sentinel_username goes with store_sentinel_password: set both, or leave it out',
    ]);
    expect(problems({ flags: { store: 'redis://h', ephemeral: true } })).toEqual([expect.stringMatching(/^ephemeral removes/)]);
  });

  it('tells everything that is wrong at once, each with its place', () => {
    const configFile = file('address = "a:1"\ndispachters = 1\nqueues = "many"\nserver_id = 1024\nzzzzzz = 1\nid_epoch = [2015, 1, 1]\n');
    const told = problems({ configFile, env: { HATSTAND_UI: 'maybe' }, flags: { logLevel: 'loud' } });
    expect(told).toEqual([
      `${configFile}: there is no key "address"; did you mean addr?`,
      `${configFile}: there is no key "dispachters"; did you mean dispatchers?`,
      `${configFile}: there is no key "zzzzzz"`,
      `${configFile}: queues must be a whole number from 0 to 2147483647, not "many"`,
      `${configFile}: server_id must be a whole number from 0 to 1023, not 1024`,
      `${configFile}: id_epoch must be [2019, 1, 1], the only value that is supported, not [2015,1,1]`,
      'HATSTAND_UI must be true or false, not "maybe"',
      '--log-level must be one of debug, info, warn, error, off, not "loud"',
    ]);
  });

  it('tells where a file is not TOML, or that it cannot be read', () => {
    expect(problems({ configFile: file('queues = 1\naddr = oops\n') })[0]).toContain('line 2');
    expect(problems({ configFile: join(folder, 'nowhere.toml') })[0]).toContain('cannot be read');
  });

  it('never shows a token or a password', () => {
    const told = problems({ flags: { token: 'two words', store: 'http://user:two words@host', redisAddress: ':two words@host' } });
    expect(told).toHaveLength(3);
    expect(told.join()).not.toContain('two words');
  });

  it('tells of a secret that is no text what it is, and never shows it', () => {
    const configFile = file(
      'store = ["redis://:s3cret@h:1"]\nstore_password = 7357\ntoken = { a = "s3cret" }\naddr = "redis://:s3cret@h:1"\n',
    );
    const told = problems({ configFile });
    expect(told).toEqual([
      expect.stringMatching(/: store must be empty, or redis:.*, not a list$/),
      expect.stringMatching(/: store_password must be text, not a number$/),
      expect.stringMatching(/: token must be at most .*, not a table$/),
      expect.stringMatching(/: addr must be an address .*, not "redis:\/\/…@h:1"$/),
    ]);
    expect(told.join()).not.toMatch(/s3cret|7357/);
  });

  it("keeps the page away from the API's paths", () => {
    for (const uiBasename of ['/', 'ui', '/job', '/v1/ui', '/a b']) expect(problems({ flags: { uiBasename } })).toHaveLength(1);
  });
});

describe('what is right in a configuration and lets somebody in', () => {
  const open = (text: string, name: string, mode: number): string => {
    const path = file(text, name);
    chmodSync(path, mode);
    return path;
  };
  beforeAll(() => chmodSync(folder, 0o755));

  it('is told: a file with secrets that others may read, its rights and how to take them away', () => {
    const secrets = 'token = "0123456789abcdef"\nstore = "redis://me:secret@127.0.0.1"\nstore_password = "s"';
    const path = open(secrets, 'open.toml', 0o644);
    expect(load({ configFile: path }).warnings).toEqual([
      `${path} holds token and store and store_password and has the rights 644: others may read it. Take them away: chmod g-w,o-rwx ${path}`,
    ]);
    expect(load({ configFile: open('token = "0123456789abcdef"', 'written.toml', 0o660) }).warnings).toEqual([
      expect.stringContaining('has the rights 660: its group may change it'),
    ]);
    for (const mode of [0o600, 0o640, 0o400]) expect(load({ configFile: open(secrets, 'closed.toml', mode) }).warnings).toEqual([]);
    const plain = open('store = "redis://127.0.0.1"\nui = false', 'plain.toml', 0o644);
    expect(load({ configFile: plain, env: { HATSTAND_TOKEN: '0123456789abcdef' } }).warnings).toEqual([]);
  });

  it('is told: a private key and logs that others may read', () => {
    const [key, log] = [open('', 'key.pem', 0o644), open('', 'hatstand.log', 0o666)];
    const flags = { store: 'rediss://127.0.0.1', storeTlsCert: key, storeTlsKey: key, logFile: log, accessLogFile: log };
    expect(load({ flags }).warnings).toEqual([
      expect.stringContaining(`${key} holds a private key and has the rights 644: others may read it`),
      expect.stringContaining(`${log} is a log and has the rights 666: its group and others may read and change it`),
    ]);
  });

  it('is told: a token that can be guessed, and secrets on the command line, none of them by its value', () => {
    const { warnings } = load({ flags: { token: 'xyzzy', store: 'redis://:plugh@127.0.0.1' }, env: { HATSTAND_STORE_PASSWORD: 'p' } });
    expect(warnings).toEqual([
      expect.stringMatching(/^--store is on the command line, .* Set store in the file or the environment\.$/),
      expect.stringMatching(/^--token is on the command line/),
      'The token has 5 characters and can be guessed: use 16 or more, such as openssl rand -hex 24 makes.',
    ]);
    expect(warnings.join()).not.toMatch(/xyzzy|plugh/);
    expect(load({ env: { HATSTAND_TOKEN: '0123456789abcde' } }).warnings).toHaveLength(1);
    expect(load({ env: { HATSTAND_TOKEN: '0123456789abcdef' } }).warnings).toEqual([]);
  });
});
