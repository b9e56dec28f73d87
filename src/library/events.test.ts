import { describe, expect, expectTypeOf, it } from 'vitest';
import { makeChanges } from '../../test/support/changes.ts';
import { Final, Hatstand, HatstandError, type Job, type JobEvent, Skip } from '../index.ts';
import { altered } from '../stores/conformance/altered.ts';
import { hatstand, logged, store } from './hatstand.suite.ts';

describe('events', () => {
  /** Resolves when so many have been told. */
  function listen(...events: readonly JobEvent[]): (count: number) => Promise<readonly (readonly [JobEvent, Job])[]> {
    const told: (readonly [JobEvent, Job])[] = [];
    const { changed, seen } = makeChanges();
    for (const each of events) {
      hatstand.on(each, (job, event) => {
        told.push([event, job]);
        changed();
      });
    }
    return async (count) => {
      await seen(() => told.length >= count);
      return told;
    };
  }

  it('tell what became of each attempt, with the job as the store has it', async () => {
    hatstand.worker('w', { attempts: 2, backoff: 0 }, (kind: string, { job }) => {
      if (kind === 'skip') throw new Skip('nothing to do');
      if (kind === 'final') throw new Final('never');
      if (kind === 'fail' || job.attempt === 1) throw new Error(`failed ${job.attempt}`);
      return { at: job.attempt };
    });
    const told = listen('succeeded', 'failed', 'retrying', 'canceled', 'lost');
    await hatstand.start();
    for (const [payload, expected] of [
      [
        'flaky',
        [
          ['retrying', { state: expect.stringMatching(/^(scheduled|queued)$/), error: 'failed 1' }],
          ['succeeded', { state: 'succeeded', result: { at: 2 } }],
        ],
      ],
      [
        'fail',
        [
          ['retrying', { state: expect.stringMatching(/^(scheduled|queued)$/), error: 'failed 1' }],
          ['failed', { state: 'failed', error: 'failed 2' }],
        ],
      ],
      ['final', [['failed', { state: 'failed', error: 'never' }]]],
      ['skip', [['canceled', { state: 'canceled', reason: 'skipped', error: 'nothing to do' }]]],
    ] as const) {
      const before = (await told(0)).length;
      const { id } = await hatstand.push('w', payload);
      expect((await told(before + expected.length)).slice(before)).toMatchObject(
        expected.map(([event, job]) => [event, { id, payload, ...job }]),
      );
    }
  });

  it('tell of a cancel that overtook a failure', async () => {
    const begun = Promise.withResolvers<void>();
    const failing = Promise.withResolvers<never>();
    const work = hatstand.worker('w', { attempts: 3 }, () => {
      begun.resolve();
      return failing.promise;
    });
    const told = listen('canceled', 'failed', 'retrying');
    await hatstand.start();
    const job = await work.push();
    await begun.promise;
    await hatstand.cancel(job);
    failing.reject(new Error('broken'));
    expect(await told(1)).toMatchObject([['canceled', { state: 'canceled', error: 'broken' }]]);
  });

  it('tell of results that came too late', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const work = hatstand.worker('w', { onLost: 'fail' }, () => {
      begun.resolve();
      return release.promise;
    });
    const told = listen('lost', 'succeeded');
    await hatstand.start();
    await work.push();
    await begun.promise;
    for (const { incarnation } of await store.nodes.list()) await store.nodes.forget(incarnation);
    release.resolve();
    expect(await told(1)).toMatchObject([['lost', { state: 'failed', reason: 'lost' }]]);
  });

  it('go to listeners of their worker, until these are switched off', async () => {
    const [a, b] = [hatstand.worker('a', () => 1), hatstand.worker('b', () => 1)];
    const heard: string[] = [];
    const gone = new AbortController();
    const off = a.on('succeeded', (job) => {
      expectTypeOf(job.result).toEqualTypeOf<number | undefined>();
      heard.push(`a ${job.result}`);
    });
    b.on('succeeded', () => heard.push('b'), { signal: gone.signal });
    b.on('succeeded', () => heard.push('never'), { signal: AbortSignal.abort() });
    const told = listen('succeeded');
    await hatstand.start();
    await a.push();
    await told(1);
    await b.push();
    await told(2);
    off();
    gone.abort();
    await a.push();
    await b.push();
    await told(4);
    expect(heard).toEqual(['a 1', 'b']);
  });

  it('survive listeners that throw or reject', async () => {
    const work = hatstand.worker('w', () => 1);
    hatstand.on('succeeded', () => {
      throw new Error('thrown');
    });
    hatstand.on('succeeded', () => Promise.reject(new Error('rejected')));
    const told = listen('succeeded');
    await hatstand.start();
    const { id } = await work.push();
    await told(1);
    await hatstand.stop();
    expect(logged).toEqual([
      ['listener.failed', { event: 'succeeded', job: id, error: 'thrown' }],
      ['listener.failed', { event: 'succeeded', job: id, error: 'rejected' }],
    ]);
  });

  it('are all told when the node has stopped', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const work = hatstand.worker('w', () => {
      begun.resolve();
      return release.promise;
    });
    const heard: string[] = [];
    hatstand.on('succeeded', ({ state }) => heard.push(state));
    await hatstand.start();
    await work.push();
    await begun.promise;
    const stopped = hatstand.stop();
    release.resolve();
    await stopped;
    expect(heard).toEqual(['succeeded']);
  });

  it('are known by name', () => {
    const refusal = (event: string, listener: unknown): unknown => {
      try {
        return hatstand.on(event as never, listener as never);
      } catch (error) {
        return error instanceof HatstandError ? { message: error.message, field: error.details['field'] } : error;
      }
    };
    expect(refusal('completed', () => 1)).toMatchObject({
      field: 'event',
      message: expect.stringContaining('"succeeded" or "failed"'),
    });
    expect(refusal('failed', undefined)).toMatchObject({ field: 'listener' });
  });
});

