/** Whatever somebody wrote into a store, in whatever of its tables or keys: all that it has nothing to do with goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { prefixOf } from '../../src/stores/redis/format/keys.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { isWhole } from './scale.ts';
import { fill, goesOn, scrubAll } from './whole-store.ts';

const tables = [
  'jobs',
  'attempts',
  'idempotency',
  'journal',
  'queues',
  'nodes',
  'inbox',
  'meta',
  'definitions',
  'owned',
  'parts',
  'kinds',
  'logs',
  'lines',
  'event_keys',
  'followers',
  'groups',
  'limits',
  'buckets',
  'unreadable',
];

/** What a column may hold that Hatstand never wrote there; some of it is refused by SQLite itself. */
const nonsense: Readonly<Record<string, readonly string[]>> = {
  INTEGER: ['1 << 60', '9223372036854775807', '-1', '9000000000000000'],
  REAL: ['-1.5', '1e300'],
  TEXT: ["'garbage'", "'{'", "'[[1,2],[99,[3]]]'", "''", "CAST(x'22ff22' AS TEXT)"],
};

/** In the ordinary test run each column gets one of them, another one than the column before it. */
function nonsenseFor(type: string, column: number): readonly string[] {
  const all = nonsense[type] ?? [];
  return isWhole || all.length === 0 ? all : [all[column % all.length] ?? ''];
}

describe('a store in SQLite goes on with nonsense in', () => {
  it.each(tables)(
    '%s',
    async (table) => {
      const path = mkdtempSync(join(tmpdir(), 'hatstand-'));
      onTestFinished(() => rmSync(path, { recursive: true, force: true }));
      const open = () => openSqlite({ path, ballastBytes: 0, synchronous: 'normal' });
      let store = await open();
      // Nobody else may have the file open when a store opens it whose mark was damaged.
      const behind = <T>(what: (db: DatabaseSync) => T): T => {
        const db = new DatabaseSync(join(path, 'hatstand.db'), { timeout: 5_000 });
        try {
          return what(db);
        } finally {
          db.close();
        }
      };
      const columns = behind((db) => db.prepare(`PRAGMA table_info(${table})`).all()).map(({ name, type, pk }) => ({
        name: `"${name}"`,
        type: String(type),
        pk: Number(pk),
      }));
      const key = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
      for (const [column, { name, type }] of columns.entries()) {
        for (const value of nonsenseFor(type, column)) {
          await fill(store);
          if (table === 'unreadable') await store.upkeep.setAside('entry:1', 'for a test');
          const newest = `(${key}) IN (SELECT ${key} FROM ${table} ORDER BY ${key.map((each) => `${each} DESC`)} LIMIT 1)`;
          try {
            behind((db) => db.exec(`UPDATE ${table} SET ${name} = ${value} WHERE ${table === 'meta' ? 'TRUE' : newest}`));
          } catch {
            continue;
          }
          await goesOn(store).catch((error: unknown) => {
            throw new Error(`${table}.${name} = ${value}: ${String(error)}`, { cause: error });
          });
        }
        await store.close();
        store = await open();
        await goesOn(store).catch((error: unknown) => {
          throw new Error(`${table}.${name} after a start: ${String(error)}`, { cause: error });
        });
      }
      await store.close();
    },
    120_000,
  );
});

type Ask = RedisServer['ask'];

/** By what is damaged, how a key is; `null`: that cannot be. */
const damages: Readonly<Record<string, (ask: Ask, key: string, type: string) => Promise<unknown>>> = {
  async 'keys of another type'(ask, key, type) {
    await ask('DEL', key);
    return type === 'hash' ? ask('SET', key, 'x') : ask('HSET', key, 'field', 'x');
  },
  async 'fields and entries that are none'(ask, key, type) {
    if (type === 'hash') return ask('HSET', key, 'garbage', 'garbage', '\u00ff x y', '{', 'trigger/!!x', '1 2 3', '', '');
    if (type === 'zset') return ask('ZADD', key, '-inf', 'garbage', '0', 'a b', '0', '', 'inf', 'x');
    if (type === 'list') return ask('LPUSH', key, 'garbage', '');
    if (type === 'string') return ask('SET', key, 'garbage');
    return ask('XADD', key, '*', 'garbage', 'garbage');
  },
  async 'entries of the journal that are none'(ask, key, type) {
    if (type !== 'stream') return null;
    await ask('XADD', key, '0-*', 'at', 'x', 'moved', 'nothing 7');
    await ask('XADD', key, '0-*', 'moved', 'push x;y');
    return ask('XADD', key, '0-*', 'at', '17', 'fired', 'a b');
  },
  async 'texts that are none'(ask, key, type) {
    if (type === 'hash') for (const field of await someFields(ask, key)) await ask('HSET', key, field, 'garbage');
    return null;
  },
  async 'numbers out of range'(ask, key, type) {
    if (type === 'zset') {
      const [member] = (await ask('ZRANGE', key, '-1', '-1')) as readonly string[];
      return member === undefined ? null : ask('ZADD', key, '9e300', member);
    }
    if (type !== 'hash') return null;
    for (const field of await someFields(ask, key)) {
      const text = String(await ask('HGET', key, field));
      await ask('HSET', key, field, text.replaceAll(/\b\d+\b/g, '9223372036854775807'));
    }
    return null;
  },
};

/** Those that came last, by name. */
async function someFields(ask: Ask, key: string): Promise<readonly string[]> {
  const fields = (await ask('HKEYS', key)) as readonly string[];
  return key.endsWith(':meta') ? fields.filter((field) => field !== 'format') : fields.toSorted((a, b) => (a < b ? -1 : 1)).slice(-2);
}

describe('a store in Redis goes on with', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it.each(Object.keys(damages))(
    '%s',
    async (what) => {
      const cluster = what.replaceAll(' ', '-');
      const open = () => openRedis({ url: server.url, cluster });
      let store = await open();
      await fill(store);
      const names = new Set(
        ((await server.ask('KEYS', `${prefixOf(cluster)}*`)) as readonly string[]).map((key) =>
          key.slice(prefixOf(cluster).length).replace(/:.*$/, ':'),
        ),
      );
      expect(names.size).toBeGreaterThan(32);
      for (const name of names) {
        await fill(store);
        const keys = (
          (await server.ask('KEYS', `${prefixOf(cluster)}${name}${name.endsWith(':') ? '*' : ''}`)) as readonly string[]
        ).toSorted((a, b) => (a < b ? -1 : 1));
        const key = keys.at(-1) ?? '';
        const type = String(await server.ask('TYPE', key));
        await damages[what]?.(server.ask, key, type);
        // What failed half way left entries without records, which the scrub finds within a minute: no call fails meanwhile.
        if (what === 'keys of another type') {
          await fill(store);
          await scrubAll(store);
        }
        await goesOn(store).catch((error: unknown) => {
          throw new Error(`${what} in ${key}: ${String(error)}`, { cause: error });
        });
        // Of a text it matters only that it is there.
        if (what === 'keys of another type' && type !== 'string' && !name.endsWith(':'))
          expect(await server.ask('TYPE', `${prefixOf(cluster)}aside:${key.slice(prefixOf(cluster).length)}`), key).toMatch(/string|hash/);
      }
      await store.close();
      store = await open();
      await goesOn(store);
      await store.close();
    },
    120_000,
  );
});
