/** Definitions that cannot be read are set aside: they are removed, so that those who follow learn of it. */
import type { DatabaseSync } from 'node:sqlite';
import { type DefinitionKind, definitionKinds, ownerOf } from '../../../../core/definition.ts';
import { unreadableId } from '../../../../core/unreadable.ts';
import { kindCode } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { removed, writeDefinitionSql, writtenCells } from '../../file/rows/definition.ts';
import type { StoreClock } from '../clock.ts';
import type { Hints } from '../hints.ts';
import type { Aside } from '../jobs/aside.ts';
import type { Journal } from '../journal/journal.ts';
import type { SetAside } from '../upkeep/unreadable.ts';
import { makeVersions } from './versions.ts';

export interface DefinitionAside {
  /** By the id of its row. Within a transaction; answers whether there was one. */
  readonly row: SetAside;
  /** By its owner, or `#` and the id of its row. */
  readonly named: SetAside;
}

interface Parts {
  readonly db: DatabaseSync;
  readonly clock: StoreClock;
  readonly hints: Hints;
  readonly journal: Journal;
  readonly aside: Aside;
}

const placeSql = 'SELECT kind, domain, key, "group" FROM definitions WHERE id = CAST(? AS INTEGER)';
const idSql = 'SELECT CAST(id AS TEXT) FROM definitions WHERE kind = CAST(? AS INTEGER) AND domain = ? AND key = ?';

export function makeDefinitionAside({ db, clock, hints, journal, aside }: Parts): DefinitionAside {
  const place = prepareRows(db, placeSql);
  const idOf = prepareRows(db, idSql);
  const versions = makeVersions(db);
  const removeParts = db.prepare('DELETE FROM parts WHERE definition = CAST(? AS INTEGER)');
  const removeFacts = db.prepare('DELETE FROM owned WHERE definition = CAST(? AS INTEGER)');
  const removeRow = db.prepare('DELETE FROM definitions WHERE id = CAST(? AS INTEGER)');
  const write = db.prepare(writeDefinitionSql);

  const row: SetAside = (id, reason) => {
    const found = place.get(id);
    if (found === undefined) return false;
    const [code = null, domain, key, group] = found.map((cell) => (typeof cell === 'number' ? cell : String(cell)));
    const kind = definitionKinds.find((known) => kindCode(known) === code);
    const name = `${kind ?? code}/${domain}/${key}`;
    const condition = 'definition = CAST(? AS INTEGER)';
    aside.keep(unreadableId('definition', name), reason, {
      definition: ['definitions', 'id = CAST(? AS INTEGER)', id],
      owned: ['owned', condition, id],
      parts: ['parts', `${condition} ORDER BY seq`, id],
    });
    removeParts.run(id);
    // Nobody can name one whose kind there is not, or whose key is no UTF-8; and none of ours has such a row.
    const isReached = kind !== undefined && Number.isSafeInteger(Number(id)) && idOf.get(code, String(domain), String(key))?.[0] === id;
    if (isReached) remove({ kind, domain: String(domain), key: String(key) }, String(group), id);
    else {
      removeFacts.run(id);
      removeRow.run(id);
    }
    return true;
  };

  const remove = (
    definition: { readonly kind: DefinitionKind; readonly domain: string; readonly key: string },
    group: string,
    id: string,
  ): void => {
    const version = versions.next(definition.kind, [group]);
    write.run(...writtenCells({ ...removed, state: '', firedAt: null, changedAt: clock.now(), version }), id);
    journal.defined(ownerOf(definition), version);
    hints.defined();
  };

  return {
    row,
    named(name, reason) {
      if (name.startsWith('#')) return row(name.slice(1), reason);
      const [kind = '', domain = '', ...key] = name.split('/');
      const known = definitionKinds.find((each) => each === kind);
      const id = idOf.get(known === undefined ? kind : kindCode(known), domain, key.join('/'))?.[0];
      return typeof id === 'string' && row(id, reason);
    },
  };
}
