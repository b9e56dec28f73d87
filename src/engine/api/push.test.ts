/** Pushes of any size: slices in their order, what is told of them, and whose turn it is between them. */
import { describe, expect, it } from 'vitest';
import { HatstandError } from '../../core/errors.ts';
import type { Job, JobState, NewJob } from '../../core/job.ts';
import { createJob } from '../../core/transitions.ts';
import type { Store } from '../../ports/store/store.ts';
import { asked } from '../../stores/conformance/subject.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { systemClock } from '../../system/clock.ts';
import { makePush, type NewJobs, PushCutShort, pushSlice, type ShowJob } from './push.ts';

const jobs = (count: number, otherwise: Partial<NewJob> = {}): readonly NewJob[] =>
  Array.from({ length: count }, (_, at) => asked({ name: String(at), ...otherwise }));

/** A store that tells of its pushes, fails one of them, and may be `blind`: no job can be read. */
function pushing({ failing = -1, code = 'store_unavailable' as HatstandError['code'], blind = false } = {}) {
  const store = openMemory();
  const steps: number[] = [];
  let stopping = false;
  const told: Pick<Store['jobs'], 'push' | 'get'> = {
    get: async (id) => (blind ? Promise.reject(new HatstandError('store_unavailable', 'It cannot be read.')) : store.jobs.get(id)),
    async push(these) {
      steps.push(these.length);
      if (steps.length === failing) throw new HatstandError(code, 'It failed.');
      return store.jobs.push(these);
    },
  };
  const pushAs = makePush({
    store: { ...store, jobs: { ...store.jobs, ...told } },
    clock: systemClock,
    serving: { of: async () => () => true, pushed: () => undefined, rulesOf: async () => null },
    wake: () => undefined,
    isStopping: () => stopping,
  });
  const push = (these: NewJobs) => pushAs(these, asRecord);
  const stop = (): void => {
    stopping = true;
  };
  const names = async (): Promise<readonly string[]> => {
    const { jobs: kept } = await store.jobs.list({
      ...{ filter: [], match: null, order: 'oldest', from: null, limit: 100_000, brief: true, lookAt: null },
    });
    return kept.map(({ name }) => name);
  };
  return { store, steps, push, pushAs, stop, names };
}

const asRecord: ShowJob<Job> = {
  pushed: (these, id, createdAt, left) => createJob(these, id, createdAt, createdAt, left),
  replayed: (job) => job,
};

/** What a push was cut short by. */
async function cutShort(push: Promise<unknown>): Promise<PushCutShort> {
  const error: unknown = await push.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof PushCutShort) return error;
  throw new Error(`it was not cut short: ${error}`);
}

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => String(at));

