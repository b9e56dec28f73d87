/** Nodes and their inboxes in the file. */
import type { Job } from '../../core/job.ts';
import { goneNodes, type NodeMode } from '../../core/node.ts';
import { prepareRows } from './database.ts';
import type { Ledger } from './ledger.ts';
import type { Cell } from './tape.ts';

/** What never changes of a node. */
export interface KnownNode {
  readonly incarnation: string;
  readonly name: string;
  readonly version: string;
  readonly address: string;
  readonly startedAt: number;
}

/** In the file they stand as their indexes. */
export const nodeModes: readonly NodeMode[] = ['active', 'draining'];
export const nodeEndings = ['left', 'buried'] as const;
export type NodeEnding = (typeof nodeEndings)[number];

export interface NodesTable {
  keep(node: KnownNode): void;
  steer(incarnation: string, mode: NodeMode): void;
  /** Its record stays, as one that is gone; the oldest of these go. */
  end(incarnation: string, how: NodeEnding, heardAt: number): void;
  /** Whether there was such a record. */
  remove(incarnation: string): boolean;
  /** Those that are gone, as (incarnation, name, version, address, server id, start, mode, ending, last heard of). */
  gone(heardAfter: number): readonly (readonly Cell[])[];
  tell(job: Job): void;
  /** Removes the messages up to `ack` and answers the others as (seq, id, fence). */
  inbox(incarnation: string, ack: number): readonly (readonly Cell[])[];
}

const goneSql = `
  SELECT incarnation, name, version, address, server_id, started_at, mode, ending, heard_at FROM nodes
  WHERE ending IS NOT NULL AND heard_at > ? ORDER BY heard_at DESC`;

const trimSql = `
  DELETE FROM nodes WHERE ending IS NOT NULL AND incarnation NOT IN (
    SELECT incarnation FROM nodes WHERE ending IS NOT NULL ORDER BY heard_at DESC LIMIT ${goneNodes.most})`;

/** At the opening: whoever has not ended died with the process that wrote the newest event. */
export const endAllSql = `
  UPDATE nodes SET ending = ${nodeEndings.indexOf('buried')}, heard_at = max(started_at, coalesce((SELECT max(at) FROM events), 0))
  WHERE ending IS NULL;
  ${trimSql};
  DELETE FROM inbox;`;

export function makeNodesTable(ledger: Ledger): NodesTable {
  return { ...makeNodeRows(ledger), ...makeInbox(ledger) };
}

function makeNodeRows({ db, serverId }: Ledger): Pick<NodesTable, 'keep' | 'steer' | 'end' | 'remove' | 'gone'> {
  const keep = db.prepare(
    'INSERT OR REPLACE INTO nodes (incarnation, name, version, address, server_id, started_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const steer = db.prepare('UPDATE nodes SET mode = ? WHERE incarnation = ?');
  const end = db.prepare('UPDATE nodes SET ending = ?, heard_at = ? WHERE incarnation = ?');
  const trim = db.prepare(trimSql);
  const empty = db.prepare('DELETE FROM inbox WHERE holder = ?');
  const remove = db.prepare('DELETE FROM nodes WHERE incarnation = ?');
  const gone = prepareRows(db, goneSql);
  return {
    keep: (node) => void keep.run(node.incarnation, node.name, node.version, node.address, serverId, node.startedAt),
    steer: (incarnation, mode) => void steer.run(nodeModes.indexOf(mode), incarnation),
    end(incarnation, how, heardAt) {
      end.run(nodeEndings.indexOf(how), heardAt, incarnation);
      trim.run();
      empty.run(incarnation);
    },
    remove(incarnation) {
      empty.run(incarnation);
      return Number(remove.run(incarnation).changes) > 0;
    },
    gone: (heardAfter) => gone.all(heardAfter),
  };
}

function makeInbox({ db }: Ledger): Pick<NodesTable, 'tell' | 'inbox'> {
  const tell = db.prepare('INSERT INTO inbox (holder, job_id, fence) VALUES (?, ?, ?)');
  const acknowledge = db.prepare('DELETE FROM inbox WHERE holder = ? AND seq <= ?');
  const messages = prepareRows(db, 'SELECT seq, CAST(job_id AS TEXT), CAST(fence AS TEXT) FROM inbox WHERE holder = ? ORDER BY seq');
  return {
    tell: (job) => void tell.run(job.holder, job.id, job.fence),
    inbox(incarnation, ack) {
      if (ack > 0) acknowledge.run(incarnation, ack);
      return messages.all(incarnation);
    },
  };
}
