/** How a node lies in its columns. What changes while it lives (lease, load) stands in memory alone. */
import { type NodeRecord, noLoad } from '../../../../core/node.ts';
import { modeOf, nodeEndingOf } from '../codes.ts';
import { type Cell, type Row, TapeReader } from '../tape.ts';

/** What never changes of a node. */
export interface KnownNode {
  readonly incarnation: string;
  readonly name: string;
  readonly version: string;
  readonly address: string;
  readonly startedAt: number;
}

/** For what `nodeCells` gives. One that was gone and has joined again lives. */
export const insertNodeSql =
  'INSERT OR REPLACE INTO nodes (incarnation, name, version, address, server_id, started_at) VALUES (?, ?, ?, ?, ?, ?)';

export const nodeCells = ({ incarnation, name, version, address, startedAt }: KnownNode, serverId: number): Cell[] => [
  ...[incarnation, name, version, address, serverId, startedAt],
];

/** What `readGoneNode` reads. */
export const goneNodeColumns = 'incarnation, name, version, address, server_id, started_at, mode, ending, heard_at';

export function readGoneNode(row: Row, now: number): NodeRecord {
  const tape = new TapeReader(row);
  return {
    incarnation: tape.text(),
    name: tape.text(),
    version: tape.text(),
    address: tape.text(),
    serverId: tape.number(),
    startedAt: tape.number(),
    mode: modeOf(tape.number()),
    load: noLoad,
    state: nodeEndingOf(tape.number()),
    heardAgo: now - tape.number(),
    leaseLeft: 0,
  };
}
