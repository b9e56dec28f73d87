/** What cozy-stack's tests of brokers and workers ask for, of the library on each store. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { defineWorker, Hatstand, type Job, type WorkerContext } from '../../src/index.ts';
import { type OpenStore, onEachStore } from '../support/each-store.ts';

/** One that has started, on a store of its own. */
async function started(open: OpenStore): Promise<Hatstand> {
  const hatstand = new Hatstand({ store: (await open()).store, log: null });
  onTestFinished(() => hatstand.stop(0));
  await hatstand.start();
  return hatstand;
}

const endOf = async (hatstand: Hatstand, job: Job): Promise<Job> => (await hatstand.wait(job)) ?? expect.fail('the job is gone');

/** Tries four times, each after a moment. */
const fourTimes = { attempts: 4, backoff: '1ms' } as const;
interface Numbered {
  readonly n: number;
}

/** Rejects as soon as its attempt should end. */
const untilItsTimeIsUp = ({ signal }: WorkerContext): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

onEachStore('workers', (open) => {
  it('run all that is pushed at once, with what was pushed, each in its own system, four at a time', async () => {
    const systems = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const hatstand = await started(open);
        const counts = { running: 0, most: 0 };
        const all = Promise.withResolvers<void>();
        const work = hatstand.worker('work', { concurrency: 4 }, async (message: { readonly system: string; readonly n: number }) => {
          counts.running += 1;
          counts.most = Math.max(counts.most, counts.running);
          if (counts.running === 4) all.resolve();
          await all.promise;
          counts.running -= 1;
          return message;
        });
        return { name, hatstand, work, counts };
      }),
    );
    for (const { name, hatstand, work, counts } of systems) {
      const jobs = await Promise.all(Array.from({ length: 10 }, (_, n) => work.push({ system: name, n })));
      const ends = await Promise.all(jobs.map((job) => endOf(hatstand, job)));
      expect(ends.map(({ result, attempt }) => [result, attempt])).toEqual(Array.from({ length: 10 }, (_, n) => [{ system: name, n }, 1]));
      expect(counts).toEqual({ running: 0, most: 4 });
    }
  });

  it('run what people ask for beside the rest, and leave nothing behind when they are stopped', async () => {
    const [one, two] = [await started(open), await started(open)];
    let runs = 0;
    const work = (hatstand: Hatstand) =>
      hatstand.worker('work', { concurrency: 2 }, () => {
        runs += 1;
      });
    const [first, second] = [work(one), work(two)];
    const jobs = [await first.push(undefined)];
    for (let n = 0; n < 10; n++) jobs.push(await first.push(undefined));
    const asked = await Promise.all(Array.from({ length: 10 }, () => second.push(undefined, { manual: true })));
    for (const job of jobs) expect(await endOf(one, job)).toMatchObject({ state: 'succeeded', manual: false });
    for (const job of asked) expect(await endOf(two, job)).toMatchObject({ state: 'succeeded', manual: true });
    expect(runs).toBe(21);
    await Promise.all([one.stop(0), two.stop(0)]);
  });

  it('see a message that is missing as missing, null as null, and what is in the envelope of old jobs', async () => {
    const hatstand = await started(open);
    const seen = defineWorker({ name: 'seen', run: ({ message }) => (message === undefined ? 'nothing' : { message }) });
    hatstand.worker(seen);
    const resultOf = async (...message: readonly [unknown?]) => (await endOf(hatstand, await hatstand.push(seen, ...message))).result;
    expect(await resultOf()).toBe('nothing');
    expect(await resultOf(null)).toEqual({ message: null });
    const Data = Buffer.from('{"to":"José"}').toString('base64');
    expect(await resultOf({ Data, Type: 'json' })).toEqual({ message: { to: 'José' } });
    expect(await resultOf({ Data, Type: 'other' })).toEqual({ message: { Data, Type: 'other' } });
  });

  it('are told that their time is up, and the job ends', async () => {
    const hatstand = await started(open);
    const slow = defineWorker({ name: 'slow', timeout: '1ms', run: untilItsTimeIsUp });
    hatstand.worker(slow);
    expect(await endOf(hatstand, await hatstand.push(slow))).toMatchObject({ state: 'failed', attempt: 1, cause: 'timeout' });
  });

  it('are called again until they succeed', async () => {
    const hatstand = await started(open);
    let calls = 0;
    const slow = defineWorker({
      ...{ name: 'slow', timeout: '50ms', ...fourTimes },
      run: (context) => (++calls < 4 ? untilItsTimeIsUp(context) : calls),
    });
    hatstand.worker(slow);
    const end = await endOf(hatstand, await hatstand.push(slow));
    expect([end.state, end.attempt, end.result, calls]).toEqual(['succeeded', 4, 4, 4]);
    expect((await hatstand.history(end)).map(({ end: how }) => how)).toEqual(['succeeded', 'failed', 'failed', 'failed']);
  });

  describe('that throw', () => {
    it.each<readonly [string, () => never]>([
      ['an error', () => expect.fail('an error')],
      [
        'what is none',
        () => {
          throw undefined;
        },
      ],
    ])('%s are called as often as they may be, and the process goes on', async (_, run) => {
      const hatstand = await started(open);
      let calls = 0;
      const broken = defineWorker({
        ...{ name: 'broken', ...fourTimes },
        run() {
          calls += 1;
          return run();
        },
      });
      hatstand.worker(broken);
      expect(await endOf(hatstand, await hatstand.push(broken))).toMatchObject({ state: 'failed', attempt: 4, cause: 'thrown' });
      expect(calls).toBe(4);
    });

    it('are in the way of no other job', async () => {
      const hatstand = await started(open);
      const odd = hatstand.worker('odd', { concurrency: 1 }, ({ n }: Numbered) => (n % 2 === 0 ? expect.fail('even') : n));
      const jobs = await odd.pushMany(Array.from({ length: 8 }, (_, n) => ({ n })));
      const ends = await Promise.all(jobs.map((job) => endOf(hatstand, job)));
      expect(ends.map(({ state, result }) => result ?? state)).toEqual(['failed', 1, 'failed', 3, 'failed', 5, 'failed', 7]);
    });
  });
});
