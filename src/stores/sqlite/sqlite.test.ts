import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeModel } from '../conformance/model.suite.ts';
import type { Opened } from '../conformance/subject.ts';
import { localStoreSuite, storeSuite } from '../conformance/suite.ts';
import { storeTurns } from '../conformance/turns.suite.ts';
import { openSqlite } from './index.ts';
import './open.suite.ts';

async function open(): Promise<Opened> {
  const path = mkdtempSync(join(tmpdir(), 'hatstand-'));
  const store = await openSqlite({ path, ballastBytes: 0 });
  return {
    store,
    advance: (by) => store.advance(by),
    step: (by) => store.step(by),
    async close() {
      await store.close();
      rmSync(path, { recursive: true });
    },
  };
}

storeSuite('the SQLite store', open);
localStoreSuite('the SQLite store', open);
storeModel('the SQLite store', open, 60);
storeTurns('the SQLite store', open, 12);
