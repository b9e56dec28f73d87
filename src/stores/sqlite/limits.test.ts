/** What the file keeps for limits. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { bucketsKeptFor, noLimit } from '../../core/limit.ts';
import { all, asked, minute } from '../conformance/subject.ts';
import { claimAs, openIn, temporaryFolder } from './open.suite.ts';

describe('limits of a file that is opened again', () => {
  it('have used what they had used, and hold back what they held back', async () => {
    const path = temporaryFolder();
    const first = await openIn(path);
    await first.limits.configure('worker:w', { ...noLimit, concurrency: 1, rate: { max: 3, per: 86_400_000 } });
    await first.jobs.push([asked(), asked(), asked()]);
    expect(await claimAs(first, 'n.1', 9)).toHaveLength(1);
    await first.close();
    const second = await openIn(path);
    expect(await second.limits.list()).toMatchObject([{ name: 'worker:w', left: 0, held: 0, parked: 2 }]);
    expect(await second.jobs.push([asked()])).toMatchObject([{ kind: 'limited', key: 'worker:w' }]);
    expect(await claimAs(second, 'n.2', 9)).toHaveLength(1);
    const { jobs } = await second.jobs.list(all);
    expect(jobs.map(({ state }) => state).toSorted()).toEqual(['queued', 'queued', 'running']);
    expect((await second.upkeep.scrub(null, 1_000)).repaired).toEqual({});
  });

  it('have forgotten keys that nobody has used for as long as anything counts', async () => {
    const path = temporaryFolder();
    const store = await openIn(path);
    await store.limits.configure('*', { ...noLimit, rate: { max: 1, per: 86_400_000 } });
    await store.jobs.push(['a', 'b', 'c'].map((limit) => asked({ limit, worker: limit })));
    const keep = { ended: null, journal: 9 * bucketsKeptFor, told: null, idempotency: 9 * bucketsKeptFor, output: 16_384, limit: 4 };
    await store.advance(bucketsKeptFor - minute);
    await store.upkeep.sweep(keep);
    expect(await store.jobs.push([asked({ limit: 'd', worker: 'a' })])).toMatchObject([{ kind: 'pushed' }]);
    await store.advance(2 * minute);
    expect([(await store.upkeep.sweep(keep)).more, (await store.upkeep.sweep(keep)).more]).toEqual([true, false]);
    await store.close();
    const db = new DatabaseSync(join(path, 'hatstand.db'));
    expect(db.prepare('SELECT key FROM buckets ORDER BY key').all()).toMatchObject([{ key: 'd' }, { key: 'worker:a' }]);
    db.close();
  });

  it('are set aside in one piece, or not at all, when they cannot be read', async () => {
    const path = temporaryFolder();
    const store = await openIn(path);
    for (const name of ['a', 'b']) await store.limits.configure(name, { ...noLimit, concurrency: 1 });
    await store.close();
    const behind = (sql: string): readonly unknown[] => {
      const db = new DatabaseSync(join(path, 'hatstand.db'));
      const rows = db.prepare(sql).all();
      db.close();
      return rows;
    };
    behind("UPDATE limits SET concurrency = -1 WHERE name = 'a'");
    behind("CREATE TRIGGER stays BEFORE DELETE ON limits BEGIN SELECT RAISE(ABORT, 'it stays'); END");
    await expect(openIn(path)).rejects.toThrow(/it stays/);
    expect(behind('SELECT * FROM unreadable')).toEqual([]);
    behind('DROP TRIGGER stays');
    const again = await openIn(path);
    expect(await again.limits.list()).toMatchObject([{ name: 'b' }]);
    expect(await again.upkeep.unreadable(null, 9)).toMatchObject({ records: [{ id: 'limit:a' }] });
    await again.close();
  });
});
