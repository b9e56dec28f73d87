/** What the library says of what it does not take: one form everywhere, and whose fault it is. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hatstand, openMemory, openRedis, openSqlite } from '../index.ts';
import { silent } from '../system/silent.ts';
import { refusal, untyped } from './refusal.suite.ts';

let hatstand: Hatstand;
beforeEach(() => {
  hatstand = new Hatstand({ store: openMemory(), log: silent });
});
afterEach(() => hatstand.stop(0).catch(() => undefined));

describe('a fault', () => {
  it.each<readonly [string, () => unknown]>([
    ['delay of push must be', () => hatstand.push('w', 1, { delay: 'soon' })],
    ['delay of push must be', () => hatstand.push('w', 1, { delay: '5000d' })],
    ['delay of push must be', () => hatstand.push('w', 1, { delay: -1 })],
    ['at of push must be', () => hatstand.push('w', 1, { at: 'soon' })],
    ['at of push must be', () => hatstand.push('w', 1, { at: new Date(Number.NaN) })],
    ['queue of push must be', () => hatstand.push('w', 1, { queue: 'a b' })],
    ['domain of push must be', () => hatstand.push('w', 1, { domain: 'a b' })],
    ['name of push must be', () => hatstand.push('w', 1, { name: 'n'.repeat(2_000) })],
    ['comment of push must be', () => hatstand.push('w', 1, { comment: '\udc00' })],
    ['priority of push must be', () => hatstand.push('w', 1, { priority: 0.5 })],
    ['attempts of push must be', () => hatstand.push('w', 1, { attempts: 0 })],
    ['idempotencyKey of push must be', () => hatstand.push('w', 1, { idempotencyKey: '' })],
    ['idempotencyKey of pushMany must be', () => hatstand.pushMany('w', [1], { idempotencyKey: () => '' })],
    ['payload of push must be', () => hatstand.push('w', () => 1)],
    ['payload of push may have', () => hatstand.push('w', 'x'.repeat(5_000_000))],
    ['payloads[1] of pushMany must be', () => hatstand.pushMany('w', [1, () => 1])],
    ['worker of push must be', () => hatstand.push('a b', 1)],
    ['name of worker must be', () => hatstand.worker('a b', () => 1)],
    ['function of worker must be', () => hatstand.worker('w', untyped(5))],
    ['queues[0] of worker must be', () => hatstand.worker('w', { queues: ['a b'] }, () => 1)],
    ['timeout of worker must be', () => hatstand.worker('w', { timeout: 'soon' }, () => 1)],
    ['filter of list must be', () => hatstand.list(untyped(5))],
    ['from of list must be', () => hatstand.list('', { from: 'x' })],
    ['from of pages must be', () => hatstand.pages('', { from: 'x' })],
    ['limit of history must be', () => hatstand.history('1', 0)],
    ['timeout of wait must be', () => hatstand.wait('1', 'soon')],
    ['queue of pause must be', () => hatstand.pause('a b')],
    ['queue of limits must be', () => hatstand.limits('a b', {})],
    ['rate.per of limits must be', () => hatstand.limits('q', { rate: { max: 1, per: '2d' } })],
    ['rate.max of limits must be', () => hatstand.limits('q', { rate: { max: 0, per: '1d' } })],
    ['event of on must be', () => hatstand.on(untyped('done'), () => 1)],
    ['host of listen must be', () => hatstand.listen({ host: '203.0.113.7', port: 0 })],
    ['port of listen must be', () => hatstand.listen({ port: -1 })],
    ['grace of stop must be', () => hatstand.stop('soon')],
    ['store of Hatstand must be', () => new Hatstand({ store: untyped(5) })],
    ['path of openSqlite must be', () => openSqlite({ path: untyped(5) })],
    ['path of openSqlite must be', () => openSqlite({ path: '' })],
    ['url of openRedis must be', () => openRedis({ url: 'http://localhost' })],
    ['cluster of openRedis must be', () => openRedis({ url: 'redis://localhost', cluster: 'a b' })],
    ['serverId of openMemory must be', () => openMemory({ serverId: 5_000 })],
  ])('says %s', async (told, call) => {
    const { message, field } = await refusal(call);
    expect(message.slice(0, told.length)).toBe(told);
    expect(message.startsWith(`${field} of `)).toBe(true);
  });

  it('is thrown by a promise where there is one', () => {
    const calls = [hatstand.pause, hatstand.resume, hatstand.limits, hatstand.get, hatstand.push, hatstand.listen] as readonly ((
      ...given: never[]
    ) => Promise<unknown>)[];
    for (const call of calls) call.call(hatstand, untyped(5), untyped(5)).catch(() => undefined);
  });
});

describe('promises in place of values', () => {
  const heard: unknown[] = [];
  process.on('unhandledRejection', (reason) => heard.push(reason));
  const rejecting = async (what: number): Promise<never> => {
    await turn();
    throw new Error(`rejected: ${what}`);
  };

  it.each<readonly [string, () => unknown]>([
    ['payload of push must be JSON, but $.results[0] is a Promise.', () => hatstand.push('w', { results: [1, 2].map(rejecting) })],
    ['payloads[0] of pushMany must be JSON, but $ is a Promise.', () => hatstand.pushMany('w', [1, 2].map(rejecting))],
    ['payloads[1] of pushMany must be', () => hatstand.pushMany('w', [1, { a: rejecting(1) }, { b: [rejecting(2)] }])],
    ['idempotencyKey of pushMany must be', () => hatstand.pushMany('w', [1], { idempotencyKey: untyped(rejecting) })],
    ['delay of push must be', () => hatstand.push('w', 1, { delay: untyped(rejecting(1)) })],
    ['The options of push must be an object', () => hatstand.push('w', 1, untyped(rejecting(1)))],
  ])('are refused, and do not end the process when they reject: %s', async (told, call) => {
    expect((await refusal(call)).message).toContain(told);
    await turn();
    await turn();
    expect(heard.splice(0)).toEqual([]);
  });
});

describe('a node that was stopped', () => {
  it('says so whatever is asked of it', async () => {
    const job = await hatstand.push('w');
    await hatstand.stop();
    const asked: readonly (() => unknown)[] = [
      () => hatstand.push('w'),
      () => hatstand.pushMany('w', [1]),
      () => hatstand.get(job),
      () => hatstand.list(),
      () => hatstand.pages(),
      () => hatstand.count(),
      () => hatstand.wait(job),
      () => hatstand.cancel(job),
      () => hatstand.queues(),
      () => hatstand.pause('q'),
      () => hatstand.start(),
      () => hatstand.worker('v', () => 1),
      () => hatstand.listen({ port: 0 }),
    ];
    for (const ask of asked) {
      expect(await refusal(ask)).toMatchObject({ code: 'shutting_down', message: expect.stringMatching(/make a new one\.$/i) });
    }
  });

  it('takes no push while it ends what runs, and can be looked at', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const work = hatstand.worker('w', () => {
      begun.resolve();
      return release.promise;
    });
    await hatstand.start();
    const job = await work.push();
    await begun.promise;
    const stopping = hatstand.stop();
    expect(await refusal(() => work.push())).toMatchObject({ code: 'shutting_down', message: expect.stringContaining('make a new one') });
    expect(await hatstand.get(job)).toMatchObject({ state: 'running' });
    release.resolve();
    await stopping;
  });
});
