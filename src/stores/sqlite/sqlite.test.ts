import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeSuite } from '../conformance/suite.ts';
import { openSqlite } from './index.ts';

// Each store starts threads: they need not strip the types of their files anew each time.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'hatstand-compile-cache');

storeSuite('the SQLite store', async () => {
  const path = mkdtempSync(join(tmpdir(), 'hatstand-'));
  const store = await openSqlite({ path, ballastBytes: 0 });
  return {
    store,
    advance: (by) => store.advance(by),
    async close() {
      await store.close();
      rmSync(path, { recursive: true });
    },
  };
});
