import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { BadTrigger, defineWorker, Hatstand, makeContext, type Trigger } from '../index.ts';
import { openMemory } from '../stores/memory/index.ts';
import { hatstand } from './hatstand.suite.ts';
import { refusal, untyped } from './refusal.suite.ts';

const report = defineWorker({
  name: 'report',
  input: z.object({ of: z.string() }),
  attempts: 3,
  timeout: '5s',
  run: ({ message, triggerId }) => `${triggerId}: ${message.of}`,
});
const anything = defineWorker({ name: 'anything', run: () => undefined });
const nightly = { type: '@cron', arguments: '30 8 * * MON-FRI', timeZone: 'Europe/Berlin', id: 'nightly' } as const;
const there = (trigger: Trigger | null): Trigger => trigger ?? expect.fail('there is no trigger');

/** Never called: for the compiler alone. */
const adds = async (): Promise<void> => {
  await hatstand.triggers.add(report, { ...nightly, message: { of: 'all' } });
  await hatstand.triggers.add(report, { type: '@webhook' });
  await hatstand.triggers.add(anything, nightly);
  await hatstand.triggers.add('elsewhere', { ...nightly, message: 5 });
  await hatstand.triggers.change('nightly', { worker: report, message: { of: 'all' } });
  // @ts-expect-error a message is needed
  await hatstand.triggers.add(report, nightly);
  // @ts-expect-error it is not what the worker takes
  await hatstand.triggers.add(report, { ...nightly, message: { of: 5 } });
  // @ts-expect-error it is not what the worker takes
  await hatstand.triggers.change('nightly', { worker: report, message: { of: 5 } });
  // @ts-expect-error there is no such option
  await hatstand.triggers.add(anything, { ...nightly, retries: 3 });
};

