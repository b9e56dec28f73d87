/** A master that its sentinels replace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SentinelGroup, startSentinels } from '../../../../test/support/redis-sentinels.ts';
import { until } from '../../../../test/support/until.ts';
import { codeOf, key, messageOfRefusal, openTestDriver, tag } from './driver.suite.ts';
import { type DriverOptions, openDriver } from './driver.ts';

let group: SentinelGroup;
beforeAll(async () => {
  group = await startSentinels();
});
afterAll(() => group.stop());

/** Nothing that the master has is missing on the replica. */
async function inStep(): Promise<void> {
  const [master, replica] = [await group.master(), await group.replica()];
  await until('the replica being in step', async () => {
    const follows = String(await replica.ask('INFO', 'replication')).includes('master_link_status:up');
    return follows && (await replica.ask('LLEN', key)) === (await master.ask('LLEN', key));
  });
}

/** With 1, a master that was replaced takes no more writes as soon as its replica has left it. */
async function needReplicas(count: number): Promise<void> {
  for (const server of [await group.master(), await group.replica()])
    await server.ask('CONFIG', 'SET', 'min-replicas-to-write', String(count));
}

it('asks the sentinels for the master, and says which names they do not know', async () => {
  const driver = await openTestDriver(group.url);
  expect(await driver.append('a')).toBe(1);
  expect(await (await group.master()).ask('LLEN', key)).toBe(1);
  const [first] = group.sentinels;
  expect(await messageOfRefusal(openDriver({ url: `redis://127.0.0.1:${first?.port}`, tag }))).toMatch(
    new RegExp(
      `^store_unusable: .*unknown command 'EVAL'.*If it is a sentinel, the URL is redis\\+sentinel://127\\.0\\.0\\.1:${first?.port}/name-of-the-master\\.$`,
    ),
  );
  const wrong = group.url.replace(/[^/]+$/, 'other');
  expect(await messageOfRefusal(openDriver({ url: wrong, tag }))).toMatch(/^store_unusable: .*knows no master "other"/);
  const notSentinel = `redis+sentinel://127.0.0.1:${(await group.master()).port}/store`;
  expect(await messageOfRefusal(openDriver({ url: notSentinel, tag }))).toMatch(/^store_unusable: .*not a sentinel/);
});

it('takes no server below the profile that is asked for, and names what to set', async () => {
  const driver = await openTestDriver(group.url, { profile: 'redis-rdb' }).catch((error: unknown) => String(error));
  expect(driver).toMatch(/The profile redis-rdb is not met: found redis-memory; set save set/);
});

it('follows a failover that was asked for, calls and subscription, and loses nothing when replicas are needed', async () => {
  await inStep();
  await needReplicas(1);
  const driver = await openTestDriver(group.url);
  const heard: string[] = [];
  await driver.subscribe(
    'hints',
    (message) => heard.push(message),
    () => {},
  );
  const old = await group.master();
  await group.sentinels[0]?.ask('SENTINEL', 'FAILOVER', 'store');
  await until('another master', async () => (await group.master()) !== old);
  // As the sentinels would, seconds later.
  await old.ask('REPLICAOF', '127.0.0.1', String((await group.master()).port));
  await until('a call being taken', async () => (await codeOf(driver.append('b'))).startsWith('done'));
  const master = await group.master();
  await until('a message from the new master', async () => {
    await master.ask('PUBLISH', 'hints', 'x');
    return heard.length > 0;
  });
  expect(await driver.all()).toEqual(['a', 'b']);
}, 60_000);

it('follows when the master is killed; what was written twice would show', async () => {
  await inStep();
  await needReplicas(0);
  const driver = await openTestDriver(group.url);
  const old = await group.master();
  await old.kill('SIGKILL');
  const outcomes: string[] = [];
  await until('a call being taken', async () => {
    outcomes.push(await codeOf(driver.append('c')));
    return outcomes.at(-1) === 'done: 3';
  });
  expect(outcomes.filter((outcome) => outcome === 'store_full' || outcome === 'internal')).toEqual([]);
  expect(await driver.all()).toEqual(['a', 'b', 'c']);
}, 60_000);

describe('sentinels with a password of their own', () => {
  let locked: SentinelGroup;
  beforeAll(async () => {
    locked = await startSentinels({ sentinelPassword: 's3cret' });
  });
  afterAll(() => locked.stop());

  /** Another master. */
  async function failOver(): Promise<void> {
    const old = await locked.master();
    await locked.sentinels[0]?.ask('SENTINEL', 'FAILOVER', 'store');
    await until('another master', async () => (await locked.master()) !== old);
    await old.ask('REPLICAOF', '127.0.0.1', String((await locked.master()).port));
  }

  it('are asked and heard with it', async () => {
    const driver = await openTestDriver(locked.url, { sentinelPassword: 's3cret' });
    expect(await driver.append('a')).toBe(1);
    for (const sentinel of locked.sentinels)
      await until('its being heard', async () =>
        /name=hatstand .*sub=1/.test(String(await sentinel.ask('CLIENT', 'LIST', 'TYPE', 'PUBSUB'))),
      );
    await failOver();
    await until('a call being taken', async () => (await codeOf(driver.append('b'))).startsWith('done'));
    expect(await (await locked.master()).ask('LINDEX', key, '-1')).toBe('b');
  }, 60_000);

  it('are asked as a user of theirs', async () => {
    for (const sentinel of locked.sentinels) await sentinel.ask('ACL', 'SETUSER', 'app', 'on', '>own', '&*', '+@all');
    const driver = await openTestDriver(locked.url, { sentinelUsername: 'app', sentinelPassword: 'own' });
    expect(await codeOf(driver.append('c'))).toMatch(/^done/);
  });

  it('say what they lack when it is missing or wrong', async () => {
    const refusal = (options: Partial<DriverOptions>): Promise<string> =>
      messageOfRefusal(openDriver({ url: locked.url, tag, ...options }));
    const missing = /^store_unusable: .* answered SENTINEL with: NOAUTH [^.]*\. Give the login of the sentinels: store_sentinel_password/;
    expect(await refusal({})).toMatch(missing);
    expect(await refusal({ password: 'of the master' })).toMatch(missing);
    expect(await refusal({ sentinelPassword: 'wrong' })).toMatch(/^store_unusable: .*WRONGPASS.*Give the right user and password\.$/);
  });

  it('may have none although one is given', async () => {
    const driver = await openTestDriver(group.url, { sentinelPassword: 'needless' });
    expect(await codeOf(driver.read('PING'))).toBe('done: "PONG"');
  });
});