describe('a worker that nobody serves', () => {
  const served = async (): Promise<unknown> => (await store.nodes.list()).map(({ name, serves }) => [name, serves]);
  const unserved = () => logged.filter(([name]) => name === 'worker.unserved').map(([, fields]) => fields);

  it('is warned of once at pushes, and not when another node serves it', async () => {
    const other = new Hatstand({ store: altered(store, { close: async () => {} }), name: 'other' });
    await other.start();
    await hatstand.start();
    hatstand.worker('mine', () => 1);
    const theirs = other.worker('theirs', { queues: ['q'] }, () => 2);
    expect(await theirs.wait(await hatstand.push('theirs', 1, { queue: 'q' }), '10s')).toMatchObject({ result: 2 });
    await expect.poll(served).toEqual([
      ['other', [{ worker: 'theirs', queues: ['q'], concurrency: 8 }]],
      ['node', [{ worker: 'mine', queues: 'any', concurrency: 8 }]],
    ]);
    await hatstand.pushMany('mine', [1, 2]);
    await hatstand.push('theirs', 1, { queue: 'q' });
    await hatstand.push('tehirs', 1);
    await hatstand.push('tehirs', 2);
    await expect.poll(unserved).toEqual([{ worker: 'tehirs', queue: 'default', hint: expect.stringContaining('Check its name') }]);
    await other.stop(0);
  });

  it('is warned of when a task or a trigger pushes its jobs, too', async () => {
    await hatstand.start();
    await hatstand.tasks.start('tial', null, { id: 'k1' });
    await hatstand.triggers.add('raport', { type: '@in', arguments: '1s' });
    await expect
      .poll(() => unserved().map((fields) => (fields as { worker: string }).worker), { timeout: 10_000 })
      .toEqual(['tial', 'raport']);
  });
});
