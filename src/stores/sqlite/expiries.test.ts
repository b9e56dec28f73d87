/** Jobs of a file that end since they have not begun in time. */
import { describe, expect, it } from 'vitest';
import { jobLimits } from '../../core/new-job.ts';
import { asked, minute } from '../conformance/subject.ts';
import { claimAs, openIn, temporaryFolder } from './open.suite.ts';

describe('large jobs that have expired', () => {
  it('end a few at once, and none begins before all have', async () => {
    const store = await openIn(temporaryFolder());
    const { options } = asked();
    const late = asked({ comment: 'c'.repeat(jobLimits.comment), options: { ...options, startBefore: { delay: minute } } });
    await store.jobs.push(Array.from({ length: 150 }, () => late));
    await store.jobs.push([asked()]);
    await store.advance(2 * minute);
    expect(await store.jobs.promote(1_000)).toBe(64);
    expect(await claimAs(store, 'n.1', 9)).toEqual([]);
    expect(await claimAs(store, 'n.1', 9)).toHaveLength(1);
    expect(await store.jobs.promote(1_000)).toBe(0);
  });
});
