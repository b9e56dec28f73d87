/** Triggers on an embedded store whose process is killed again and again: each tick is fired exactly once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openSqlite, type SqliteStore } from '../../src/stores/sqlite/index.ts';
import { entriesAfter, expectEachTickOnce, firedIn, putTriggers, runFiringNode } from '../support/firing.ts';

const firing = { triggers: 200, every: 20, ticks: 25 };

it('fires each tick of its triggers exactly once, whenever it is killed', { timeout: 120_000 }, async () => {
  const path = mkdtempSync(join(tmpdir(), 'hatstand-firing-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const inStore = async <T>(work: (store: SqliteStore) => Promise<T>): Promise<T> => {
    const store = await openSqlite({ path, ballastBytes: 0 });
    return work(store).finally(() => store.close());
  };

  await inStore((store) => putTriggers(store, firing));
  let entries = await inStore((store) => entriesAfter(store, []));
  let kills = 0;
  while (firedIn(entries) < firing.triggers * firing.ticks) {
    // Each life may be longer than those before it, so that a slow machine gets on, too.
    await runFiringNode(path, '', String(((kills * 7) % 40) + 2 * kills));
    kills += 1;
    const known = entries;
    entries = await inStore((store) => entriesAfter(store, known));
  }
  expect(kills).toBeGreaterThan(3);
  await inStore((store) => expectEachTickOnce(store, entries, firing));
});
