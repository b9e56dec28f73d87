import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureCauses } from '../../core/cause.ts';
import { type Filter, type FilterTerm, matchesFilter, parseFilter, textFields, timeFields } from '../../core/filter.ts';
import { compareIds, type JobId } from '../../core/id.ts';
import { type Job, jobStates, noResult } from '../../core/job.ts';
import { cancelMoves, restartMoves } from '../../core/transitions.ts';
import type { JobPage, JobQuery, PatternMatch } from '../../ports/store/jobs.ts';
import { all, anyQueue, asked, minute, noJobs, type Open, only, retrying, Subject } from './subject.ts';

const stateWords = {
  scheduled: 'waiting',
  queued: 'waiting',
  running: 'running',
  stopping: 'canceling',
  succeeded: 'success',
  failed: 'failure',
  canceled: 'canceled',
} as const;
const matching = (match: Partial<PatternMatch>): JobQuery => ({ ...all, match: { name: null, term: null, stateWords, ...match } });

/** Thirty jobs that differ in all that filters look at. */
async function fill(subject: Subject): Promise<readonly Job[]> {
  const names = ['', 'mail', 'Mail', 'mail 2', 'máil%_', 'a*b', "o'h"];
  await subject.pushAll(
    Array.from({ length: 30 }, (_, i) =>
      asked({
        name: names[i % names.length] ?? '',
        queue: ['q', 'q.1', 'r'][i % 3] ?? 'q',
        worker: i % 4 === 0 ? 'v' : 'w',
        domain: i % 5 === 0 ? 'tenant' : '',
        url: i % 2 === 0 ? `http://host/${i}` : '',
        comment: i % 7 === 0 ? 'urgent' : '',
        payload: `{"n":${i}}`,
        start: i % 6 === 0 ? { delay: (i + 1) * minute } : null,
      }),
    ),
  );
  for (let i = 0; i < 6; i++) {
    const { jobs } = await subject.request([anyQueue(2, 'w'), anyQueue(1, 'v')]);
    const [a, b, c] = jobs;
    if (a !== undefined) await subject.succeed(a, 'output');
    if (b !== undefined)
      await (i % 2 === 0 ? subject.fail(b, 'broken', i === 2 ? 'timeout' : 'refused') : subject.store.jobs.change(b.id, cancelMoves));
    if (c !== undefined && i % 3 === 0) await subject.release(c);
    await subject.advance(minute);
  }
  return subject.listAll();
}

export function listSuite(open: Open): void {
  describe('list', () => {
    const subject = new Subject(open);

    it('gives all jobs, oldest or newest first, as they are kept', async () => {
      const jobs = await fill(subject);
      expect(jobs).toHaveLength(30);
      expect(await Promise.all(jobs.map(({ id }) => subject.get(id)))).toEqual(jobs);
      expect(jobs.map(({ id }) => id).toSorted(compareIds)).toEqual(jobs.map(({ id }) => id));
      expect(await subject.store.jobs.list({ ...all, order: 'newest' })).toEqual({ jobs: jobs.toReversed(), next: null });
    });

    it('leaves out payload and output when asked to be brief', async () => {
      const jobs = await fill(subject);
      const { jobs: briefly } = await subject.store.jobs.list({ ...all, brief: true });
      expect(briefly).toEqual(jobs.map((job) => ({ ...job, payload: null, result: { ...job.result, output: '' } })));
    });

    it('begins with the named id, whether it exists or not', async () => {
      const jobs = await fill(subject);
      const middle = jobs[10]?.id ?? '';
      const gone = (BigInt(middle) + 1n).toString();
      const exists = jobs.some(({ id }) => id === gone);
      const from = async (order: JobQuery['order'], id: JobId) => (await subject.store.jobs.list({ ...all, order, from: id })).jobs;
      expect(await from('oldest', middle)).toEqual(jobs.slice(10));
      expect(await from('newest', middle)).toEqual(jobs.slice(0, 11).toReversed());
      expect(await from('oldest', gone)).toEqual(jobs.slice(11));
      expect(await from('newest', gone)).toEqual(jobs.slice(0, exists ? 12 : 11).toReversed());
      expect(await from('oldest', '0')).toEqual(jobs);
      expect(await from('newest', '0')).toEqual([]);
      expect(await from('oldest', '9223372036854775807')).toEqual([]);
      expect(await from('newest', '9223372036854775807')).toEqual(jobs.toReversed());
    });

    it('matches names and terms as regular expressions', async () => {
      const jobs = await fill(subject);
      const found = async (match: Partial<PatternMatch>) => (await subject.store.jobs.list(matching(match))).jobs;
      expect(await found({ name: '^mail' })).toEqual(jobs.filter(({ name }) => name.startsWith('mail')));
      expect(await found({ name: '(?i)mail$' })).toEqual(jobs.filter(({ name }) => name.toLowerCase() === 'mail'));
      expect(await found({ name: 'mail' })).toEqual(jobs.filter(({ name }) => name.includes('mail')));
      expect(await found({ name: '%_' })).toEqual(jobs.filter(({ name }) => name.includes('%_')));
      expect(await found({ name: '' })).toEqual(jobs);
      expect(await found({ term: 'urgent' })).toEqual(jobs.filter(({ comment }) => comment === 'urgent'));
      expect(await found({ term: '^http://host/1' })).toEqual(jobs.filter(({ url }) => url.startsWith('http://host/1')));
      expect(await found({ term: '^waiting$' })).toEqual(jobs.filter(({ state }) => state === 'queued' || state === 'scheduled'));
      expect(await found({ term: 'waiting' })).toEqual(jobs.filter(({ state }) => state === 'queued' || state === 'scheduled'));
      expect(await found({ name: 'ai', term: 'succ|urgent' })).toEqual(
        jobs.filter(({ name, state, comment }) => name.includes('ai') && (state === 'succeeded' || comment === 'urgent')),
      );
    });

    it('refuses a pattern that is none', async () => {
      await subject.push();
      await expect(subject.store.jobs.list(matching({ name: '(' }))).rejects.toMatchObject({ code: 'invalid_filter' });
      await expect(subject.store.jobs.list(matching({ term: '[z-a]' }))).rejects.toMatchObject({ code: 'invalid_filter' });
    });

    it('counts what a walk over all jobs counts', async () => {
      const jobs = await fill(subject);
      for (const { worker, queue, counts } of await subject.store.jobs.count()) {
        const there = jobs.filter((job) => job.worker === worker && job.queue === queue);
        expect(counts).toEqual({
          ...noJobs,
          ...Object.fromEntries(jobStates.map((s) => [s, there.filter((job) => job.state === s).length])),
        });
      }
      const counted = (await subject.store.jobs.count()).flatMap(({ counts }) => Object.values(counts));
      expect(counted.reduce((sum, each) => sum + each, 0)).toBe(jobs.length);
    });

    it('answers null for a job that is not there', async () => {
      expect(await subject.store.jobs.get('12345')).toBeNull();
      expect(await subject.store.jobs.list(all)).toEqual({ jobs: [], next: null });
    });
  });

  pageSuite(open);
}

