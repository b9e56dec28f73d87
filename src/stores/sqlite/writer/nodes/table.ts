/** Nodes in the file. */
import { goneNodes, type NodeRecord } from '../../../../core/node.ts';
import { type NodeEnding, nodeEndingCode } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { goneNodeColumns, insertNodeSql, type KnownNode, nodeCells, readGoneNode } from '../../file/rows/node.ts';
import type { State } from '../state.ts';

export interface NodesTable {
  /** Also one that is known. */
  keep(node: KnownNode): void;
  /** Its record stays, as one that is gone; the oldest of these go. */
  end(incarnation: string, how: NodeEnding, heardAt: number): void;
  /** Whether there was such a record. */
  remove(incarnation: string): boolean;
  /** Those that are gone, the one heard of last first. */
  gone(): readonly NodeRecord[];
}

const goneSql = `SELECT ${goneNodeColumns} FROM nodes WHERE ending IS NOT NULL AND heard_at > ? ORDER BY heard_at DESC`;

const trimSql = `
  DELETE FROM nodes WHERE ending IS NOT NULL AND incarnation NOT IN (
    SELECT incarnation FROM nodes WHERE ending IS NOT NULL ORDER BY heard_at DESC LIMIT ${goneNodes.most})`;

/** At the opening: whoever has not ended died with the process that wrote the newest entry of the journal. */
export const endAllSql = `
  UPDATE nodes SET ending = ${nodeEndingCode('buried')}, heard_at = max(started_at, coalesce((SELECT at FROM journal ORDER BY seq DESC LIMIT 1), 0))
  WHERE ending IS NULL;
  ${trimSql};
  DELETE FROM inbox;`;

export function makeNodesTable({ db, clock, serverId }: State): NodesTable {
  const keep = db.prepare(insertNodeSql);
  const end = db.prepare('UPDATE nodes SET ending = ?, heard_at = ? WHERE incarnation = ?');
  const trim = db.prepare(trimSql);
  const remove = db.prepare('DELETE FROM nodes WHERE incarnation = ?');
  const gone = prepareRows(db, goneSql);
  return {
    keep: (node) => void keep.run(...nodeCells(node, serverId)),
    end(incarnation, how, heardAt) {
      end.run(nodeEndingCode(how), heardAt, incarnation);
      trim.run();
    },
    remove: (incarnation) => Number(remove.run(incarnation).changes) > 0,
    gone() {
      const now = clock.now();
      return gone.all(now - goneNodes.shownFor).flatMap((row) => readGoneNode(row, now) ?? []);
    },
  };
}
