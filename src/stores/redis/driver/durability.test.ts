import { afterEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts';
import { until } from '../../../../test/support/until.ts';
import type { RedisProfileName } from '../../../core/redis-profile.ts';
import { codeOf, key, messageOfRefusal, openTestDriver, tag } from './driver.suite.ts';
import { openDriver } from './driver.ts';
import { assess, knowsWaitAof } from './durability.ts';
import type { ServerFacts } from './facts.ts';

const bare: ServerFacts = {
  version: '7.0.15',
  role: 'master',
  loading: false,
  appendOnly: false,
  appendFsync: 'everysec',
  snapshots: false,
  evictionPolicy: 'noeviction',
  maxMemory: 0,
  replicas: 0,
  minReplicas: 0,
  refused: [],
};
const aof: ServerFacts = { ...bare, appendOnly: true };

const found = (facts: Partial<ServerFacts>, asked: RedisProfileName | null = null): string => {
  const { durability, unmet } = assess({ ...bare, ...facts }, asked);
  return unmet ?? durability.profile;
};

describe('what a server gives', () => {
  it.each([
    ['redis-memory', {}],
    ['redis-rdb', { snapshots: true }],
    ['redis-everysec', { appendOnly: true, snapshots: true }],
    ['redis-always', { appendOnly: true, appendFsync: 'always' }],
    ['redis-aof', { appendOnly: true, appendFsync: 'no' }],
    ['redis-aof', { appendOnly: true, appendFsync: null }],
    ['redis-unknown', { appendOnly: null, appendFsync: null, evictionPolicy: null, maxMemory: null }],
    ['redis-evicting', { appendOnly: true, evictionPolicy: 'allkeys-lru', maxMemory: 1 }],
    ['redis-evicting', { evictionPolicy: 'volatile-ttl', maxMemory: null }],
    ['redis-memory', { evictionPolicy: 'allkeys-lru', maxMemory: 0 }],
  ] as const)('is %s for %j', (profile, facts) => {
    expect(found(facts)).toBe(profile);
  });

  it('is more than was asked for, or what waiting adds', () => {
    expect(found({ ...aof, appendFsync: 'always' }, 'redis-everysec')).toBe('redis-always');
    expect(found({ ...aof, replicas: 1 }, 'redis-replicated')).toBe('redis-replicated');
    expect(found({ ...aof, replicas: 1, version: '8.0.0' }, 'redis-replicated-aof')).toBe('redis-replicated-aof');
  });

  it('is not enough when something that was asked for is missing, which is named', () => {
    expect(found({}, 'redis-everysec')).toMatch(/found redis-memory; set appendonly yes, appendfsync everysec/);
    expect(found(aof, 'redis-always')).toMatch(/found redis-everysec; set .*appendfsync always/);
    expect(found(aof, 'redis-replicated')).toMatch(/connect a replica/);
    expect(found({ ...aof, replicas: 1 }, 'redis-replicated-aof')).toMatch(/use Redis 7.2 or later \(it is 7.0.15\)/);
    expect(found({ ...aof, evictionPolicy: 'allkeys-lru', maxMemory: 1 }, 'redis-memory')).toMatch(/set maxmemory-policy to noeviction/);
    expect(found({ appendOnly: null, refused: ['INFO (NOPERM)'] }, 'redis-aof')).toMatch(/let the user ask.*INFO \(NOPERM\)/);
  });

  it('is told with its dangers', () => {
    const warnings = (facts: Partial<ServerFacts>): string => assess({ ...bare, ...facts }, null).warnings.join('\n');
    expect(warnings(aof)).toBe('');
    expect(warnings({})).toMatch(/no append-only file/);
    expect(warnings({ ...aof, evictionPolicy: 'allkeys-lru', maxMemory: 1 })).toMatch(/throws records away.*allkeys-lru/);
    expect(warnings({ ...aof, replicas: 1 })).toMatch(/^Redis has 1 replica and takes writes without it \(min-replicas-to-write 0\)/);
    expect(warnings({ ...aof, replicas: 2 })).toMatch(/^Redis has 2 replicas and takes writes without them \(/);
  });
});

describe('a driver', () => {
  const servers: RedisServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function redis(...flags: readonly string[]): Promise<RedisServer> {
    const server = await startRedis({ flags });
    servers.push(server);
    return server;
  }

  it('tells what it found at its server', async () => {
    const always = await redis('--appendonly', 'yes', '--appendfsync', 'always');
    const driver = await openTestDriver(always.url);
    expect(driver.durability()).toMatchObject({ profile: 'redis-always', survives: expect.stringContaining('power loss') });
    expect(driver.warnings).toEqual([]);
    const evicting = await openTestDriver((await redis('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru')).url);
    expect(evicting.durability().profile).toBe('redis-evicting');
    expect(evicting.warnings.join()).toMatch(/allkeys-lru/);
  });

  it('does not open below the profile that is asked for', async () => {
    const { url } = await redis();
    expect(await messageOfRefusal(openDriver({ url, tag, profile: 'redis-everysec' }))).toMatch(
      /^store_unusable: .*redis-everysec is not met/,
    );
  });

  it('takes no calls as long as a server that it comes back to is below the profile', async () => {
    const server = await redis('--appendonly', 'yes');
    const driver = await openTestDriver(server.url, { profile: 'redis-everysec', deadline: 300 });
    expect(await driver.append('a')).toBe(1);
    await server.ask('CONFIG', 'SET', 'appendonly', 'no');
    await server.ask('CLIENT', 'KILL', 'TYPE', 'normal');
    await until('calls being refused', async () => (await codeOf(driver.append('b'))) === 'store_unavailable');
    expect(await messageOfRefusal(driver.append('c'))).toMatch(/redis-everysec is not met: found redis-memory/);
    await server.ask('CONFIG', 'SET', 'appendonly', 'yes');
    await until('calls being taken', async () => (await codeOf(driver.append('d'))).startsWith('done'));
  });

  it('hears of what is changed while it is connected', async () => {
    const server = await redis('--appendonly', 'yes');
    const options = { deadline: 300, inspectEvery: 50 };
    const [demanding, content] = [
      await openTestDriver(server.url, { ...options, profile: 'redis-everysec' }),
      await openTestDriver(server.url, options),
    ];
    await server.ask('CONFIG', 'SET', 'appendfsync', 'no');
    await until('calls being refused', async () => (await codeOf(demanding.append('a'))) === 'store_unavailable');
    await until('what is found now', async () => content.durability().profile === 'redis-aof');
    await server.ask('CONFIG', 'SET', 'appendfsync', 'always');
    await until('calls being taken', async () => (await codeOf(demanding.append('b'))).startsWith('done'));
    await until('what is found then', async () => content.durability().profile === 'redis-always');
    expect(content.warnings).toEqual([]);
  });

  /** A master with a file and its replica, in step. */
  async function replicated(...replicaFlags: readonly string[]): Promise<{ readonly master: RedisServer; readonly replica: RedisServer }> {
    const master = await redis('--appendonly', 'yes', '--repl-diskless-sync-delay', '0');
    const replica = await redis('--replicaof', '127.0.0.1', String(master.port), ...replicaFlags);
    // It is online before it first acknowledges anything, which it does once a second.
    await until('the replica', async () => String(await master.ask('INFO', 'replication')).includes('state=online'));
    await master.ask('SET', 'first', '1');
    await until('what it acknowledges', async () => /state=online,offset=[1-9]/.test(String(await master.ask('INFO', 'replication'))));
    return { master, replica };
  }

  it('acknowledges what a replica has, and nothing that none has', async () => {
    const { master, replica } = await replicated();
    const driver = await openTestDriver(master.url, { profile: 'redis-replicated', deadline: 400 });
    expect(driver.durability().profile).toBe('redis-replicated');
    expect(await driver.append('a')).toBe(1);
    replica.signal('SIGSTOP');
    expect(await messageOfRefusal(driver.append('b'))).toMatch(/^unconfirmed: .*no replica confirmed it/);
    await replica.kill('SIGKILL');
    await until('calls being refused', async () => (await codeOf(driver.append('c'))) === 'store_unavailable');
  });

  it('acknowledges what is on the disks of both where the server knows WAITAOF, and does not open where it does not', async () => {
    const { master, replica } = await replicated('--appendonly', 'yes');
    const options = { profile: 'redis-replicated-aof' } as const;
    const version = /redis_version:(\S+)/.exec(String(await master.ask('INFO', 'server')))?.[1] ?? null;
    if (!knowsWaitAof({ ...bare, version })) {
      const refusal = await messageOfRefusal(openDriver({ url: master.url, tag, ...options }));
      expect(refusal).toMatch(/^store_unusable: .*use Redis 7\.2 or later/);
      return;
    }
    const driver = await openTestDriver(master.url, options);
    expect(driver.durability().profile).toBe('redis-replicated-aof');
    expect(await driver.append('a')).toBe(1);
    expect(await replica.ask('LLEN', key)).toBe(1);
    await replica.ask('CONFIG', 'SET', 'appendonly', 'no');
    expect(await messageOfRefusal(driver.append('b'))).toMatch(/^unconfirmed: .*no replica confirmed it/);
  });
});
