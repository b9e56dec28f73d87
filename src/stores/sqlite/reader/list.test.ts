import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureCauses } from '../../../core/cause.ts';
import { type Filter, matchesFilter, type TextField, textFields, timeFields } from '../../../core/filter.ts';
import { type JobState, jobStates } from '../../../core/job.ts';
import { cancelMoves } from '../../../core/transitions.ts';
import { all, asked, kept } from '../../conformance/subject.ts';
import { makeSearcher } from '../../searcher.ts';
import { migrate } from '../file/schema.ts';
import type { SqliteStore } from '../index.ts';
import { claimAs, openIn, temporaryFolder } from '../open.suite.ts';
import { listJobs } from './list.ts';

const stateWords = Object.fromEntries(jobStates.map((state) => [state, `is ${state}`])) as Record<JobState, string>;

/** Jobs of every kind of text in most states. */
async function fill(store: SqliteStore): Promise<void> {
  const names = ['', 'mail', 'mail-1', 'mäil%_', 'm'];
  kept(
    await store.jobs.push(
      Array.from({ length: 60 }, (_, i) =>
        asked({
          name: names[i % names.length] ?? '',
          queue: i % 3 === 0 ? 'a' : 'b',
          domain: i % 4 === 0 ? 'd' : '',
          url: i % 2 === 0 ? 'http://one/' : '',
          comment: i % 5 === 0 ? 'remark' : '',
          start: i % 7 === 0 ? { delay: 60_000 } : null,
        }),
      ),
    ),
  );
  await claimAs(store, 'node', 20);
  const { jobs } = await store.jobs.list(all);
  for (const job of jobs.filter((_, index) => index % 4 === 0)) await store.jobs.change(job.id, cancelMoves);
}

function filters(jobs: readonly { readonly id: string; readonly createdAt: number }[]): fc.Arbitrary<Filter> {
  const not = fc.boolean();
  const field: fc.Arbitrary<TextField> = fc.constantFrom(...textFields);
  const text = fc.record({ text: fc.constantFrom('', 'm', 'mail', 'mäil%', 'a', 'b', 'w', 'd', 'http://one/', '%'), prefix: fc.boolean() });
  const time = fc.option(fc.constantFrom(...jobs.map((job) => job.createdAt), 0, 1e15));
  return fc.array(
    fc.oneof(
      fc.record({ field: fc.constant('state' as const), not, any: fc.uniqueArray(fc.constantFrom(...jobStates), { minLength: 1 }) }),
      fc.record({
        field: fc.constant('id' as const),
        not,
        any: fc.array(fc.constantFrom('7', ...jobs.map((job) => job.id)), { minLength: 1 }),
      }),
      fc.record({ field: fc.constant('cause' as const), not, any: fc.subarray([...failureCauses], { minLength: 1 }) }),
      fc.record({ field, not, any: fc.array(text, { minLength: 1, maxLength: 3 }) }),
      fc.record({ field: fc.constantFrom(...timeFields), not, range: fc.record({ from: time, to: time }) }),
    ),
    { maxLength: 3 },
  );
}

describe('a list', () => {
  it('gives what matchesFilter gives, page by page, in both directions', async () => {
    const store = await openIn(temporaryFolder());
    await fill(store);
    const { jobs } = await store.jobs.list(all);
    const order = fc.constantFrom('oldest' as const, 'newest' as const);
    await fc.assert(
      fc.asyncProperty(
        filters(jobs),
        order,
        fc.integer({ min: 1, max: 70 }),
        fc.option(fc.integer({ min: 1, max: 40 })),
        async (filter, order, limit, lookAt) => {
          const found: string[] = [];
          for (let from: string | null = null, pages = 0; pages === 0 || from !== null; pages++) {
            const page = await store.jobs.list({ ...all, filter, order, from, limit, lookAt });
            found.push(...page.jobs.map((job) => job.id));
            expect(page.jobs.length).toBeLessThanOrEqual(limit);
            from = page.next;
          }
          const meant = jobs.filter((job) => matchesFilter(job, filter)).map((job) => job.id);
          expect(found).toEqual(order === 'oldest' ? meant : meant.toReversed());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('goes through many slices to find what is far', async () => {
    const store = await openIn(temporaryFolder());
    for (let i = 0; i < 9; i++)
      kept(await store.jobs.push(Array.from({ length: 1_000 }, (_, k) => asked({ name: `job ${i * 1_000 + k}` }))));
    const find = async (term: string, order: 'oldest' | 'newest' = 'oldest'): Promise<readonly string[]> =>
      (await store.jobs.list({ ...all, order, brief: true, match: { name: null, term, stateWords } })).jobs.map((job) => job.name);
    expect(await find('job 8765')).toEqual(['job 8765']);
    expect(await find('^job (8765|12|4321)$')).toEqual(['job 12', 'job 4321', 'job 8765']);
    expect(await find('^job (8765|12|4321)$', 'newest')).toEqual(['job 8765', 'job 4321', 'job 12']);
    expect(await find('nothing|none')).toEqual([]);
    expect(await find('is queued')).toHaveLength(9_000);
    const filter: Filter = [{ field: 'name', not: false, any: [{ text: 'job 899', prefix: true }] }];
    expect((await store.jobs.list({ ...all, filter })).jobs).toHaveLength(11);
  });

  it('answers other reads while a long look is under way', async () => {
    const store = await openIn(temporaryFolder());
    const [first] = kept(await store.jobs.push(Array.from({ length: 8_000 }, (_, i) => asked({ name: `job ${i}` }))));
    await store.jobs.get('1');
    const done: string[] = [];
    const long = store.jobs.list({ ...all, match: { name: '(x+x+)+y|z', term: null, stateWords } }).then(() => done.push('long look'));
    await store.jobs.get(first?.id ?? '').then(() => done.push('get'));
    await long;
    expect(done).toEqual(['get', 'long look']);
  });

  it('names the expression that is none', async () => {
    const store = await openIn(temporaryFolder());
    const broken = { ...all, match: { name: null, term: '(', stateWords } };
    await expect(store.jobs.list(broken)).rejects.toMatchObject({ code: 'invalid_filter', details: { field: 'term' } });
  });
});

describe('a page of very many', () => {
  it('is read whole', async () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, ':memory:');
    db.exec(`
      WITH RECURSIVE ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids LIMIT 150000)
      INSERT INTO jobs (id, state, queue, worker, manual, priority, due_at, created_at, run, attempt, lost, fence, holder, op, reason,
        output_cut, owner, "limit", domain, name, url, comment, error, options, output)
      SELECT id, 1, 'q', 'w', 0, 0, 0, 0, 1, 0, 0, 0, '', '', '', 0, '', '', '', '', '', '', '', '{}', '' FROM ids`);
    expect((await listJobs(db, { ...all, brief: true, limit: 200_000 }, makeSearcher())).jobs).toHaveLength(150_000);
    db.close();
  });
});
