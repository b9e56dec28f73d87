/** What holders tell of their attempts, and what is kept of it. */
import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../core/definition.ts';
import type { Job } from '../../core/job.ts';
import { progressOf, reportLimits, sizeOfLine } from '../../core/report.ts';
import { cancelMoves, deletable, restartMoves } from '../../core/transitions.ts';
import { asked, kept, line, minute, type Open, only, refOf, retrying, Subject, second } from './subject.ts';

export function reportSuite(open: Open): void {
  const subject = new Subject(open);
  const texts = async ({ id }: Pick<Job, 'id'>): Promise<readonly string[]> => (await subject.linesOf(id)).map(({ text }) => text);
  const shownProgress = async ({ id }: Pick<Job, 'id'>): Promise<string | undefined> =>
    progressOf(await subject.get(id), (await subject.log(id)).progress)?.value;

  describe('a report', () => {
    it('keeps lines and progress beside the job', async () => {
      const job = await subject.running();
      const lines = [
        line(1, 'é \u{1F600}\n\u0000%;', { level: 'debug', ago: 2 * minute }),
        line(2, '', { level: 'error', fields: '{"a":"\u{1F600}\\n"}' }),
        line(3, 'x', { level: 'warn', fields: '{}' }),
      ];
      expect(await subject.report(job, { progress: '{"done":1}', lines })).toEqual({ kind: 'reported', pushed: [], known: 0 });
      const { lines: kept, progress, ...rest } = await subject.log(job.id);
      expect(rest).toEqual({ more: false, dropped: 0 });
      expect(kept.map(({ at: _, ...told }) => told)).toEqual(
        lines.map(({ number, level, text, fields }) => ({ fence: job.fence, number, level, text, fields })),
      );
      const [first = 0, ...others] = kept.map(({ at }) => at);
      for (const at of others) expect(Math.abs(at - first - 2 * minute)).toBeLessThan(10 * second);
      expect(Math.abs(first + 2 * minute - (job.startedAt ?? 0))).toBeLessThan(10 * second);
      expect(progress).toEqual({ fence: job.fence, at: expect.any(Number), value: '{"done":1}' });
      expect(await subject.get(job.id)).toEqual(job);
    });

    it('leaves as it was what it does not name', async () => {
      const job = await subject.running();
      await subject.report(job, { progress: '1' });
      await subject.report(job, { lines: [line(1)] });
      expect(await subject.report(job, { lines: [line(1)] })).toMatchObject({ known: 1 });
      expect(await subject.report(job, {})).toEqual({ kind: 'reported', pushed: [], known: 0 });
      await subject.report(job, { lines: [line(2)] });
      expect(await subject.log(job.id)).toMatchObject({ progress: { value: '1' }, lines: [{ text: 'line 1' }, { text: 'line 2' }] });
    });

    it('tells nothing twice when it is repeated', async () => {
      const job = await subject.running();
      await subject.report(job, { lines: [line(1), line(2)] });
      await subject.report(job, { lines: [line(1), line(2), line(3)] });
      await subject.report(job, { lines: [line(2)] });
      expect(await subject.log(job.id)).toMatchObject({ lines: [{ number: 1 }, { number: 2 }, { number: 3 }], dropped: 0 });
    });

    it('counts the numbers that it passes over', async () => {
      const job = await subject.running(retrying(2));
      await subject.report(job, { lines: [line(3), line(7)] });
      expect((await subject.log(job.id)).dropped).toBe(5);
      await subject.fail(job);
      await subject.advance(60 * minute);
      await subject.report(await subject.claimOne(), { lines: [line(2)] });
      expect(await subject.log(job.id)).toMatchObject({ dropped: 6, lines: [{ number: 3 }, { number: 7 }, { number: 2 }] });
    });

    it('keeps jobs in the same step, and answers for each', async () => {
      const job = await subject.running();
      const keyed = asked({ idempotency: { key: 'k', digest: 'd' } });
      const first = await subject.report(job, { push: [asked({ name: 'child' }), keyed], lines: [line(1)] });
      if (first.kind === 'lost') throw new Error('the attempt is held');
      expect(first.pushed.map(({ kind }) => kind)).toEqual(['pushed', 'pushed']);
      const [child, other] = kept(first.pushed);
      expect(await subject.get(child?.id ?? '')).toMatchObject({ name: 'child', state: 'queued' });
      expect(await subject.report(job, { push: [keyed, { ...keyed, idempotency: { key: 'k', digest: 'e' } }] })).toMatchObject({
        pushed: [
          { kind: 'replayed', id: other?.id },
          { kind: 'conflict', id: other?.id },
        ],
      });
      expect(await subject.listAll()).toHaveLength(3);
      expect((await subject.claim(9)).map(({ id }) => id)).toEqual([child?.id, other?.id]);
    });

    it('keeps jobs of a definition as its own', async () => {
      const owner = ownerOf({ kind: 'trigger', domain: '', key: 'a' });
      const job = await subject.running();
      const told = await subject.report(job, { push: [asked({ owner, about: '{"parent":"1"}', start: { delay: minute } })] });
      const { id } = only(kept(told.kind === 'lost' ? [] : told.pushed));
      expect(await subject.get(id)).toMatchObject({ owner, about: '{"parent":"1"}', state: 'scheduled' });
      expect((await subject.store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
    });

    it('tells a holder of a cancel, and keeps what it brings', async () => {
      const job = await subject.running();
      await subject.store.jobs.change(job.id, cancelMoves);
      expect(await subject.report(job, { lines: [line(1)], push: [asked()] })).toMatchObject({
        kind: 'stopping',
        pushed: [{ kind: 'pushed' }],
      });
      expect(await texts(job)).toEqual(['line 1']);
    });

    it('keeps nothing under another fence, or of an attempt that is over', async () => {
      const everything = { ttl: minute, progress: '1', lines: [line(1)], push: [asked()] };
      const job = await subject.running(retrying(3));
      const lost = async (ref: Parameters<Subject['report']>[0]): Promise<void> =>
        expect(await subject.report(ref, everything)).toEqual({ kind: 'lost' });
      await lost({ id: job.id, fence: '1' });
      await lost({ id: job.id, fence: String(BigInt(job.fence) + 1n) });
      await lost({ id: '1', fence: job.fence });
      for (const id of ['', 'x', '-1', '9'.repeat(30)]) await lost({ id, fence: job.fence });
      await subject.fail(job);
      await lost(job);
      await subject.advance(60 * minute);
      const again = await subject.claimOne();
      await lost(job);
      await subject.succeed(again);
      await lost(again);
      await subject.store.jobs.change(job.id, restartMoves);
      await lost(again);
      expect(await subject.log(job.id)).toEqual({ lines: [], more: false, dropped: 0, progress: null });
      expect(await subject.listAll()).toHaveLength(1);
    });

    it('of a buried node is that of a zombie', async () => {
      const job = await subject.running();
      await subject.advance(200 * 60 * minute);
      await subject.buryFor(2 * minute);
      expect(await subject.report(job, { lines: [line(1)] })).toEqual({ kind: 'lost' });
      expect(await texts(job)).toEqual([]);
    });

    it('travels before the settle of its turn', async () => {
      const job = await subject.running();
      const [told, settled] = await Promise.all([
        subject.report(job, { lines: [line(1, 'the last words')], progress: '1' }),
        subject.succeed(job),
      ]);
      expect([told.kind, settled]).toEqual(['reported', 'settled']);
      expect(await texts(job)).toEqual(['the last words']);
      expect(await shownProgress(job)).toBe('1');
    });

    it('of a node does not give its attempt a deadline', async () => {
      const job = await subject.running();
      expect(await subject.report(job, { ttl: second })).toMatchObject({ kind: 'reported' });
      await subject.advance(minute);
      expect((await subject.store.nodes.bury(60 * minute, minute)).attempts).toBe(0);
      expect(await subject.stateOf(job.id)).toBe('running');
    });
  });

  describe('the log of a job', () => {
    it('goes on over attempts and runs, in their order', async () => {
      const job = await subject.running(retrying(2));
      await subject.report(job, { lines: [line(1, 'first')], progress: '0.1' });
      await subject.fail(job);
      expect(await shownProgress(job)).toBeUndefined();
      await subject.advance(60 * minute);
      const second = await subject.claimOne();
      expect(await shownProgress(job)).toBeUndefined();
      await subject.report(second, { lines: [line(1, 'second')], progress: '0.2' });
      expect(await shownProgress(job)).toBe('0.2');
      await subject.succeed(second);
      expect(await shownProgress(job)).toBe('0.2');
      await subject.store.jobs.change(job.id, restartMoves);
      expect(await shownProgress(job)).toBeUndefined();
      const third = await subject.claimOne();
      await subject.report(third, { lines: [line(1, 'third')] });
      expect(await texts(job)).toEqual(['first', 'second', 'third']);
      expect((await subject.linesOf(job.id)).map(({ fence }) => fence)).toEqual([job.fence, second.fence, third.fence]);
    });

    it('comes in pages, from any place on', async () => {
      const job = await subject.running(retrying(2));
      await subject.report(job, { lines: [line(1), line(2), line(5)] });
      await subject.fail(job);
      await subject.advance(60 * minute);
      const again = await subject.claimOne();
      await subject.report(again, { lines: [line(1), line(2)] });
      const page = async (fence: string | null, number: number, limit: number): Promise<unknown> => {
        const { lines, more } = await subject.store.jobs.lines(job.id, fence === null ? null : { fence, number }, limit);
        return [lines.map((each) => `${each.fence === job.fence ? 'a' : 'b'}${each.number}`).join(' '), more];
      };
      expect(await page(null, 0, 2)).toEqual(['a1 a2', true]);
      expect(await page(null, 0, 0)).toEqual(['', true]);
      expect(await page(null, 0, 5)).toEqual(['a1 a2 a5 b1 b2', false]);
      expect(await page(job.fence, 2, 2)).toEqual(['a5 b1', true]);
      expect(await page(job.fence, 3, 1)).toEqual(['a5', true]);
      expect(await page(job.fence, 9, 5)).toEqual(['b1 b2', false]);
      expect(await page('1', 1, 1)).toEqual(['a1', true]);
      expect(await page(again.fence, 1, 9)).toEqual(['b2', false]);
      expect(await page(again.fence, 2, 9)).toEqual(['', false]);
      expect(await page('9223372036854775807', 0, 9)).toEqual(['', false]);
      for (const id of ['', 'x', '1', '9'.repeat(30)])
        expect(await subject.store.jobs.lines(id, null, 9)).toEqual({ lines: [], more: false, dropped: 0, progress: null });
    });

    it('keeps the newest lines, and counts the others', async () => {
      const { keptLines, lines: most } = reportLimits;
      const job = await subject.running();
      const all = Array.from({ length: keptLines + 2 * most - 7 }, (_, at) => line(at + 1));
      for (let from = 0; from < all.length; from += most) await subject.report(job, { lines: all.slice(from, from + most) });
      const { lines, dropped } = await subject.log(job.id);
      expect([lines.length, lines[0]?.number, lines.at(-1)?.number, dropped]).toEqual([keptLines, 2 * most - 6, all.length, 2 * most - 7]);
      await subject.report(job, { lines: [line(all.length + 1)] });
      expect(await subject.log(job.id)).toMatchObject({ dropped: 2 * most - 6, lines: { length: keptLines } });
    });

    it('keeps no more characters than it may', async () => {
      const job = await subject.running();
      const long = line(1, 'é'.repeat(reportLimits.text), { fields: JSON.stringify({ a: 'é'.repeat(4_000) }) });
      const fit = Math.floor(reportLimits.keptCharacters / sizeOfLine(long));
      for (let at = 1; at <= fit + 5; at++) await subject.report(job, { lines: [{ ...long, number: at }] });
      const { lines, dropped } = await subject.log(job.id);
      expect([lines.map(({ number }) => number), dropped]).toEqual([Array.from({ length: fit }, (_, at) => at + 6), 5]);
      expect(lines[0]).toMatchObject({ text: long.text, fields: long.fields });
    });

    it('goes with its job: removed, swept or set aside', async () => {
      const jobs: Job[] = [];
      for (let i = 0; i < 4; i++) {
        const job = await subject.running();
        jobs.push(job);
        await subject.report(job, { lines: [line(1, 'a line to remember')], progress: '"how far"' });
      }
      const [removed, aside, kept, swept] = jobs;
      if (removed === undefined || aside === undefined || kept === undefined || swept === undefined) throw new Error('there are four');
      await subject.succeed(removed);
      await subject.store.jobs.remove(removed.id, deletable);
      await subject.store.upkeep.setAside(aside.id, 'a test');
      const { raw } = only((await subject.store.upkeep.unreadable(null, 9)).records);
      expect(raw).toContain('a line to remember');
      expect(raw).toContain('how far');
      await subject.succeed(swept);
      await subject.advance(minute);
      const retention = { told: null, journal: 1_000 * minute, idempotency: 1_000 * minute, output: 1_000_000, limit: 100 };
      expect(await subject.store.upkeep.sweep({ ended: second, ...retention })).toMatchObject({ jobs: 1 });
      for (const { id } of [removed, aside, swept]) {
        expect(await subject.log(id)).toEqual({ lines: [], more: false, dropped: 0, progress: null });
        expect(await subject.report(refOf({ id, fence: aside.fence }), { lines: [line(1)] })).toEqual({ kind: 'lost' });
      }
      expect(await subject.log(kept.id)).toMatchObject({ lines: { length: 1 }, progress: { value: '"how far"' } });
      expect((await subject.store.upkeep.scrub(null, 10_000)).repaired).toEqual({});
    });
  });
}
