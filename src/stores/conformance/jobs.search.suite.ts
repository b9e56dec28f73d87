import { describe, expect, it } from 'vitest';
import { type Filter, matchesFilter, parseFilter } from '../../core/filter.ts';
import type { JobId } from '../../core/id.ts';
import { jobStates } from '../../core/job.ts';
import type { JobQuery, PatternMatch } from '../../ports/store/jobs.ts';
import { hostileJobs, hostilePatterns, hugePatterns, slowPattern } from './hostile.ts';
import { all, asked, kept, type Open, Subject } from './subject.ts';

const stateWords = Object.fromEntries(jobStates.map((state) => [state, state])) as PatternMatch['stateWords'];
const termed = (term: string): JobQuery => ({ ...all, brief: true, match: { name: null, term, stateWords } });

/** Longer than anything takes that waits for no expression, on a slow machine; a page's expressions may take five seconds. */
const soon = 2_500;
const minutes = 60_000;

export function searchSuite(open: Open): void {
  describe('a search', () => {
    const subject = new Subject(open);

    const pushMany = async (count: number): Promise<void> => {
      for (let pushed = 0; pushed < count; pushed += 500) kept(await subject.store.jobs.push(hostileJobs(500, pushed)));
    };

    const pushNames = async (count: number): Promise<readonly JobId[]> =>
      kept(await subject.store.jobs.push(hostileJobs(count).map(({ name }) => asked({ name })))).map(({ id }) => id);

    it('refuses an expression that compiles to too much, also where there are no jobs', async () => {
      for (const term of hugePatterns) {
        const searched = subject.store.jobs.list(termed(term));
        await expect(searched, term).rejects.toMatchObject({
          code: 'invalid_filter',
          message: expect.stringMatching(/steps|large|Make it/),
        });
      }
    });

    it(
      'by a hostile expression holds up nobody else',
      async () => {
        await pushMany(10_000);
        const needle = await subject.push({ name: 'needle 7', comment: 'c'.repeat(100) });
        let underWay = hostilePatterns.length;
        const outcomes = hostilePatterns.map((term) =>
          subject.store.jobs
            .list(termed(term))
            .then(
              ({ jobs, next }) => expect(jobs.length > 0 || next === null || next !== '0').toBe(true),
              (error: unknown) => expect(error).toMatchObject({ code: 'invalid_filter' }),
            )
            .finally(() => (underWay -= 1)),
        );
        const took: number[] = [];
        const time = async <T>(work: () => Promise<T>): Promise<T> => {
          const began = performance.now();
          const answer = await work();
          took.push(performance.now() - began);
          return answer;
        };
        const filter = parseFilter('name:needle* worker:w', needle.createdAt);
        while (underWay > 0) {
          expect((await time(() => subject.store.jobs.list({ ...all, limit: 20 }))).jobs).toHaveLength(20);
          expect((await time(() => subject.store.jobs.list({ ...all, filter, order: 'newest', limit: 1 }))).jobs).toHaveLength(1);
          expect(await time(() => subject.store.jobs.get(needle.id))).not.toBeNull();
          await time(() => subject.store.jobs.push([asked()]));
          const found = await subject.store.jobs.list({ ...termed('^needle \\d$'), order: 'newest', limit: 1 });
          expect(found.jobs.map(({ id }) => id)).toEqual([needle.id]);
        }
        await Promise.all(outcomes);
        expect(Math.max(...took)).toBeLessThan(soon);
        expect(took.length).toBeGreaterThan(8);
      },
      2 * minutes,
    );

    it(
      'ends where it is when its expression takes long, and goes on from there',
      async () => {
        const ids = await pushNames(1_000);
        const slow = termed(slowPattern);
        const first = await subject.store.jobs.list(slow);
        expect(first.jobs).toEqual([]);
        expect(ids.slice(1)).toContain(first.next);
        const second = await subject.store.jobs.list({ ...slow, from: first.next });
        expect(ids.slice(ids.indexOf(first.next ?? '') + 1)).toContain(second.next);
      },
      minutes,
    );

    it('ends with its signal', async () => {
      await pushNames(1_000);
      const ending = new AbortController();
      const searched = subject.store.jobs.list(termed(slowPattern), ending.signal);
      await subject.store.jobs.list({ ...termed('^none$'), limit: 1 });
      const began = performance.now();
      const reason = new Error('the client has left');
      ending.abort(reason);
      await expect(searched).rejects.toBe(reason);
      expect(performance.now() - began).toBeLessThan(soon);
      await expect(subject.store.jobs.list(termed('x'), ending.signal)).rejects.toBe(reason);
    });

    it('ends with its store', async () => {
      await pushMany(1_000);
      const searched = hostilePatterns.map((term) => subject.store.jobs.list(termed(term)).catch(() => {}));
      await subject.store.jobs.list({ ...termed('^none$'), limit: 1 });
      const began = performance.now();
      await subject.store.close();
      expect(performance.now() - began).toBeLessThan(soon);
      await Promise.all(searched);
    });
  });

  manySuite(open);
}

