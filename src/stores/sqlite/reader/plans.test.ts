import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { migrate } from '../file/schema.ts';
import { byVersionSql, countSql, placeQuery } from './definitions.ts';

const db = new DatabaseSync(':memory:');
migrate(db, ':memory:');
const planOf = (sql: string): string =>
  db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => row['detail'])
    .join('; ');

const places = { by: 'place', kind: 'trigger', domain: null, group: null, from: null, limit: 9 } as const;

it.each([
  ['following', byVersionSql, 'definitions_version (kind=? AND version>?)'],
  ['all of a kind', placeQuery(places).sql, 'definitions_place (kind=?)'],
  ['a further page', placeQuery({ ...places, from: { domain: '', key: 'k' } }).sql, 'definitions_place (kind=? AND (domain,key)>(?,?))'],
  ['of a domain', placeQuery({ ...places, domain: 'd' }).sql, 'definitions_place (kind=? AND domain=?)'],
  [
    'a further page of a domain',
    placeQuery({ ...places, domain: 'd', from: { domain: 'd', key: 'k' } }).sql,
    'definitions_place (kind=? AND domain=? AND key>?)',
  ],
  ['that is counted', countSql, 'COVERING INDEX definitions_group (kind=? AND group=? AND domain=?)'],
  ['of a group', placeQuery({ ...places, group: 'g' }).sql, 'definitions_group (kind=? AND group=?)'],
])('a list of definitions, %s, is in the order of its index', (_, sql, index) => {
  expect(planOf(sql)).toContain(index);
  expect(planOf(sql)).not.toMatch(/SCAN definitions|TEMP B-TREE/);
});
