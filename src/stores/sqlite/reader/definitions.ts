/** Pages of definitions, and what their windows have gathered. */
import type { DatabaseSync } from 'node:sqlite';
import type { DefinitionKind } from '../../../core/definition.ts';
import type { DefinitionPlace, DefinitionQuery } from '../../../ports/store/definitions.ts';
import type { ReaderHandlers } from '../calls/calls.ts';
import { kindCode } from '../file/codes.ts';
import { prepareRows } from '../file/database.ts';
import { definitionsSql, keyCells, keyOfRow, makeShown, pageOf } from '../file/rows/definition.ts';
import type { Cell, Row } from '../file/tape.ts';

type By<Name extends DefinitionQuery['by']> = Extract<DefinitionQuery, { readonly by: Name }>;

/** What a list answers. */
interface Page {
  readonly definitions: readonly Row[];
  readonly next: DefinitionPlace | null;
  readonly newest: number;
  readonly newestOfGroup: number;
  readonly complete: boolean;
  readonly more: boolean;
}

const partsSql = `
  SELECT text FROM parts INDEXED BY parts_definition
  WHERE definition = (SELECT id FROM definitions WHERE kind = ? AND domain = ? AND key = ?) ORDER BY seq`;

export function makeDefinitions(db: DatabaseSync): ReaderHandlers['definitions'] {
  const parts = prepareRows(db, partsSql);
  const list = makeList(db);
  const count = prepareRows(db, countSql);
  const [begin, end] = [db.prepare('BEGIN'), db.prepare('COMMIT')];
  return {
    parts: (key) => parts.all(...keyCells(key)).map(([text]) => String(text)),
    count: ({ kind, domain, group, limit }) => Number(count.get(kindCode(kind), group, domain, limit)?.[0] ?? 0),
    // In one transaction: the newest version is the one of what the page tells.
    list(query) {
      begin.run();
      try {
        return list(query);
      } finally {
        end.run();
      }
    },
  };
}

function makeList(db: DatabaseSync): (query: DefinitionQuery) => Page {
  const byKey = prepareRows(db, byKeySql);
  const byVersion = prepareRows(db, byVersionSql);
  const versions = prepareRows(db, 'SELECT version, swept FROM kinds WHERE kind = ?');
  const groups = prepareRows(db, 'SELECT version FROM groups WHERE kind = ? AND "group" = ?');
  const shown = makeShown(db);

  const versionsOf = (kind: DefinitionKind): { readonly newest: number; readonly swept: number } => {
    const [newest = 0, swept = 0] = versions.get(kindCode(kind)) ?? [];
    return { newest: Number(newest), swept: Number(swept) };
  };
  const show = (definitions: readonly Row[], rest: Partial<Page>): Page => ({
    ...{ next: null, newest: 0, newestOfGroup: 0, complete: true, more: false, ...rest },
    definitions: definitions.map(shown),
  });

  return (query) => {
    if (query.by === 'keys') {
      return show(
        query.keys.flatMap((key) => byKey.all(...keyCells(key))),
        {},
      );
    }
    const { newest, swept } = versionsOf(query.kind);
    if (query.by === 'version') {
      const { page, next } = pageOf(byVersion.each(kindCode(query.kind), query.after), query.limit);
      const newestOfGroup = query.group === undefined ? 0 : Number(groups.get(kindCode(query.kind), query.group)?.[0] ?? 0);
      return show(page, { newest, newestOfGroup, more: next !== null, complete: query.after === 0 || query.after >= swept });
    }
    const { sql, cells } = placeQuery(query);
    const { page, next } = pageOf(prepareRows(db, sql).each(...cells), query.limit);
    return show(page, { newest, more: next !== null, next: next === null ? null : placeOf(next) });
  };
}

const byKeySql = definitionsSql('definitions_place', 'kind = ? AND domain = ? AND key = ? AND body IS NOT NULL');
export const byVersionSql = definitionsSql('definitions_version', 'kind = ? AND version > ? ORDER BY version');

export const countSql = `
  SELECT count(*) FROM (
    SELECT 1 FROM definitions INDEXED BY definitions_group WHERE kind = ? AND "group" = ? AND "group" <> '' AND domain = ?
    LIMIT CAST(? AS INTEGER))`;

/** SQLite compares texts by their UTF-8 bytes. */
export function placeQuery({ kind, domain, group, from }: By<'place'>): { readonly sql: string; readonly cells: readonly Cell[] } {
  const conditions = ['kind = ?'];
  const cells: Cell[] = [kindCode(kind)];
  const add = (condition: string, ...values: readonly Cell[]): void => {
    conditions.push(condition);
    cells.push(...values);
  };
  if (group !== null) add(group === '' ? '"group" = ?' : `"group" = ? AND "group" <> ''`, group);
  if (domain !== null) add('domain = ?', domain);
  if (from !== null && from.domain === domain) add('key >= ?', from.key);
  else if (from !== null) add('(domain, key) >= (?, ?)', from.domain, from.key);
  const index = group === null || group === '' ? 'definitions_place' : 'definitions_group';
  return { sql: definitionsSql(index, `${conditions.join(' AND ')} AND body IS NOT NULL ORDER BY domain, key`), cells };
}

function placeOf(row: Row): DefinitionPlace {
  const { domain, key } = keyOfRow(row);
  return { domain, key };
}