describe('triggers of the library', () => {
  it('are typed by their workers', () => {
    expectTypeOf(adds).toBeFunction();
    expectTypeOf(hatstand.triggers.get).returns.resolves.toEqualTypeOf<Trigger | null>();
  });

  it('are added, and told as they stand', async () => {
    hatstand.worker(report);
    await hatstand.start();
    const added = await hatstand.triggers.add(report, {
      ...{ ...nightly, message: { of: 'yesterday' }, domain: 'acme', queue: 'reports', attempts: 2, overlap: 'skip' },
      ...{ missed: { policy: 'all', lateness: '1h' }, jitter: '30s', endsAt: '9999-01-01' },
    });
    expect(added).toEqual({
      ...{ id: 'nightly', domain: 'acme', type: '@cron', arguments: '30 8 * * MON-FRI', timeZone: 'Europe/Berlin' },
      ...{ daylight: { gap: 'once', fold: 'first' }, worker: 'report', url: '', message: { of: 'yesterday' }, queue: 'reports' },
      ...{ name: '', comment: '', priority: 0, attempts: 2, backoff: 60, maxBackoff: 3_600_000, timeout: 5_000, totalTimeout: null },
      ...{
        onLost: 'retry',
        forwardLogs: false,
        unique: null,
        startBefore: null,
        missed: { policy: 'all', most: 100, lateness: 3_600_000 },
        overlap: 'skip',
        debounce: null,
      },
      ...{ jitter: 30_000, endsAt: Date.UTC(9999, 0, 1), status: 'active', reason: '', pausedUntil: null, skip: 0 },
      ...{
        nextAt: expect.any(Number),
        outlasted: false,
        window: null,
        webhook: null,
        signed: false,
        live: 0,
        newest: null,
        succeeded: null,
      },
      ...{ failed: null, launched: null, unserved: false, version: 1, createdAt: expect.any(Number), changedAt: expect.any(Number) },
    });
    expect(await hatstand.triggers.get(added)).toMatchObject({ id: 'nightly', domain: 'acme', message: { of: 'yesterday' } });
    expect(await hatstand.triggers.get('nightly')).toBeNull();
  });

  it('have an id that nobody guesses when they are given none, and say that nobody serves their worker', async () => {
    const added = await hatstand.triggers.add('elsewhere', { type: '@every', arguments: '5m' });
    expect(added).toMatchObject({ id: expect.stringMatching(/^[\w-]{20,}$/), unserved: true, message: undefined });
  });

  it('take no more than their worker allows, unless an administrator asks', async () => {
    hatstand.worker(report);
    const message = { of: 'all' };
    const added = await hatstand.triggers.add(report, { ...nightly, message, attempts: 9, timeout: '1h' });
    expect(added).toMatchObject({ attempts: 3, timeout: 5_000 });
    const raised = await hatstand.triggers.add(report, { ...nightly, message, id: 'raised', attempts: 9, admin: true });
    expect(raised.attempts).toBe(9);
  });

  it('are listed in pages', async () => {
    for (const id of ['a', 'b', 'c']) await hatstand.triggers.add('w', { type: '@every', arguments: '1h', id });
    await hatstand.triggers.add('w', { type: '@every', arguments: '1h', id: 'a', domain: 'acme' });
    const first = await hatstand.triggers.list({ limit: 3 });
    expect(first.triggers.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const rest = await hatstand.triggers.list({ from: first.next ?? expect.fail('there is another page') });
    expect(rest).toMatchObject({ triggers: [{ domain: 'acme', id: 'a' }], next: null });
    const pages: number[] = [];
    for await (const { triggers } of hatstand.triggers.pages({ limit: 2 })) pages.push(triggers.length);
    expect(pages).toEqual([2, 2]);
    expect((await hatstand.triggers.list({ domain: '' })).triggers).toHaveLength(3);
  });

  it('are changed: what is not named stays', async () => {
    hatstand.worker(report);
    await hatstand.triggers.add(report, {
      ...nightly,
      message: { of: 'all' },
      queue: 'reports',
      name: 'night',
      limit: 'night',
      priority: 3,
    });
    const changed = there(await hatstand.triggers.change('nightly', { attempts: 1, comment: 'once' }));
    const kept = { queue: 'reports', name: 'night', priority: 3, message: { of: 'all' }, arguments: nightly.arguments };
    expect(changed).toMatchObject({ ...kept, attempts: 1, comment: 'once', timeout: 5_000 });
    const later = there(await hatstand.triggers.change('nightly', { arguments: '0 9 * * *', message: { of: 'none' } }));
    expect(later).toMatchObject({ ...kept, attempts: 1, arguments: '0 9 * * *', message: { of: 'none' } });
    const other = there(await hatstand.triggers.change('nightly', { worker: anything }));
    expect(other).toMatchObject({ worker: 'anything', queue: 'reports', attempts: 1 });
    expect(await hatstand.triggers.launch('nightly')).toMatchObject({ limit: 'night', queue: 'reports' });
    expect(await hatstand.triggers.change('missing', { attempts: 2 })).toBeNull();
  });

  it('are paused, resumed, skipped and deleted', async () => {
    await hatstand.triggers.add('w', { type: '@every', arguments: '1h', id: 'beat' });
    expect(await hatstand.triggers.pause('beat')).toMatchObject({ status: 'paused', pausedUntil: null, nextAt: null });
    const until = new Date(Date.UTC(9999, 0, 1));
    expect(await hatstand.triggers.pause('beat', { until })).toMatchObject({ status: 'paused', pausedUntil: until.getTime() });
    expect(await hatstand.triggers.resume('beat')).toMatchObject({ status: 'active', pausedUntil: null });
    const { nextAt } = there(await hatstand.triggers.get('beat'));
    const skipping = there(await hatstand.triggers.skip('beat', 2));
    expect(skipping).toMatchObject({ skip: 2, nextAt: (nextAt ?? 0) + 2 * 3_600_000 });
    expect(await hatstand.triggers.delete('beat')).toBe(true);
    expect(await hatstand.triggers.delete('beat')).toBe(false);
    expect(await hatstand.triggers.pause('beat')).toBeNull();
    expect(await hatstand.triggers.next('beat')).toBeNull();
  });

  it('push a job when they are launched, with a payload of its own if it is given one', async () => {
    hatstand.worker(report);
    await hatstand.start();
    await hatstand.triggers.add(report, { ...nightly, message: { of: 'all' } });
    const job = (await hatstand.triggers.launch('nightly')) ?? expect.fail('nothing was launched');
    expect(job).toMatchObject({ manual: true, payload: { of: 'all' } });
    expect((await hatstand.wait(job))?.result).toBe('nightly: all');
    const other = (await hatstand.triggers.launch('nightly', { of: 'some' })) ?? expect.fail('nothing was launched');
    expect((await hatstand.wait(other))?.result).toBe('nightly: some');
    expect(await hatstand.triggers.get('nightly')).toMatchObject({ launched: { job: other.id }, succeeded: { job: other.id }, live: 0 });
    expect(await refusal(() => hatstand.triggers.launch('nightly', { of: 5 }))).toMatchObject({ code: 'message_invalid' });
    expect(await hatstand.triggers.launch('missing')).toBeNull();
    await hatstand.triggers.add('client', { type: '@client', id: 'laptop' });
    expect(await refusal(() => hatstand.triggers.launch('laptop'))).toMatchObject({ code: 'conflict' });
  });

  it('tell their next runs, also when nobody has made them', async () => {
    await hatstand.triggers.add('w', { type: '@at', arguments: '9999-01-01T00:00:00Z', id: 'late' });
    expect(await hatstand.triggers.next('late', 3)).toEqual({ next: [Date.UTC(9999, 0, 1)], notes: [] });
    const preview = await hatstand.triggers.preview({
      ...{ type: '@cron', arguments: '0 30 2 * * *', timeZone: 'Europe/Berlin', from: '2026-03-28T12:00:00Z', count: 2 },
    });
    expect(preview.next).toEqual([Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 2, 30, 0, 30)]);
    expect(preview.notes[0]).toContain('go forward');
  });

  it('fill a span of the past, once', async () => {
    await hatstand.triggers.add('w', { type: '@cron', arguments: '@hourly', id: 'hours' });
    const span = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T02:00:00Z' };
    const filled = (await hatstand.triggers.backfill('hours', span)) ?? expect.fail('there is no trigger');
    expect(filled).toMatchObject({ jobs: { length: 3 }, replayed: 0 });
    expect(await hatstand.triggers.backfill('hours', span)).toEqual({ jobs: filled.jobs, replayed: 3 });
    expect(await hatstand.triggers.backfill('missing', span)).toBeNull();
  });

  it('push nothing more once their worker has found them bad, until they are resumed', async () => {
    const picky = defineWorker({ name: 'picky', attempts: 3, run: ({ badTrigger }) => badTrigger('no such folder') });
    hatstand.worker(picky);
    hatstand.worker('thrower', { attempts: 3 }, () => {
      throw new BadTrigger('no such file');
    });
    await hatstand.start();
    for (const [worker, reason] of [
      ['picky', 'no such folder'],
      ['thrower', 'no such file'],
    ] as const) {
      await hatstand.triggers.add(worker, { type: '@every', arguments: '1h', id: worker });
      const job = (await hatstand.triggers.launch(worker)) ?? expect.fail('nothing was launched');
      expect(await hatstand.wait(job)).toMatchObject({ state: 'failed', attempt: 1, error: reason });
      expect(await hatstand.triggers.get(worker)).toMatchObject({ status: 'bad', reason, nextAt: null });
      expect(await hatstand.triggers.resume(worker)).toMatchObject({ status: 'active', reason: '', nextAt: expect.any(Number) });
    }
    const direct = await hatstand.push('picky');
    expect(await hatstand.wait(direct)).toMatchObject({ state: 'failed', error: 'no such folder' });
    expect(() => makeContext(picky).badTrigger('alone')).toThrow(BadTrigger);
  });

  it('tell what was decided about them: each firing with its jobs, each change', async () => {
    hatstand.worker(anything);
    await hatstand.start();
    const fired = Promise.withResolvers<void>();
    hatstand.on('succeeded', () => fired.resolve());
    await hatstand.triggers.add(anything, { type: '@at', arguments: '2026-01-01T00:00:00Z', id: 'once' });
    await fired.promise;
    const { decisions, next, since } = await hatstand.triggers.history('once');
    expect(decisions).toMatchObject([
      { kind: 'decided', why: 'fired for 2026-01-01T00:00:00Z', overlap: false, jobs: [{ state: 'succeeded' }] },
      // With its only tick it is gone.
      { kind: 'changed', version: 2 },
      { kind: 'changed', version: 1 },
    ]);
    expect({ next, since }).toEqual({ next: null, since: expect.any(Number) });
    const [newest] = (await hatstand.triggers.history('once', { limit: 1 })).decisions;
    expect(newest).toEqual(decisions[0]);
  });

  it('tell what an event, and a person, had them push', async () => {
    hatstand.worker(anything);
    await hatstand.start();
    await hatstand.triggers.add(anything, { type: '@event', arguments: 'io.files:CREATED', id: 'files' });
    await hatstand.publish({ type: 'io.files', verb: 'CREATED', id: '7' });
    const job = await hatstand.triggers.launch('files');
    const { decisions } = await hatstand.triggers.history('files');
    expect(decisions.filter(({ kind }) => kind === 'pushed')).toMatchObject([
      { why: 'launched', jobs: [{ id: job?.id }] },
      { why: 'event io.files CREATED 7', jobs: [{ id: expect.any(String) }] },
    ]);
  });
});