/** As many values as anybody may name. */
const many = 500;

function manySuite(open: Open): void {
  describe('a filter of many values', () => {
    const subject = new Subject(open);
    const values = Array.from({ length: many }, (_, at) => at);
    const textFilters: readonly Filter[] = (['queue', 'name', 'worker', 'url', 'domain', 'owner'] as const).flatMap((field) =>
      [false, true].flatMap((not) => [
        [{ field, not, any: values.map((at) => ({ text: `v${at * 2}`, prefix: false })) }],
        [{ field, not, any: values.map((at) => ({ text: `v${at}`, prefix: true })) }],
        [{ field, not, any: values.map((at) => ({ text: `v${at}`, prefix: at % 2 === 0 })) }],
      ]),
    );

    it('means the same as one of few', async () => {
      const jobs = await subject.pushAll(
        values.slice(0, 40).map((at) => {
          const value = `v${at * 25}`;
          return asked({ name: value, queue: value, url: value, domain: at % 2 === 0 ? value : '', owner: at % 3 === 0 ? value : '' });
        }),
      );
      const ids = values.map((at) => jobs[at]?.id ?? String(at + 1));
      const states = values.map((at) => jobStates[at % jobStates.length] ?? 'queued');
      const filters: readonly Filter[] = [
        ...textFilters,
        ...[false, true].flatMap((not): Filter[] => [
          [{ field: 'id', not, any: ids }],
          [{ field: 'id', not, any: ids.toReversed() }],
          [{ field: 'state', not, any: states }],
        ]),
        Array.from({ length: 32 }, (_, at) => ({ field: 'name' as const, not: at % 2 === 0, any: [{ text: `v${at}`, prefix: true }] })),
      ];
      for (const filter of filters) {
        for (const order of ['oldest', 'newest'] as const) {
          const meant = jobs.filter((job) => matchesFilter(job, filter)).map(({ id }) => id);
          const found = await subject.store.jobs.list({ ...all, filter, order });
          expect(
            found.jobs.map(({ id }) => id),
            JSON.stringify(filter).slice(0, 80),
          ).toEqual(order === 'oldest' ? meant : meant.toReversed());
        }
      }
    });

    it('is read whole from the longest text', async () => {
      const job = await subject.push({ queue: '7' });
      for (const field of ['queue', 'name', 'owner', 'id', '-queue', '-id']) {
        const text = `${field}:${values.join(',')}`.slice(0, 1_024).replace(/,\d*$/, '');
        const filter = parseFilter(text, job.createdAt);
        const found = await subject.store.jobs.list({ ...all, filter });
        expect(found.jobs.length, field).toBe(matchesFilter(job, filter) ? 1 : 0);
      }
      const single = parseFilter(`queue:${'7,'.repeat(508)}7`, job.createdAt);
      expect((await subject.store.jobs.list({ ...all, filter: single })).jobs).toHaveLength(1);
    });
  });
}
