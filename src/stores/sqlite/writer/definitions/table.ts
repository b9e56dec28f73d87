/** All that is written of definitions, and reading what the writer needs of them; the versions of their kinds. */
import { type DefinitionKey, type DefinitionKind, keyOfOwner, ownerOf } from '../../../../core/definition.ts';
import { kindCode } from '../../file/codes.ts';
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

export interface DefinitionsTable {
  /** Removed ones too. */
  find(key: DefinitionKey): KeptDefinition | null;
  /** The one whose jobs have this owner; removed ones too. */
  findOwner(owner: string): KeptDefinition | null;
  /**
   * Writes it under a new version of its kind, and tells of that. Answers the id of its row.
   *
   * @param before `null`: there is none, not even a removed one
   */
  write(key: DefinitionKey, before: KeptDefinition | null, definition: Omit<WrittenDefinition, 'version'>): Written;
  /** What becomes of it without a new version: when it is due next, its state, its window. */
  writeProgress(progress: DefinitionProgress): void;
}

interface Written {
  readonly id: number;
  readonly version: number;
}

export const findDefinitionSql = `
  SELECT ${keptColumns} FROM definitions INDEXED BY definitions_place WHERE kind = ? AND domain = ? AND key = ?`;

const versionSql = `
  INSERT INTO kinds (kind, version, swept) VALUES (?, 1, 0) ON CONFLICT (kind) DO UPDATE SET version = version + 1 RETURNING version`;

export function makeDefinitionsTable({ db, journal, hints }: State): DefinitionsTable {
  const find = prepareRows(db, findDefinitionSql);
  const insert = db.prepare(insertDefinitionSql);
  const write = db.prepare(writeDefinitionSql);
  const progress = db.prepare(progressSql);
  const nextVersion = prepareRows(db, versionSql);
  const keepGroup = db.prepare('INSERT OR REPLACE INTO groups (kind, "group", version) VALUES (?, ?, ?)');
  const versionOf = (kind: DefinitionKind): number => Number(nextVersion.get(kindCode(kind))?.[0]);

  const findKey = (key: DefinitionKey): KeptDefinition | null => {
    const row = find.get(...keyCells(key));
    return row === undefined ? null : readKept(key, row);
  };

  return {
    find: findKey,
    findOwner(owner) {
      const key = keyOfOwner(owner);
      return key === null ? null : findKey(key);
    },
    write(key, before, definition) {
      const version = versionOf(key.kind);
      const cells = writtenCells({ ...definition, version });
      const id = before?.id ?? Number(insert.run(...keyCells(key), ...cells).lastInsertRowid);
      if (before !== null) write.run(...cells, before.id);
      // It counts for the group that it leaves and the one that it enters.
      for (const group of new Set([before?.group ?? '', definition.group]))
        if (group !== '') keepGroup.run(kindCode(key.kind), group, version);
      journal.defined(ownerOf(key), version);
      hints.defined();
      return { id, version };
    },
    writeProgress: (changed) => void progress.run(...progressCells(changed)),
  };
}
