/** The versions of a kind: each is greater than all before it. Of each group the newest one is kept that concerned it. */
import type { DatabaseSync } from 'node:sqlite';
import type { DefinitionKind } from '../../../../core/definition.ts';
import { kindCode } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';

const nextSql = `
  INSERT INTO kinds (kind, version, swept) VALUES (?, 1, 0) ON CONFLICT (kind) DO UPDATE SET version = version + 1 RETURNING version`;

/** What a count that was damaged becomes: the newest version that there is, or could have been. */
const mendSql = `
  UPDATE kinds SET version = v, swept = iif(swept BETWEEN 0 AND v, swept, v) FROM (
    SELECT max(iif(kinds.version BETWEEN 0 AND ?1, kinds.version, 0), coalesce(max(definitions.version), 0)) AS v
    FROM kinds LEFT JOIN definitions ON definitions.kind = kinds.kind AND definitions.version BETWEEN 0 AND ?1 WHERE kinds.kind = ?2)
  WHERE kind = ?2 AND NOT (version = v AND swept BETWEEN 0 AND v)`;

/** No kind ever gets as far. */
const most = 2 ** 52;

export interface Versions {
  /** `groups`: those that the change concerns; `''` is none. */
  next(kind: DefinitionKind, groups: Iterable<string>): number;
  /** Answers whether the count was wrong, and is right now. */
  mend(kind: DefinitionKind): boolean;
}

export function makeVersions(db: DatabaseSync): Versions {
  const next = prepareRows(db, nextSql);
  const mend = db.prepare(mendSql);
  const mendCount = (kind: DefinitionKind): boolean => Number(mend.run(most, kindCode(kind)).changes) > 0;
  const keepGroup = db.prepare('INSERT OR REPLACE INTO groups (kind, "group", version) VALUES (?, ?, ?)');
  const count = (kind: DefinitionKind): number => {
    const version = Number(next.get(kindCode(kind))?.[0]);
    if (version > 0 && version <= most) return version;
    mendCount(kind);
    return Number(next.get(kindCode(kind))?.[0]);
  };
  return {
    next(kind, groups) {
      const version = count(kind);
      for (const group of new Set(groups)) if (group !== '') keepGroup.run(kindCode(kind), group, version);
      return version;
    },
    mend: mendCount,
  };
}
