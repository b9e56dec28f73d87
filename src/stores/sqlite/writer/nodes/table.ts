/** Nodes in the file. */
import { messageOf } from '../../../../core/errors.ts';
import { goneNodes, type NodeRecord } from '../../../../core/node.ts';
import { unreadableId } from '../../../../core/unreadable.ts';
import { type NodeEnding, nodeEndingCode } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { goneNodeColumns, insertNodeSql, type KnownNode, nodeCells, readGoneNode } from '../../file/rows/node.ts';
import type { Row } from '../../file/tape.ts';
import type { State } from '../state.ts';
import type { SetAside } from '../upkeep/unreadable.ts';

export interface NodesTable {
  /** Also one that is known. */
  keep(node: KnownNode): void;
  /** Its record stays, as one that is gone; the oldest of these go. */
  end(incarnation: string, how: NodeEnding, heardAt: number): void;
  /** Its record is kept among those that were set aside, before it goes. Answers whether there is one. */
  readonly keepAside: SetAside;
  /** Whether there was such a record. */
  remove(incarnation: string): boolean;
  /** Those that are gone, the one heard of last first. What cannot be read is set aside. */
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

export function makeNodesTable({ db, clock, serverId, aside }: State): NodesTable {
  const keep = db.prepare(insertNodeSql);
  const end = db.prepare('UPDATE nodes SET ending = ?, heard_at = ? WHERE incarnation = ?');
  const trim = db.prepare(trimSql);
  const remove = db.prepare('DELETE FROM nodes WHERE incarnation = ?');
  const gone = prepareRows(db, goneSql);
  const exists = db.prepare('SELECT 1 FROM nodes WHERE incarnation = ?');
  const keepAside: SetAside = (incarnation, reason) => {
    if (exists.get(incarnation) === undefined) return false;
    aside.keep(unreadableId('node', incarnation), reason, { node: ['nodes', 'incarnation = ?', incarnation] });
    return true;
  };
  const read = (row: Row, now: number): NodeRecord | null => {
    try {
      return readGoneNode(row, now);
    } catch (error) {
      keepAside(String(row[0]), messageOf(error));
      remove.run(String(row[0]));
      return null;
    }
  };
  return {
    keepAside,
    keep: (node) => void keep.run(...nodeCells(node, serverId)),
    end(incarnation, how, heardAt) {
      end.run(nodeEndingCode(how), heardAt, incarnation);
      trim.run();
    },
    remove: (incarnation) => Number(remove.run(incarnation).changes) > 0,
    gone() {
      const now = clock.now();
      return gone.all(now - goneNodes.shownFor).flatMap((row) => read(row, now) ?? []);
    },
  };
}
