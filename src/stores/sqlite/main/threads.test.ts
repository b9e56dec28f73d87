import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asked, only } from '../../conformance/subject.ts';
import { openIn, temporaryFolder } from '../open.suite.ts';

describe('a reader that cannot start', () => {
  it('is started again by the next read', async () => {
    const path = temporaryFolder();
    const store = await openIn(path);
    const { id } = only(await store.jobs.push([asked()]));
    const file = join(path, 'hatstand.db');
    renameSync(file, `${file}.away`);
    await expect(store.jobs.get(id)).rejects.toMatchObject({ code: 'store_unavailable' });
    renameSync(`${file}.away`, file);
    expect(await store.jobs.get(id)).toMatchObject({ id, state: 'queued' });
  });

  it('does not keep the store from closing', async () => {
    const path = temporaryFolder();
    const store = await openIn(path);
    const { id } = only(await store.jobs.push([asked()]));
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
  it('travel in several batches, so that no answer is without bound', async () => {
    const store = await openIn(temporaryFolder());
    const { id } = only(await store.jobs.push([asked()]));
    await store.jobs.get(id);
    // Answers of one batch come in one go: nothing that waits for the next tick gets between them.
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
    await Promise.all(Array.from({ length: 200 }, () => store.jobs.get(id).then(count)));
    expect(batches).toEqual([64, 64, 64, 8]);
  });
});