describe('what the library asks of all triggers', () => {
  it('is a round at any time, so that tests need not wait', async () => {
    const here = new Hatstand({ store: openMemory(), log: null });
    await expect(here.triggers.tick()).rejects.toMatchObject({ code: 'conflict' });
    await here.start();
    await here.triggers.add(report, { ...nightly, message: { of: 'all' } });
    await here.triggers.tick();
    expect((await here.list()).jobs).toEqual([]);
    expect(await here.triggers.tick({ now: '2099-01-01T12:00:00Z' })).toBe(1);
    expect((await here.list()).jobs).toMatchObject([{ payload: { of: 'all' } }]);
    expect(await here.triggers.tick({ now: new Date('2099-01-01T12:00:00Z') })).toBe(0);
    await here.stop();
  });

  it('is a round that fires what was put off, windows too, and puts off once what cannot be pushed', async () => {
    const here = new Hatstand({ store: openMemory(), log: null });
    await here.start();
    const { nextAt } = await here.triggers.add(anything, { type: '@every', arguments: '1h', id: 'hours' });
    await here.triggers.add(anything, { type: '@event', arguments: 'io.files:CREATED', debounce: '1m', id: 'gathers' });
    await here.publish({ type: 'io.files', verb: 'CREATED', id: 'a' });
    await here.triggers.tick();
    await here.close('default');
    const now = new Date(nextAt ?? expect.fail('it has a next run'));
    expect(await here.triggers.tick({ now })).toBe(2);
    expect((await here.list()).jobs).toEqual([]);
    expect(await here.triggers.rebuild()).toEqual({ looked: 2, rebuilt: 0 });
    // A day is many times ten seconds.
    expect(await here.triggers.tick({ now: new Date(now.getTime() + 86_400_000) })).toBe(2);
    await here.open('default');
    expect(await here.triggers.tick({ now: new Date(now.getTime() - 3_600_000) })).toBe(0);
    expect(await here.triggers.tick({ now })).toBe(2);
    expect((await here.list()).jobs).toHaveLength(2);
    expect(await here.triggers.tick({ now })).toBe(0);
    await here.stop();
  });

  it('is that they are due, and that those that have ended go', async () => {
    const here = new Hatstand({ store: openMemory(), log: null });
    await here.start();
    await here.triggers.add(anything, { ...nightly, domain: 'acme' });
    await here.triggers.add(anything, { type: '@every', arguments: '1h', endsAt: new Date(Date.now() + 1_000), id: 'ends' });
    await here.triggers.tick();
    expect(await here.triggers.rebuild()).toEqual({ looked: 2, rebuilt: 0 });
    expect(await here.triggers.clean({ domain: 'acme' })).toEqual({ looked: 1, cleaned: 0 });
    expect(await here.triggers.clean()).toEqual({ looked: 2, cleaned: 1 });
    expect(await here.triggers.get('ends')).toBeNull();
    await here.stop();
  });

  it('is what waits for each worker of the cluster', async () => {
    const here = new Hatstand({ store: openMemory(), log: null });
    await here.push('report', 1);
    await here.push('report', 2, { queue: 'slow' });
    expect(await here.clusterWorkers()).toMatchObject({ workers: [{ name: 'report', isActive: false, waiting: 2, running: 0 }] });
    await here.stop();
  });
});

