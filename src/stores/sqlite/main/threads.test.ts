import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asked, kept, only } from '../../conformance/subject.ts';
import { openIn, temporaryFolder } from '../open.suite.ts';

describe('a reader that cannot start', () => {
  it('is started again by the next read', async () => {
    const path = temporaryFolder();
    const store = await openIn(path);
    const { id } = only(kept(await store.jobs.push([asked()])));
    const file = join(path, 'hatstand.db');
    renameSync(file, `${file}.away`);
    await expect(store.jobs.get(id)).rejects.toMatchObject({ code: 'store_unavailable' });
    renameSync(`${file}.away`, file);
    expect(await store.jobs.get(id)).toMatchObject({ id, state: 'queued' });
  });

  it('does not keep the store from closing', async () => {
    const path = temporaryFolder();
    const store = await openIn(path);
    const { id } = only(kept(await store.jobs.push([asked()])));
    const file = join(path, 'hatstand.db');
    renameSync(file, `${file}.away`);
    const look = store.jobs.get(id);
    const closed = store.close();
    await expect(look).rejects.toMatchObject({ code: 'store_unavailable' });
    await closed;
    renameSync(`${file}.away`, file);
    expect(await (await openIn(path)).jobs.get(id)).toMatchObject({ id });
  });
});

describe('many reads of one turn', () => {
  /** How many are answered in each message: nothing that waits for the next tick gets between those of one. */
  async function batchesOf(reads: readonly (() => Promise<unknown>)[]): Promise<readonly number[]> {
    const batches: number[] = [];
    let open = false;
    const count = (): void => {
      if (!open) {
        batches.push(0);
        process.nextTick(() => {
          open = false;
        });
      }
      open = true;
      batches.push((batches.pop() ?? 0) + 1);
    };
    await Promise.all(reads.map((read) => read().then(count)));
    return batches;
  }

  it('travel in several batches, so that no answer is without bound', async () => {
    const store = await openIn(temporaryFolder());
    const { id } = only(kept(await store.jobs.push([asked()])));
    await store.jobs.get(id);
    expect(await batchesOf(Array.from({ length: 200 }, () => () => store.jobs.get(id)))).toEqual([64, 64, 64, 8]);
  });

  it('are answered a few at a time when the answers are large', async () => {
    const store = await openIn(temporaryFolder());
    const payload = JSON.stringify('x'.repeat(1_000_000));
    const pushed = kept(await store.jobs.push([asked(), asked({ payload }), asked({ payload }), asked({ payload })]));
    const [small, ...large] = pushed.map((job) => () => store.jobs.get(job.id));
    if (small === undefined) throw new Error('four were pushed');
    await small();
    const all = [...large, small, ...large, ...large, small];
    expect(await batchesOf(all)).toEqual([3, 4, 3, 1]);
    expect((await Promise.all(all.map((read) => read()))).map((job) => job?.payload?.length ?? 0).reduce((a, b) => a + b)).toBe(
      9 * payload.length,
    );
  });
});
