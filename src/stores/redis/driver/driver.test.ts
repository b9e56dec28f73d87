/** One server: restarts, lost replies, refusals. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../../../test/support/certificates.ts';
import { freePort } from '../../../../test/support/ports.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from '../../../../test/support/redis-server.ts';
import { startProxy, type TcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { until } from '../../../../test/support/until.ts';
import { append, broken, codeOf, key, messageOfRefusal, openTestDriver, settle, tag } from './driver.suite.ts';
import { openDriver } from './driver.ts';

const atEnd: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

async function redis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  atEnd.push(() => server.stop());
  return server;
}

async function proxyTo(server: RedisServer): Promise<TcpProxy & { readonly url: string }> {
  const proxy = await startProxy(server.port);
  atEnd.push(() => proxy.close());
  return { ...proxy, url: `redis://127.0.0.1:${proxy.port}` };
}

describe('a driver on one server', () => {
  it('runs scripts and reads, with replies as they come and bulk strings as text', async () => {
    const driver = await openTestDriver((await redis()).url);
    expect(await driver.append('a')).toBe(1);
    expect(await driver.run(append, [key], [Buffer.from('ü')])).toBe(2);
    expect(await driver.all()).toEqual(['a', 'ü']);
    expect(await driver.read('GET', 'nothing')).toBeNull();
    const nested = { name: 'nested', source: "#!lua\nreturn {1, 'two', {false, {}}}", writes: false };
    expect(await driver.run(nested, [], [])).toEqual([1, 'two', [null, []]]);
    await driver.run({ name: 'hash', source: "return redis.call('HSET', KEYS[1], 'a', '1')", writes: true }, ['h'], []);
    expect(await driver.read('HGETALL', 'h')).toEqual(['a', '1']);
  });

  it('does calls in their order, also of a script that the server does not know', async () => {
    const driver = await openTestDriver((await redis()).url);
    await driver.append('a');
    const other = { ...append, source: `${append.source} -- another one` };
    expect(await Promise.all([driver.run(other, [key], ['b']), driver.append('c')])).toEqual([2, 3]);
    expect(await driver.all()).toEqual(['a', 'b', 'c']);
  });

  it('loads scripts that the server does not know, or knows no more', async () => {
    const server = await redis();
    const driver = await openTestDriver(server.url);
    expect(await Promise.all([driver.append('a'), driver.append('b')])).toEqual([1, 2]);
    await server.ask('SCRIPT', 'FLUSH');
    expect(await driver.append('c')).toBe(3);
    expect(await driver.all()).toEqual(['a', 'b', 'c']);
  });

  it('uses the database of the URL', async () => {
    const server = await redis();
    await (await openTestDriver(`${server.url}/3`)).append('a');
    expect(await server.ask('INFO', 'keyspace')).toContain('db3:keys=1');
  });

  it('tells a wrong script or command as a fault of ours', async () => {
    const driver = await openTestDriver((await redis()).url);
    expect(await messageOfRefusal(driver.run(broken, [key], ['a']))).toMatch(/^internal: .*broken.*Wrong number of args/);
    expect(await codeOf(driver.read('NONSENSE'))).toBe('internal');
  });

  it('goes on after its connection was killed, and a call that had not left yet is not refused', async () => {
    const server = await redis();
    const driver = await openTestDriver(server.url);
    await driver.append('a');
    await server.ask('CLIENT', 'KILL', 'TYPE', 'normal');
    await until('the loss being noticed', () => driver.warnings.join().includes('was lost'));
    expect(await driver.append('b')).toBe(2);
  });

  it('waits for a server that restarts, and finds what it kept after a kill', async () => {
    const server = await redis({ flags: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    const driver = await openTestDriver(server.url);
    await driver.append('a');
    await server.kill('SIGKILL');
    const waiting = driver.append('b');
    await server.restart();
    expect(await waiting).toBe(2);
    expect(await driver.all()).toEqual(['a', 'b']);
  });

  it('refuses at once when the server has been away for longer than the deadline', async () => {
    const server = await redis();
    const driver = await openTestDriver(server.url, { deadline: 300 });
    await server.kill('SIGKILL');
    await until('the loss being noticed', () => driver.warnings.join().includes('was lost'));
    expect(await codeOf(driver.append('a'))).toBe('store_unavailable');
    const before = performance.now();
    expect(await messageOfRefusal(driver.append('b'))).toMatch(/^store_unavailable: The store is not available: .*ECONNREFUSED/);
    expect(performance.now() - before).toBeLessThan(100);
    await server.restart();
    await until('the server being reached again', async () => (await codeOf(driver.append('c'))) === 'done: 1');
  });

  it('says unconfirmed when a write was sent and its reply is lost, and never sends it again', async () => {
    const server = await redis();
    const proxy = await proxyTo(server);
    const driver = await openTestDriver(proxy.url);
    await driver.append('a');
    proxy.swallowReplies();
    const call = driver.append('b');
    await until('the call having arrived', async () => (await server.ask('LLEN', key)) === 2);
    proxy.restore();
    proxy.cut();
    expect(await messageOfRefusal(call)).toMatch(/^unconfirmed: .*not known.*closed/);
    expect(await driver.append('c')).toBe(3);
    expect(await driver.all()).toEqual(['a', 'b', 'c']);
  });

  it('repeats a read whose reply was lost', async () => {
    const server = await redis();
    const proxy = await proxyTo(server);
    const driver = await openTestDriver(proxy.url);
    await driver.append('a');
    proxy.swallowReplies();
    const call = driver.all();
    await until('the call having arrived', async () => String(await server.ask('INFO', 'commandstats')).includes('cmdstat_lrange'));
    proxy.restore();
    proxy.cut();
    expect(await call).toEqual(['a']);
  });

  it('finds out a line that went silent within the deadline and makes another', async () => {
    const server = await redis();
    const proxy = await proxyTo(server);
    const driver = await openTestDriver(proxy.url, { deadline: 400 });
    await driver.append('a');
    proxy.silence();
    const before = performance.now();
    expect(await messageOfRefusal(driver.append('b'))).toMatch(/^unconfirmed: .*no reply came within/);
    expect(performance.now() - before).toBeLessThan(800);
    proxy.restore();
    await until('a new line', async () => (await codeOf(driver.append('c'))).startsWith('done'));
    expect(await driver.all()).toEqual(['a', 'c']);
  });

  it('keeps a line that is only slow', async () => {
    const server = await redis();
    const proxy = await proxyTo(server);
    proxy.delay(150);
    const driver = await openTestDriver(proxy.url, { deadline: 2_000 });
    expect(await Promise.all([driver.append('a'), driver.append('b')])).toEqual([1, 2]);
    expect(driver.warnings.filter((warning) => warning.includes('disconnected'))).toEqual([]);
  });

  it('refuses what adds when memory is full, and runs what may', async () => {
    const server = await redis();
    const driver = await openTestDriver(server.url);
    await driver.append('a');
    await server.ask('CONFIG', 'SET', 'maxmemory', '1');
    expect(await messageOfRefusal(driver.append('b'))).toMatch(/^store_full: .*no memory left.*OOM/);
    expect(await driver.run(settle, [key], ['c'])).toBe(2);
    await server.ask('CONFIG', 'SET', 'maxmemory', '0');
    expect(await driver.append('d')).toBe(3);
  });

  it('waits for a server that is busy with a long script', async () => {
    const server = await redis({ flags: ['--lua-time-limit', '10'] });
    const driver = await openTestDriver(server.url);
    await driver.append('a');
    const long = server.ask('EVAL', 'while true do end', '0').catch(() => null);
    await until('the server being busy', async () => /BUSY/.test(String(await server.ask('GET', 'x').catch((error: unknown) => error))));
    const call = driver.append('b');
    const opening = openTestDriver(`${server.url}/1`);
    await server.ask('SCRIPT', 'KILL');
    expect(await call).toBe(2);
    expect(await (await opening).append('a')).toBe(1);
    await long;
  });

  it('leaves a master that became a replica, and comes back when it is one again', async () => {
    const other = await redis();
    const server = await redis();
    const driver = await openTestDriver(server.url, { deadline: 500 });
    await driver.append('a');
    await server.ask('REPLICAOF', '127.0.0.1', String(other.port));
    expect(await messageOfRefusal(driver.append('b'))).toMatch(/^store_unavailable: .*replica/);
    await server.ask('REPLICAOF', 'NO', 'ONE');
    await until('the master being back', async () => (await codeOf(driver.append('c'))).startsWith('done'));
  });

  it('tells that the replicas which the server asks for are missing', async () => {
    const driver = await openTestDriver((await redis({ flags: ['--min-replicas-to-write', '1'] })).url);
    expect(await messageOfRefusal(driver.append('a'))).toMatch(/^store_unavailable: .*NOREPLICAS [^.]*\. Try again\.$/);
  });

  it('finishes what is under way before it closes, and takes nothing then', async () => {
    const proxy = await proxyTo(await redis());
    proxy.delay(50);
    const driver = await openTestDriver(proxy.url);
    const call = driver.append('a');
    await driver.close();
    expect(await call).toBe(1);
    expect(await codeOf(driver.append('b'))).toBe('store_unavailable');
  });
});

describe('opening a driver', () => {
  it('refuses a URL that is none, without showing its password', async () => {
    expect(await messageOfRefusal(openDriver({ url: 'http://:secret@host', tag }))).toMatch(/^invalid_config: (?!.*secret)/);
  });

  it('tells a wrong or missing password, and takes one that is not needed', async () => {
    const server = await redis({ password: 'right' });
    expect(await messageOfRefusal(openDriver({ url: server.url, password: 'wrong', tag }))).toMatch(/^store_unusable: .*WRONGPASS/);
    const url = `redis://127.0.0.1:${server.port}`;
    expect(await messageOfRefusal(openDriver({ url, tag }))).toMatch(/^store_unusable: .*NOAUTH.*Give its password/);
    expect(await (await openTestDriver(url, { password: 'right' })).append('a')).toBe(1);
    expect((await openTestDriver(server.url)).location).toBe(url);
    const open = await redis();
    expect(await (await openTestDriver(open.url, { password: 'needless' })).append('a')).toBe(1);
  });

  it('works as a user who may ask neither INFO nor CONFIG, and says that it knows nothing', async () => {
    const server = await redis();
    await server.ask('ACL', 'SETUSER', 'app', 'on', '>secret', '~{test}:*', '+@all', '-@admin', '-@dangerous');
    const driver = await openTestDriver(`redis://app:secret@127.0.0.1:${server.port}`);
    expect(await driver.append('a')).toBe(1);
    expect(driver.durability().profile).toBe('redis-unknown');
    expect(driver.warnings.join()).toMatch(/INFO .*CONFIG GET/);
    expect(
      await messageOfRefusal(
        driver.subscribe(
          'c',
          () => {},
          () => {},
        ),
      ),
    ).toMatch(/^store_unusable: .*NOPERM/);
  });

  it('says when the user may not use the keys of the store', async () => {
    const server = await redis();
    await server.ask('ACL', 'SETUSER', 'app', 'on', '>secret', '~{other}:*', '+@all');
    const url = `redis://app:secret@127.0.0.1:${server.port}`;
    expect(await messageOfRefusal(openDriver({ url, tag }))).toMatch(/^store_unusable: .*NOPERM.*\bkeys?\b/);
  });

  it('gives up a server that is not there after its deadline', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    const before = performance.now();
    expect(await messageOfRefusal(openDriver({ url, tag, deadline: 300 }))).toMatch(/^store_unavailable: .*ECONNREFUSED/);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('waits for a server that is just starting', async () => {
    const port = await freePort();
    const opening = openTestDriver(`redis://127.0.0.1:${port}`);
    await redis({ port });
    expect(await (await opening).append('a')).toBe(1);
  });
});

describe('TLS', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });
  afterAll(() => certificates.remove());

  it('is spoken with the files that are named, and refused to who has none', async () => {
    const { ca, clientCert: cert, clientKey: clientKeyFile } = certificates;
    const server = await redis({ tls: certificates });
    const driver = await openTestDriver(server.url, { tls: { ca, cert, key: clientKeyFile } });
    expect(await driver.append('a')).toBe(1);
    expect(driver.location).toBe(server.url);
    const unknown = await messageOfRefusal(openDriver({ url: server.url, tag }));
    expect(unknown).toMatch(
      /^store_unusable: .*(self-signed|unable to|local issuer).*\. Set store_tls_ca to the PEM file of the authority/,
    );
    expect(await messageOfRefusal(openDriver({ url: server.url, tag, tls: { ca } }))).toMatch(
      /^store_unusable: Redis at [\d.:]+ cannot be reached: tlsv13 alert certificate required\. Set store_tls_cert and store_tls_key/,
    );
    expect(await codeOf(openDriver({ url: server.url, tag, tls: { ca: '/nowhere' } }))).toBe('invalid_config');
  });

  it('is doubted where a server does not understand it, or expects it', async () => {
    const [secret, open] = [await redis({ tls: certificates }), await redis()];
    const refusal = (url: string) => messageOfRefusal(openDriver({ url, tag, deadline: 200, tls: {} }));
    expect(await refusal(secret.url.replace('rediss', 'redis'))).toMatch(
      /^store_unavailable: .*cannot be reached: .*\. If it speaks TLS, its URL begins with rediss\. Start it, or give the right address/,
    );
    expect(await refusal(open.url.replace('redis', 'rediss'))).toMatch(
      /^store_unavailable: .*ETIMEDOUT\. If it speaks no TLS, its URL begins with redis\. Start it/,
    );
  });
});

describe('a subscription', () => {
  it('hears a channel, comes back by itself, and tells that it may have missed something', async () => {
    const server = await redis();
    const driver = await openTestDriver(server.url);
    const heard: string[] = [];
    let gaps = 0;
    await driver.subscribe(
      'hints',
      (message) => heard.push(message),
      () => (gaps += 1),
    );
    await server.ask('PUBLISH', 'hints', 'one');
    await until('the message', () => heard.length === 1);
    await server.ask('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until('the gap', () => gaps === 1);
    await server.ask('PUBLISH', 'hints', 'two');
    await until('the next message', () => heard.length === 2);
    await server.restart();
    await until('the next gap', () => gaps === 2);
    await server.ask('PUBLISH', 'hints', 'three');
    await until('the last message', () => heard.length === 3);
    expect(heard).toEqual(['one', 'two', 'three']);
  });
});