function pageSuite(open: Open): void {
  describe('list by filter and page', () => {
    const subject = new Subject(open);

    /** Follows the pages to their end. */
    const walk = async (query: JobQuery): Promise<readonly Job[]> => {
      const jobs: Job[] = [];
      for (let from = query.from, pages = 0; pages < 200; pages++) {
        const page = await subject.store.jobs.list({ ...query, from });
        expect(page.jobs.length).toBeLessThanOrEqual(query.limit);
        jobs.push(...page.jobs);
        if (page.next === null) return jobs;
        from = page.next;
      }
      throw new Error('the pages have no end');
    };

    it('gives exactly the jobs that the filter means, in every order and page size', async () => {
      const jobs = await fill(subject);
      await fc.assert(
        fc.asyncProperty(queryOf(jobs), async (query) => {
          const meant = jobs.filter((job) => matchesFilter(job, query.filter));
          const inOrder = query.order === 'oldest' ? meant : meant.toReversed();
          expect((await walk(query)).map(({ id }) => id)).toEqual(inOrder.map(({ id }) => id));
        }),
        { numRuns: 150 },
      );
    });

    it('gives the jobs whose newest attempt failed for a cause', async () => {
      const [timedOut] = await subject.pushAll(
        ['timed out', 'succeeded', 'refused', 'queued'].map((name) => asked({ name, ...retrying(2) })),
      );
      const [first, second, third] = await subject.claim(3);
      for (const [job, cause] of [
        [first, 'timeout'],
        [third, 'refused'],
      ] as const)
        if (job !== undefined) await subject.fail(job, 'broken', cause);
      if (second !== undefined) await subject.succeed(second);
      const found = async (text: string) => (await walk({ ...all, filter: parseFilter(text, Date.now()) })).map(({ name }) => name);
      expect(await found('cause:timeout')).toEqual(['timed out']);
      expect(await found('cause:timeout,refused')).toEqual(['timed out', 'refused']);
      expect(await found('cause:refused state:scheduled')).toEqual(['refused']);
      expect(await found('-cause:timeout,refused')).toEqual(['succeeded', 'queued']);
      expect(await found('cause:dns')).toEqual([]);
      await subject.store.jobs.change(timedOut?.id ?? '', cancelMoves);
      expect(await found('cause:timeout state:canceled')).toEqual(['timed out']);
      await subject.store.jobs.change(timedOut?.id ?? '', restartMoves);
      expect(await found('cause:timeout')).toEqual([]);
      await subject.advance(minute);
      for (const job of await subject.claim(9)) await subject.succeed(job);
      expect(await found('cause:refused')).toEqual([]);
    });

    it('finds the same by pattern in pages', async () => {
      const jobs = await fill(subject);
      const meant = jobs.filter(({ name }) => name.includes('mail'));
      for (const lookAt of [1, 4, null]) {
        expect(await walk({ ...matching({ name: 'm[a]il' }), limit: 2, lookAt })).toEqual(meant);
        expect(await walk({ ...matching({ name: 'mail' }), limit: 2, lookAt })).toEqual(meant);
      }
    });

    it('stops looking after `lookAt` records', async () => {
      await subject.store.jobs.push(Array.from({ length: 50 }, (_, i) => asked({ name: i === 49 ? 'x' : '' })));
      const page = await subject.store.jobs.list({ ...matching({ name: '^x$' }), lookAt: 10 });
      expect(page.jobs).toEqual([]);
      expect(page.next).not.toBeNull();
    });

    it('is told the next job to look at when the page is full', async () => {
      const jobs = await subject.pushAll([asked(), asked(), asked()]);
      const page = await subject.store.jobs.list({ ...all, limit: 2 });
      expect(page).toEqual({ jobs: jobs.slice(0, 2), next: jobs[2]?.id });
      expect(await subject.store.jobs.list({ ...all, limit: 3 })).toEqual({ jobs, next: null });
    });

    it('ends a page of large payloads and outputs after some megabytes, and tells where the next one begins', async () => {
      const payload = JSON.stringify('x'.repeat(900_000));
      const jobs = await subject.pushAll(Array.from({ length: 12 }, (_, at) => asked({ name: String(at), payload })));
      await subject.succeed(await subject.claimOne(), 'y'.repeat(900_000));
      const lengths: number[] = [];
      const names: string[] = [];
      for (let from: string | null = null, more = true; more; ) {
        const page: JobPage = await subject.store.jobs.list({ ...all, from });
        lengths.push(page.jobs.reduce((sum, each) => sum + (each.payload?.length ?? 0) + each.result.output.length, 0));
        names.push(...page.jobs.map(({ name }) => name));
        from = page.next;
        more = from !== null;
      }
      expect(names).toEqual(jobs.map(({ name }) => name));
      expect(Math.max(...lengths)).toBeLessThan(9_000_000);
      expect(lengths.length).toBeGreaterThan(1);
      expect((await subject.store.jobs.list({ ...all, brief: true })).jobs).toHaveLength(12);
    });

    it('reads what people write', async () => {
      const job = await subject.running({ name: 'mail 2', queue: 'q.1' });
      await subject.push({ name: 'mail 3', queue: 'q.1' });
      const filter = parseFilter('state:running,failed queue:q.* name:"mail 2" -worker:v created:<1h', job.createdAt);
      expect(only((await subject.store.jobs.list({ ...all, filter })).jobs)).toEqual({ ...job, result: noResult });
    });
  });
}

