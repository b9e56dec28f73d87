/** How much of a job is kept once it goes on: so many attempts, so much of their outputs, however it came to have them. */
import { describe, expect, it } from 'vitest';
import type { Attempt, Job, JobResult } from '../../core/job.ts';
import { jobLimits } from '../../core/new-job.ts';
import { restartKeeping, settleMoves } from '../../core/transitions.ts';
import type { AttemptPage } from '../../ports/store/jobs.ts';
import { failure, minute, type Open, only, refOf, result, retrying, Subject } from './subject.ts';

const long = 'x'.repeat(1_100);
/** Two, three and four bytes. */
const wide = 'é€\u{1F600}'.repeat(200);

export function historySuite(open: Open): void {
  describe('the history of a job', () => {
    const subject = new Subject(open);

    const outputs = async (id: string): Promise<readonly (readonly [string, boolean])[]> =>
      (await subject.attempts(id)).map(({ result: { output, outputCut } }) => [output, outputCut] as const);
    const failWith = async (job: Job, shown: JobResult, keep: number): Promise<void> => {
      expect(await subject.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'failed', result: shown }, 0, keep))).toBe('settled');
      await subject.advance(60 * minute);
    };
    const page = (id: string, before: string | null, limit: number, output: number): Promise<AttemptPage> =>
      subject.store.jobs.attempts(id, { before, limit, output });

    it('keeps the beginnings of outputs once a job is tried again, and the record the newest one whole', async () => {
      await subject.push(retrying(9));
      const { id } = only(await subject.listAll());
      await failWith(await subject.claimOne(), { ...failure('no'), output: long }, 7);
      expect(await subject.get(id)).toMatchObject({ state: 'scheduled', result: { output: long, outputCut: false, error: 'no' } });
      expect(await outputs(id)).toEqual([['xxxxxxx', true]]);
      await failWith(await subject.claimOne(), { ...failure('no'), output: 'short' }, 5);
      await failWith(await subject.claimOne(), { ...failure('no'), output: 'short' }, 4);
      await failWith(await subject.claimOne(), { ...failure('no'), output: long }, 0);
      await failWith(await subject.claimOne(), { ...failure('no'), output: long }, 1_100);
      await subject.succeed(await subject.claimOne(), long);
      expect((await subject.get(id)).result).toEqual(result(long));
      expect(await outputs(id)).toEqual([
        [long, false],
        ['', true],
        ['shor', true],
        ['short', false],
        ['xxxxxxx', true],
      ]);
      expect(only((await subject.attempts(id)).slice(-1))).toMatchObject({ result: { statusCode: 500, error: 'no' } });
    });

    it.each([
      [1, ''],
      [2, 'é'],
      [4, 'é'],
      [5, 'é€'],
      [8, 'é€'],
      [9, 'é€\u{1F600}'],
      [10, 'é€\u{1F600}'],
    ])('cuts after %i bytes where a character ends', async (bytes, kept) => {
      const job = await subject.running(retrying(2));
      await failWith(job, { ...failure('no'), output: wide }, bytes);
      expect(await outputs(job.id)).toEqual([[kept, true]]);
      await failWith(await subject.claimOne(), { ...failure('no'), output: wide.slice(0, 4) }, bytes);
      await subject.store.jobs.change(job.id, restartKeeping(bytes));
      expect((await outputs(job.id))[0]).toEqual([kept, bytes < 9]);
    });

    it('keeps the beginning of the last output once a job is restarted', async () => {
      for (const output of ['short', long]) {
        const job = await subject.running();
        await subject.succeed(job, output);
        expect(await subject.store.jobs.change(job.id, restartKeeping(7))).toMatchObject({
          kind: 'changed',
          job: { result: { output: '' } },
        });
        expect(await outputs(job.id)).toEqual([output === long ? ['xxxxxxx', true] : [output, false]]);
        await subject.succeed(await subject.claimOne());
      }
    });

    it('keeps the newest 100 attempts, also of a job that is restarted, or handed back, for ever', async () => {
      const { history } = jobLimits;
      const again = await subject.running();
      for (let i = 0; i < history + 3; i++) {
        await subject.succeed(i === 0 ? again : await subject.claimOne(), String(i));
        await subject.store.jobs.change(again.id, restartKeeping(99));
      }
      const restarted = (await subject.attempts(again.id)).map(({ result: { output } }) => Number(output));
      expect(restarted).toEqual(Array.from({ length: history }, (_, at) => history + 2 - at));
      for (let i = 0; i < history + 3; i++) await subject.release(await subject.claimOne());
      expect(new Set((await subject.attempts(again.id)).map(({ end }) => end))).toEqual(new Set(['returned']));
      expect(await subject.attempts(again.id)).toHaveLength(history);
    });

    it('comes with no more of each output than is asked for', async () => {
      const job = await subject.running(retrying(2));
      await failWith(job, { ...failure('no'), output: wide }, 10_000);
      const shown = async (bytes: number): Promise<readonly Attempt['result'][]> =>
        (await page(job.id, null, 9, bytes)).attempts.map((attempt) => attempt.result);
      const whole = { ...failure('no'), output: wide };
      expect(await shown(10_000)).toEqual([whole]);
      expect(await shown(5)).toEqual([{ ...whole, output: 'é€', outputCut: true }]);
      expect(await shown(0)).toEqual([{ ...whole, output: '', outputCut: true }]);
    });

    it('comes in pages of about a megabyte, with one attempt at least', async () => {
      const large = 'y'.repeat(400_000);
      await subject.push(retrying(9));
      const { id } = only(await subject.listAll());
      for (const output of [large, large, large, large.repeat(4), large])
        await failWith(await subject.claimOne(), { ...failure('no'), output }, 2_000_000);
      const lengths: number[][] = [];
      for (let before: string | null = null, more = true; more; ) {
        const next: AttemptPage = await page(id, before, 9, 2_000_000);
        lengths.push(next.attempts.map(({ result: { output } }) => output.length / large.length));
        before = next.attempts.at(-1)?.fence ?? null;
        more = next.more;
      }
      expect(lengths).toEqual([[1], [4], [1, 1], [1]]);
      expect((await page(id, null, 9, 100)).attempts).toHaveLength(5);
    });

    it('is cut by a sweep to what is to be kept of outputs, once for each smaller number of bytes', async () => {
      for (let i = 0; i < 5; i++) {
        const job = await subject.running(retrying(3));
        await failWith(job, { ...failure('no'), output: wide }, 10_000);
        await failWith(await subject.claimOne(), { ...failure('no'), output: i === 2 ? 'short' : long }, 10_000);
        await subject.succeed(await subject.claimOne(), long);
      }
      const retention = { ended: null, journal: 1_000_000 * minute, told: null, idempotency: 1_000_000 * minute, limit: 2 };
      const sweepTo = async (output: number): Promise<number> => {
        for (let cut = 0; ; ) {
          const { outputs: now, more } = await subject.store.upkeep.sweep({ ...retention, output });
          cut += now;
          if (!more) return cut;
        }
      };
      expect(await sweepTo(10_000)).toBe(0);
      expect(await sweepTo(9)).toBe(9);
      for (const [at, job] of (await subject.listAll()).entries()) {
        expect(job.result.output).toBe(long);
        expect(await outputs(job.id)).toEqual([at === 2 ? ['short', false] : ['xxxxxxxxx', true], ['é€\u{1F600}', true]]);
      }
      expect(await sweepTo(9)).toBe(0);
      expect(await sweepTo(10_000)).toBe(0);
      expect(await sweepTo(4)).toBe(10);
      expect(await outputs(only(await subject.listAll().then((jobs) => jobs.slice(2, 3))).id)).toEqual([
        ['shor', true],
        ['é', true],
      ]);
    });
  });
}