describe('a push', () => {
  it('shows what it has kept as it stands, without reading it: that could fail, and the jobs are kept', async () => {
    const { store, push, names } = pushing({ blind: true });
    const [awaited] = await store.jobs.push(jobs(1));
    if (awaited?.kind !== 'pushed') return expect.fail();
    const { options } = asked();
    const behind = jobs(1_500, { options: { ...options, after: { jobs: [awaited.id], onFailure: 'cancel' } } });
    const pushed = await push([...jobs(1), ...behind]);
    const standing = pushed.map((each) => ('job' in each ? `${each.kind} ${each.job.state} ${each.job.reason}` : each.kind));
    expect(new Set(standing)).toEqual(new Set(['pushed queued ', 'pushed scheduled after 1 left']));
    expect(await names()).toHaveLength(1_502);
  });

  it('of which earlier jobs cannot be read does not say that the others are not kept', async () => {
    const { store, push } = pushing({ blind: true });
    const keyed = asked({ idempotency: { key: 'k', digest: 'd' } });
    await store.jobs.push([keyed]);
    await expect(push([asked(), keyed])).rejects.toMatchObject({ code: 'unconfirmed' });
    const error = await cutShort(push([...jobs(1_000), asked(), keyed]));
    expect(error).toMatchObject({ code: 'unconfirmed', details: { kept: 1_000, unconfirmed: 2 } });
    // None of it is kept now, so it can be pushed again at once.
    await expect(push([keyed])).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('that fits is one step, also at the bounds', async () => {
    const { push, steps } = pushing();
    expect(await push([])).toEqual([]);
    await push(jobs(1));
    expect(await push(jobs(pushSlice.items))).toHaveLength(pushSlice.items);
    await push(jobs(4, { payload: `"${'x'.repeat(1_000_000)}"` }));
    expect(steps).toEqual([0, 1, pushSlice.items, 4]);
  });

  it('of one job is a step of its own, however large it is', async () => {
    const { push, steps } = pushing();
    await push([asked({ payload: `"${'x'.repeat(5_000_000)}"` })]);
    expect(steps).toEqual([1]);
  });

  it('of more is kept in slices, in order, bounded by number and by size', async () => {
    const { push, steps, names } = pushing();
    const pushed = await push(jobs(2_500));
    expect(steps).toEqual([1_000, 1_000, 500]);
    expect(await names()).toEqual(numbers(2_500));
    expect(pushed.map((each) => (each.kind === 'pushed' ? each.job.name : each.kind))).toEqual(numbers(2_500));
    steps.length = 0;
    await push(jobs(10, { payload: `"${'x'.repeat(1_000_000)}"` }));
    expect(steps).toEqual([4, 4, 2]);
  });

  it('takes jobs as they are made, and makes no more of them than the next slice while one is kept', async () => {
    const { push, steps } = pushing();
    let made = 0;
    let mostAhead = 0;
    function* making(): Generator<NewJob> {
      for (; made < 5_000; made++) {
        mostAhead = Math.max(mostAhead, made - steps.reduce((sum, each) => sum + each, 0));
        yield asked();
      }
    }
    expect(await push(making())).toHaveLength(5_000);
    expect(steps).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(mostAhead).toBeLessThanOrEqual(pushSlice.items + 1);
    async function* asTheyCome(): AsyncGenerator<NewJob> {
      yield* jobs(1_001);
    }
    expect(await push(asTheyCome())).toHaveLength(1_001);
  });

  it('is shown as its slices are kept, not when all are', async () => {
    const { pushAs, steps } = pushing();
    const at: number[] = [];
    const pushed = await pushAs<{ readonly id: string; readonly name: string; readonly state: JobState; readonly payload: unknown }>(
      jobs(2_500),
      {
        pushed({ name }, id) {
          at.push(steps.length);
          return { id, name, state: 'queued', payload: 'as the caller has it' };
        },
        replayed: (job) => job,
      },
    );
    expect(pushed[2_499]).toEqual({
      kind: 'pushed',
      job: { id: expect.any(String), name: '2499', state: 'queued', payload: 'as the caller has it' },
    });
    expect([at[0], at[999], at[1_000], at[2_499]]).toEqual([1, 1, 2, 3]);
  });

  it('gives others their turn between slices', async () => {
    const { push } = pushing();
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await push(jobs(5_000));
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  it('that fails in its first slice keeps nothing and throws what the store threw', async () => {
    const { push, names } = pushing({ failing: 1 });
    const failed = push(jobs(3_000));
    await expect(failed).rejects.toMatchObject({ code: 'store_unavailable', message: 'It failed.' });
    await expect(failed).rejects.not.toBeInstanceOf(PushCutShort);
    expect(await names()).toEqual([]);
  });

  it.each(['store_unavailable', 'store_full', 'unconfirmed'] as const)('that fails later says what it kept: %s', async (code) => {
    const { push, names, steps } = pushing({ failing: 3, code });
    const error = await cutShort(push(jobs(4_500)));
    expect(error).toMatchObject({ code, details: { kept: 2_000, ...(code === 'unconfirmed' ? { unconfirmed: 1_000 } : {}) } });
    expect(error.message).toMatch(/^It failed\. The first 2000 jobs are kept,/);
    expect(error.kept.map((each) => each.kind === 'pushed' && each.job.name)).toEqual(numbers(2_000));
    expect(await names()).toEqual(numbers(2_000));
    expect(steps).toEqual([1_000, 1_000, 1_000]);
  });

  it('can be repeated with idempotency keys', async () => {
    const { push, names } = pushing({ failing: 2 });
    const keyed = jobs(2_500).map((job) => ({ ...job, idempotency: { key: job.name, digest: 'd' } }));
    await cutShort(push(keyed));
    const again = await push(keyed);
    expect(again.map(({ kind }) => kind)).toEqual(keyed.map((_, at) => (at < 1_000 ? 'replayed' : 'pushed')));
    expect(await names()).toEqual(numbers(2_500));
  });

  it('whose jobs cannot all be made keeps those before, and says so', async () => {
    const { push, names } = pushing();
    function* breaking(what: unknown): Generator<NewJob> {
      yield* jobs(1_500);
      throw what;
    }
    const wrong = await cutShort(push(breaking(new HatstandError('too_large', 'The payload is too large.'))));
    expect(wrong).toMatchObject({ code: 'too_large', details: { kept: 1_000 } });
    expect(await names()).toHaveLength(1_000);
    const cause = new Error('no more');
    expect(await cutShort(push(breaking(cause)))).toMatchObject({ code: 'invalid_request', cause, details: { kept: 1_000 } });
  });

  it('that fails does not wait for its source, which may be silent for ever', async () => {
    const { push, steps } = pushing({ failing: 2 });
    const ended = Promise.withResolvers<void>();
    const silent = new Promise<never>(() => undefined);
    let asks = 0;
    const source: AsyncIterator<NewJob> = {
      next() {
        asks += 1;
        return asks <= 2_001 ? Promise.resolve({ done: false, value: asked() }) : silent;
      },
      return() {
        ended.resolve();
        return silent;
      },
    };
    const error = await cutShort(push({ [Symbol.asyncIterator]: () => source }));
    expect(error).toMatchObject({ code: 'store_unavailable', details: { kept: 1_000 } });
    expect(steps).toEqual([1_000, 1_000]);
    await ended.promise;
  });

  it('that fails tells of what is not kept before, as its keys belong to others', async () => {
    const { push, names } = pushing({ failing: 2 });
    const keyed = (job: NewJob, at: number): NewJob => ({ ...job, idempotency: { key: at < 7 ? 'same' : job.name, digest: job.name } });
    const error = await cutShort(push(jobs(2_500).map(keyed)));
    expect(error).toMatchObject({ code: 'store_unavailable', details: { kept: 994, conflicts: 6 } });
    expect(error.message).toContain('Of the first 1000 jobs 994 are kept and 6 are not, as their idempotency keys belong to other jobs,');
    expect(error.kept.map(({ kind }) => kind).slice(0, 8)).toEqual(['pushed', ...Array.from({ length: 6 }, () => 'conflict'), 'pushed']);
    expect(await names()).toHaveLength(994);
  });

  it('ends when the node stops', async () => {
    const { push, stop } = pushing();
    function* stopping(): Generator<NewJob> {
      yield* jobs(2_500);
      stop();
      yield* jobs(1_000);
    }
    const input: NewJobs = stopping();
    expect(await cutShort(push(input))).toMatchObject({ code: 'shutting_down', details: { kept: 2_000 } });
    await expect(push(jobs(1))).rejects.toMatchObject({ code: 'shutting_down' });
  });
});