/** Queries whose terms speak of what is there, and of what is nearly there. */
function queryOf(jobs: readonly Job[]): fc.Arbitrary<JobQuery> {
  const job = fc.constantFrom(...jobs);
  const not = fc.boolean();
  const text = fc
    .tuple(job, fc.constantFrom(...textFields), not, fc.nat(5), fc.boolean(), fc.string({ maxLength: 2 }))
    .map(([like, field, isNot, cut, prefix, other]): FilterTerm => {
      const value = like[field];
      const any = [
        { text: prefix ? value.slice(0, cut) : value, prefix },
        { text: other, prefix: false },
      ];
      return { field, not: isNot, any };
    });
  const state = fc
    .tuple(fc.subarray([...jobStates], { minLength: 1 }), not)
    .map(([any, isNot]): FilterTerm => ({ field: 'state', not: isNot, any }));
  const cause = fc
    .tuple(fc.subarray([...failureCauses, 'timeout', 'refused'] as const, { minLength: 1 }), not)
    .map(([any, isNot]): FilterTerm => ({ field: 'cause', not: isNot, any }));
  const id = fc
    .tuple(
      fc.subarray(
        jobs.map((each) => each.id),
        { minLength: 1 },
      ),
      not,
    )
    .map(([any, isNot]): FilterTerm => ({ field: 'id', not: isNot, any: [...any, '77'] }));
  const times = jobs.flatMap((each) => [each.createdAt, each.startedAt, each.endedAt, each.dueAt]).filter((time) => time !== null);
  const limit = fc.option(fc.constantFrom(...times), { freq: 2 });
  const time = fc
    .tuple(fc.constantFrom(...timeFields), not, limit, limit)
    .map(([field, isNot, from, to]): FilterTerm => ({ field, not: isNot, range: { from, to } }));
  const filter: fc.Arbitrary<Filter> = fc.array(fc.oneof(text, state, cause, id, time), { maxLength: 3 });
  return fc
    .tuple(
      filter,
      fc.constantFrom('oldest' as const, 'newest' as const),
      fc.integer({ min: 1, max: 40 }),
      fc.option(fc.integer({ min: 1, max: 40 })),
    )
    .map(([terms, order, size, lookAt]) => ({ ...all, filter: terms, order, limit: size, lookAt, brief: true }));
}
