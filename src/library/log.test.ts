/** What functions tell of their attempts: lines, progress and jobs of their own. */
import { describe, expect, it } from 'vitest';
import { reportLimits } from '../core/report.ts';
import { defineWorker } from './defined.ts';
import type { HeardEvent } from './happenings.ts';
import { hatstand, logged, store } from './hatstand.suite.ts';
import type { Job } from './job.ts';
import { makeContext } from './make-context.ts';
import { refusal } from './refusal.suite.ts';

const ended = async (job: { readonly id: string }) => (await hatstand.wait(job)) ?? expect.unreachable('there is no such job');

describe('the logger of a function', () => {
  it('keeps its lines with the job, whole as soon as that has ended', async () => {
    hatstand.worker('w', { attempts: 2, backoff: 1 }, (_, { logger, attempt }) => {
      logger.debug('begun', { attempt });
      logger.warn('odd', { error: new Error('no'), big: 1n });
      if (attempt === 1) throw new Error('again');
    });
    await hatstand.start();
    const job = await ended(await hatstand.push('w'));
    const page = await hatstand.lines(job);
    expect(page).toMatchObject({ more: false, dropped: 0, state: 'succeeded' });
    expect(page?.lines.map(({ number, level, text }) => [number, level, text])).toEqual([
      ...[1, 2].flatMap(() => [
        [1, 'debug', 'begun'],
        [2, 'warn', 'odd'],
      ]),
    ]);
    expect(page?.lines.map(({ fields }) => fields?.['attempt'])).toEqual([1, undefined, 2, undefined]);
    expect(page?.lines[1]?.fields).toMatchObject({ error: { message: 'no' }, big: '1' });
    const attempts = await hatstand.history(job);
    expect([...new Set(page?.lines.map(({ fence }) => fence))]).toEqual(attempts.map(({ fence }) => fence).reverse());
    expect(logged.filter(([name]) => name === 'odd')).toMatchObject([
      ['odd', { job: job.id, attempt: 1 }],
      ['odd', { attempt: 2 }],
    ]);
  });

  it('is heard as events, before the end of the job, when its push asked for that', async () => {
    hatstand.worker('w', (_, { logger }) => {
      logger.info('begun', { n: 1 });
      logger.warn('odd');
    });
    await hatstand.start();
    const heard: HeardEvent[] = [];
    const ends = Promise.withResolvers<void>();
    const end = hatstand.listenTo('hatstand.jobs', (event) => {
      heard.push(event);
      if ((event.doc as { move?: string }).move === 'succeed' && event.id === asked?.id) ends.resolve();
    });
    const silent = await ended(await hatstand.push('w'));
    const asked: Job | undefined = await hatstand.push('w', undefined, { forwardLogs: true });
    const job = await ended(asked);
    await ends.promise;
    end();
    const logs = heard.filter(({ verb }) => verb === 'NOTIFIED');
    expect(logs.map(({ id }) => id)).not.toContain(silent.id);
    expect(logs).toMatchObject([
      {
        id: job.id,
        doc: {
          ...{ move: 'log', attempt: 1, fence: job.fence },
          lines: [
            { number: 1, level: 'info', text: 'begun', fields: { n: 1 } },
            { number: 2, level: 'warn', text: 'odd', fields: null },
          ],
        },
      },
    ]);
    const last = heard.findLastIndex(({ id, verb }) => id === job.id && verb === 'NOTIFIED');
    expect(last).toBeLessThan(heard.findIndex(({ id, doc }) => id === job.id && (doc as { move?: string }).move === 'succeed'));
  });

  it('is followed page by page', async () => {
    hatstand.worker('w', (_, { logger }) => {
      for (let at = 0; at < 5; at++) logger.info(String(at));
    });
    await hatstand.start();
    const job = await ended(await hatstand.push('w'));
    const first = await hatstand.lines(job, { limit: 2 });
    const rest = await hatstand.lines(job.id, { after: first?.lines.at(-1), limit: 9 });
    expect([first?.lines.length, first?.more, rest?.lines.map(({ text }) => text), rest?.more]).toEqual([2, true, ['2', '3', '4'], false]);
    expect(await hatstand.lines('7')).toBeNull();
    expect(await refusal(() => hatstand.lines(job, { limit: 0 }))).toMatchObject({ code: 'invalid_request' });
    expect(await refusal(() => hatstand.lines(job, { after: {} as never }))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('a line of an earlier page'),
    });
  });

  it('survives a flood, which is cut and counted, and whatever it is given', async () => {
    hatstand.worker('w', (_, { logger }) => {
      for (let at = 0; at < 50_000; at++) logger.info('flood');
      logger.info('x'.repeat(1_000_000), { deep: 'y'.repeat(1_000_000) });
      const circle: Record<string, unknown> = {};
      circle['self'] = circle;
      logger.error(Symbol('odd') as never, circle);
    });
    await hatstand.start();
    const job = await ended(await hatstand.push('w'));
    expect(job.state).toBe('succeeded');
    const page = await hatstand.lines(job, { limit: 1_000 });
    expect(page?.lines.length).toBe(reportLimits.lines);
    expect(page?.dropped).toBe(50_002 - reportLimits.lines);
    expect(page?.lines.at(-1)).toMatchObject({
      number: 50_002,
      level: 'error',
      fields: null,
      text: expect.stringContaining('Symbol(odd)'),
    });
  });

  it('keeps nothing once its attempt is over', async () => {
    const { promise: over, resolve } = Promise.withResolvers<() => void>();
    hatstand.worker('w', (_, { logger }) => resolve(() => logger.info('too late')));
    await hatstand.start();
    const job = await ended(await hatstand.push('w'));
    (await over)();
    expect((await hatstand.lines(job))?.lines).toEqual([]);
  });
});

