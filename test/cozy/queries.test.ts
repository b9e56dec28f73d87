/** What cozy-stack asks of the jobs that there are, as filters and lists of the library, and its purge, on each store. */
import { expect, it, onTestFinished } from 'vitest';
import { cancelMoves } from '../../src/core/transitions.ts';
import { makePurge } from '../../src/engine/api/purge.ts';
import { Hatstand, type Job, type JobState, openMemory } from '../../src/index.ts';
import { asked, kept, minute } from '../../src/stores/conformance/subject.ts';
import { type OpenStore, onEachStore } from '../support/each-store.ts';

async function opened(open: OpenStore) {
  const { store, advance } = await open();
  const hatstand = new Hatstand({ store, log: null });
  onTestFinished(() => hatstand.stop(0));
  const canceled = async (worker: string, domain = ''): Promise<string> => {
    const [pushed] = kept(await store.jobs.push([asked({ worker, domain })]));
    await store.jobs.change(pushed?.id ?? '', cancelMoves);
    return pushed?.id ?? '';
  };
  const ids = async (filter = ''): Promise<readonly string[]> => {
    const all: Job[] = [];
    for await (const { jobs } of hatstand.pages(filter)) all.push(...jobs);
    return all.map(({ id }) => id);
  };
  return { store, advance, hatstand, canceled, ids };
}

onEachStore('queries', (open) => {
  it('find a job by its id, and none where there is none', async () => {
    const { hatstand } = await opened(open);
    const job = await hatstand.push('mail', { n: 1 });
    expect(await hatstand.get(job.id)).toEqual(job);
    expect(await hatstand.get('123')).toBeNull();
  });

  it('find what waits and runs of a worker', async () => {
    const { hatstand, store, canceled, ids } = await opened(open);
    const jobs = [await hatstand.push('mail', 1), await hatstand.push('mail', 2), await hatstand.push('mail', 3, { delay: '1h' })];
    await hatstand.push('other', 1);
    await canceled('mail');
    const wants = () => [{ worker: 'mail', queues: 'any', slots: 1 }] as const;
    await store.jobs.claim({ operation: '1', holder: 'outside', attemptTtl: minute, wants });
    const waiting = jobs.map(({ id }) => id).toReversed();
    expect(await ids('worker:mail state:scheduled,queued,running,stopping')).toEqual(waiting);
    expect(await ids('worker:mail state:queued,running')).toEqual(waiting.slice(1));
  });

  it('find the newest of each state of a worker', async () => {
    const { hatstand, canceled, ids } = await opened(open);
    const ended = [await canceled('mail'), await canceled('mail'), await canceled('mail')];
    const waits = [await hatstand.push('mail', 1), await hatstand.push('mail', 2)];
    await canceled('other');
    const newest = async (state: JobState) => (await hatstand.list(`worker:mail state:${state}`, { limit: 2 })).jobs.map(({ id }) => id);
    expect(await newest('canceled')).toEqual(ended.slice(1).toReversed());
    expect(await newest('queued')).toEqual(waits.map(({ id }) => id).toReversed());
    expect(await newest('failed')).toEqual([]);
    expect(await ids('worker:mail')).toHaveLength(5);
  });

  it('find what was pushed before a date', async () => {
    const { hatstand, store, advance, ids } = await opened(open);
    const old = await hatstand.push('mail', 1);
    await advance(60 * minute);
    const date = new Date((await store.upkeep.time()).now).toISOString();
    await advance(minute);
    await hatstand.push('mail', 2);
    expect(await ids(`created:<${date}`)).toEqual([old.id]);
    expect(await ids(`-created:<${date}`)).toHaveLength(1);
  });

  it('find the jobs of a trigger, the newest first', async () => {
    const { hatstand, ids } = await opened(open);
    const made = await hatstand.triggers.add('mail', { type: '@every', arguments: '1h', id: 'nightly', domain: 'acme' });
    await hatstand.triggers.add('mail', { type: '@every', arguments: '1h', id: 'other', domain: 'acme' });
    const jobs = [await hatstand.triggers.launch(made), await hatstand.triggers.launch(made)];
    await hatstand.triggers.launch({ id: 'other', domain: 'acme' });
    expect(await ids('owner:trigger/acme/nightly')).toEqual(jobs.map((job) => job?.id).toReversed());
  });
});