describe('triggers of the library refuse', () => {
  it.each([
    ['an unknown option', { type: '@every', arguments: '1h', retries: 3 }, 'invalid_request', 'retries', 'Did you mean attempts?'],
    ['an unknown type', { type: '@evry' }, 'unknown_trigger', 'type', 'did you mean @every?'],
    ['no type', {}, 'invalid_request', 'type', 'needs the type'],
    ['wrong arguments', { type: '@cron', arguments: '0 25 * * *' }, 'malformed_trigger', 'arguments', '25 is above 23'],
    ['another policy', { type: '@every', arguments: '1h', missed: 'lost' }, 'invalid_request', 'missed', '"skip" or "last" or "all"'],
    [
      'what its type does not take',
      { type: '@every', arguments: '1h', debounce: '1s' },
      'invalid_request',
      'debounce',
      'takes no debounce',
    ],
    ['a short secret', { type: '@webhook', secret: 'short' }, 'invalid_request', 'secret', 'has 5'],
  ])('%s', async (_, asked, code, field, message) => {
    const refused = await refusal(() => hatstand.triggers.add('w', untyped(asked)));
    expect(refused).toMatchObject({ code, field, message: expect.stringContaining(message) });
    expect((await hatstand.triggers.list()).triggers).toEqual([]);
  });

  it('a message that does not fit, before anybody serves the worker', async () => {
    const wrong = untyped({ ...nightly, message: { of: 5 } });
    expect(await refusal(() => hatstand.triggers.add(report, wrong))).toMatchObject({ code: 'message_invalid' });
    expect(await refusal(() => hatstand.triggers.add(report, untyped(nightly)))).toMatchObject({ code: 'message_missing' });
    hatstand.worker(report);
    expect(await refusal(() => hatstand.triggers.add('report', { ...nightly, message: 5 }))).toMatchObject({ code: 'message_invalid' });
    await hatstand.triggers.add(report, { ...nightly, message: { of: 'all' } });
    expect(await refusal(() => hatstand.triggers.change('nightly', { message: 5 }))).toMatchObject({ code: 'message_invalid' });
    expect((await hatstand.triggers.get('nightly'))?.message).toEqual({ of: 'all' });
  });

  it('an id that is taken, and what names no trigger', async () => {
    await hatstand.triggers.add('w', { type: '@every', arguments: '1h', id: 'a' });
    expect(await refusal(() => hatstand.triggers.add('w', { type: '@every', arguments: '1h', id: 'a' }))).toMatchObject({
      code: 'conflict',
    });
    expect(await refusal(() => hatstand.triggers.get(untyped(7)))).toMatchObject({ code: 'invalid_request', field: 'trigger' });
    expect(await refusal(() => hatstand.triggers.skip('a', -1))).toMatchObject({ code: 'invalid_request', field: 'count' });
    expect(await refusal(() => hatstand.triggers.backfill('a', untyped({})))).toMatchObject({ code: 'invalid_request', field: 'from' });
  });

  it('everything once it is stopped', async () => {
    const other = new Hatstand({ store: openMemory(), log: null });
    await other.stop(0);
    expect(await refusal(() => other.triggers.get('a'))).toMatchObject({ code: 'shutting_down' });
    expect(await refusal(() => other.triggers.pages())).toMatchObject({ code: 'shutting_down' });
  });
});
