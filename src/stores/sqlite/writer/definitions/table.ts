/** All that is written of definitions, and reading what the writer needs of them; the versions of their kinds. */
import { type DefinitionKey, keyOfOwner, ownerOf } from '../../../../core/definition.ts';
import { messageOf } from '../../../../core/errors.ts';
import { prepareRows } from '../../file/database.ts';
import {
  type DefinitionProgress,
  insertDefinitionSql,
  type KeptDefinition,
  keptColumns,
  keyCells,
  progressCells,
  progressSql,
  readKept,
  type WrittenDefinition,
  writeDefinitionSql,
  writtenCells,
} from '../../file/rows/definition.ts';
import type { State } from '../state.ts';
import { makeDefinitionAside } from './aside.ts';
import { makeVersions } from './versions.ts';

export interface DefinitionsTable {
  /** Removed ones too. One that cannot be read is set aside, and so a removed one. */
  find(key: DefinitionKey): KeptDefinition | null;
  /** The one whose jobs have this owner; removed ones too. */
  findOwner(owner: string): KeptDefinition | null;
  /**
   * Writes it under a new version of its kind, and tells of that. Answers the id of its row.
   *
   * @param before `null`: there is none, not even a removed one
   * @param note what is told of it; nothing when not given
   */
  write(key: DefinitionKey, before: KeptDefinition | null, definition: Omit<WrittenDefinition, 'version'>, note?: string): Written;
  /** What becomes of it without a new version: when it is due next, its state, its window. */
  writeProgress(progress: DefinitionProgress): void;
}

interface Written {
  readonly id: number;
  readonly version: number;
}

export const findDefinitionSql = `
  SELECT ${keptColumns} FROM definitions INDEXED BY definitions_place WHERE kind = ? AND domain = ? AND key = ?`;

export function makeDefinitionsTable(state: State): DefinitionsTable {
  const { db, journal, hints } = state;
  const find = prepareRows(db, findDefinitionSql);
  const insert = db.prepare(insertDefinitionSql);
  const write = db.prepare(writeDefinitionSql);
  const progress = db.prepare(progressSql);
  const versions = makeVersions(db);
  const aside = makeDefinitionAside(state);

  const findKey = (key: DefinitionKey): KeptDefinition | null => {
    const row = find.get(...keyCells(key));
    if (row === undefined) return null;
    try {
      return readKept(key, row);
    } catch (error) {
      // What is left can be read.
      return aside.row(String(row[0]), messageOf(error)) ? findKey(key) : null;
    }
  };

  return {
    find: findKey,
    findOwner(owner) {
      const key = keyOfOwner(owner);
      return key === null ? null : findKey(key);
    },
    write(key, before, definition, note) {
      // It counts for the group that it leaves and the one that it enters.
      const version = versions.next(key.kind, [before?.group ?? '', definition.group]);
      const cells = writtenCells({ ...definition, version });
      const id = before?.id ?? Number(insert.run(...keyCells(key), ...cells).lastInsertRowid);
      if (before !== null) write.run(...cells, before.id);
      journal.defined(ownerOf(key), version, note);
      hints.defined();
      return { id, version };
    },
    writeProgress: (changed) => void progress.run(...progressCells(changed)),
  };
}