describe('the progress of a function', () => {
  it('can be seen while it runs and after its end, and begins anew with another run', async () => {
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    const { promise: seen, resolve: go } = Promise.withResolvers<void>();
    let runs = 0;
    hatstand.worker('w', async (_, context) => {
      runs += 1;
      if (runs > 1) return;
      context.progress({ done: 1, of: 2 });
      tell();
      await seen;
      context.progress(1);
    });
    await hatstand.start();
    const job = await hatstand.push('w');
    expect(await hatstand.progress(job)).toBeNull();
    await told;
    await expect.poll(() => hatstand.progress(job)).toMatchObject({ value: { done: 1, of: 2 }, at: expect.any(Number) });
    go();
    await ended(job);
    expect(await hatstand.progress(job)).toMatchObject({ value: 1 });
    await hatstand.restart(job);
    await ended(job);
    expect([await hatstand.progress(job), await hatstand.progress('7')]).toEqual([null, null]);
  });

  it('that is no JSON, or too long, fails the attempt in words', async () => {
    hatstand.worker('w', (odd: string, context) => context.progress(odd === 'no JSON' ? () => 1 : 'x'.repeat(20_000)));
    await hatstand.start();
    expect((await ended(await hatstand.push('w', 'no JSON'))).error).toContain('progress must be JSON');
    expect((await ended(await hatstand.push('w', 'long'))).error).toContain('progress may have 16384 characters');
  });
});

describe('a job that a function pushes', () => {
  it('says whose it is, is of the same domain, and runs', async () => {
    hatstand.worker('child', (payload: { n: number }) => payload.n * 2);
    hatstand.worker('parent', async (_: unknown, context) => {
      const child = await context.push<{ n: number }, number>('child', { n: 4 }, { name: 'a child' });
      return { child: child.id, state: child.state };
    });
    await hatstand.start();
    const job = await ended(await hatstand.push('parent', null, { domain: 'acme' }));
    const { child, state } = job.result as { child: string; state: string };
    expect(state).toBe('queued');
    expect(await ended({ id: child })).toMatchObject({ result: 8, name: 'a child', domain: 'acme' });
    expect(JSON.parse((await store.jobs.get(child))?.about ?? '')).toEqual({ parent: job.id });
  });

  it('is checked as any other, and its key makes it one over all attempts', async () => {
    const even = defineWorker({
      name: 'even',
      input: {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: (value: unknown) => (Number(value) % 2 === 0 ? { value: Number(value) } : { issues: [{ message: 'odd' }] }),
        },
      },
      run: ({ message }) => message,
    });
    hatstand.worker(even);
    const ids: string[] = [];
    hatstand.worker('parent', { attempts: 2, backoff: 1 }, async (_, context) => {
      ids.push((await context.push(even, 4, { idempotencyKey: 'once' })).id);
      await context.push(even, 3);
    });
    await hatstand.start();
    const job = await ended(await hatstand.push('parent'));
    expect([job.state, job.error]).toEqual(['failed', expect.stringContaining('odd')]);
    expect([ids.length, new Set(ids).size, (await hatstand.list('worker:even')).jobs.length]).toEqual([2, 1, 1]);
  });

  it('is not kept for an attempt that is not held any more', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<string>();
    const { promise: gone, resolve: go } = Promise.withResolvers<void>();
    const refused = Promise.withResolvers<unknown>();
    hatstand.worker('parent', async (_, context) => {
      begin(context.id);
      await gone;
      await context.push('child', 1).then(
        () => refused.resolve(null),
        (error: unknown) => refused.resolve(error),
      );
      return context.signal.reason as unknown;
    });
    await hatstand.start();
    await hatstand.push('parent');
    // As if its node had been taken for dead.
    await store.upkeep.setAside(await begun, 'a test');
    go();
    expect(await refused.promise).toMatchObject({ code: 'conflict' });
    expect((await hatstand.list()).jobs).toEqual([]);
  });
});

it('a worker that tells and pushes can be tested alone', async () => {
  const told: unknown[] = [];
  const run = async (context: ReturnType<typeof makeContext>): Promise<unknown> => {
    context.progress(0.5);
    return context.push('child', { a: 1 }, { delay: '1s' });
  };
  const worker = defineWorker({ name: 'w', run });
  const context = makeContext(worker, {
    onProgress: (value) => told.push(value),
    onPush: (...asked) => told.push(asked) && { id: '7' },
  });
  expect([await run(context), told]).toEqual([{ id: '7' }, [0.5, ['child', { a: 1 }, { delay: '1s' }]]]);
  expect(await refusal(() => run(makeContext(worker)))).toMatchObject({ message: expect.stringContaining('onPush') });
});