onEachStore('a purge', (open) => {
  it('removes what ended long ago, but for the newest of each worker and domain, and nothing that has not ended', async () => {
    const { hatstand, advance, canceled, ids } = await opened(open);
    const mail = [await canceled('mail'), await canceled('mail'), await canceled('mail')];
    const ofAcme = [await canceled('mail', 'acme'), await canceled('mail', 'acme')];
    const report = await canceled('report');
    const waits = await hatstand.push('mail', 1);
    await advance(60 * minute);
    const young = await canceled('mail');
    expect(await hatstand.purge({ olderThan: '30m', keep: 2 })).toEqual({ looked: 7, purged: 2 });
    expect(await ids()).toEqual([young, waits.id, report, ...ofAcme.toReversed(), mail[2]]);
    expect(await hatstand.purge({ olderThan: '30m', keep: 2 })).toEqual({ looked: 5, purged: 0 });
  });

  it('is of the workers and the domain that are named alone', async () => {
    const { hatstand, advance, canceled, ids } = await opened(open);
    const kept = [await canceled('report', 'acme'), await canceled('mail'), await canceled('mail', 'other')];
    const gone = [await canceled('mail', 'acme'), await canceled('sms', 'acme')];
    await advance(60 * minute);
    expect(await hatstand.purge({ olderThan: '30m', keep: 0, workers: ['mail', 'sms'], domain: 'acme' })).toEqual({ looked: 2, purged: 2 });
    expect(await ids()).toEqual(kept.toReversed());
    expect(await hatstand.purge({ olderThan: '30m', keep: 0, domain: '' })).toEqual({ looked: 1, purged: 1 });
    expect((await hatstand.get(gone[0] ?? '')) ?? null).toBeNull();
  });

  it('keeps so many of each state, and measures from the end', async () => {
    const { hatstand, store, advance, canceled } = await opened(open);
    await hatstand.push('mail', 1);
    const wants = () => [{ worker: 'mail', queues: 'any', slots: 1 }] as const;
    const { jobs } = await store.jobs.claim({ operation: '1', holder: 'outside', attemptTtl: 200 * minute, wants });
    await canceled('mail');
    await advance(60 * minute);
    for (const { id, fence } of jobs) {
      const end = { kind: 'end', verb: 'succeed', to: 'succeeded', result: null, reason: '' } as const;
      expect(await store.jobs.settle({ id, fence }, { running: end })).toBe('settled');
    }
    expect(await hatstand.purge({ olderThan: '30m', keep: 1 })).toEqual({ looked: 2, purged: 0 });
    expect(await hatstand.purge({ olderThan: '30m', keep: 0 })).toEqual({ looked: 1, purged: 1 });
    expect(await hatstand.purge({ olderThan: 0, keep: 0 })).toEqual({ looked: 1, purged: 1 });
  });

  it('goes slice by slice, and stops where its caller stops', async () => {
    const { store, advance } = await opened(open);
    const pushed = kept(await store.jobs.push(Array.from({ length: 1_000 }, () => asked())));
    await Promise.all(pushed.map(({ id }) => store.jobs.change(id, cancelMoves)));
    await store.jobs.push([asked()]);
    await advance(2 * minute);
    const all = { olderThan: minute, keep: 10, workers: null, domain: null };
    const slices = makePurge(store)(all);
    expect((await slices.next()).value).toEqual({ looked: 500, purged: 490 });
    await slices.return();
    const counted = (await store.jobs.count()).map(({ counts }) => counts.canceled);
    expect(counted).toEqual([510]);
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(makePurge(store)(all, aborted).next()).rejects.toThrow('enough');
  });
});

it('a purge says what is wrong with what it is asked', async () => {
  const hatstand = new Hatstand({ store: openMemory(), log: null });
  onTestFinished(() => hatstand.stop(0));
  const purge = (options: object) => hatstand.purge(options as { olderThan: string });
  await expect(purge({})).rejects.toThrow(/purge needs how long ago/);
  await expect(purge({ olderThan: '14x' })).rejects.toThrow(/olderThan of purge/);
  await expect(purge({ olderThan: '1d', keep: -1 })).rejects.toThrow(/keep of purge must be a whole number from 0/);
  await expect(purge({ olderThan: '1d', workers: [] })).rejects.toThrow(/workers of purge must be a list of 1 to 100 names/);
  await expect(purge({ olderThan: '1d', workers: Array.from({ length: 101 }, (_, n) => `w${n}`) })).rejects.toThrow(/not of 101/);
  await expect(purge({ olderThan: '1d', worker: 'mail' })).rejects.toThrow(/purge has no option "worker"/);
});
