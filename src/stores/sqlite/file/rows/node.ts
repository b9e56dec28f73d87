/** How a node lies in its columns. What is known only while it lives (lease, load, what it serves) stands in memory alone. */
import { type NodeMode, type NodeRecord, noLoad } from '../../../../core/node.ts';
import { modeCode, modeOf, nodeEndingOf } from '../codes.ts';
import { type Cell, type Row, TapeReader } from '../tape.ts';

/** What is kept of a node that lives, but for what it serves, which ends with it. */
export interface KnownNode {
  readonly incarnation: string;
  readonly name: string;
  readonly version: string;
  readonly address: string;
  readonly startedAt: number;
  readonly mode: NodeMode;
}

/** For what `nodeCells` gives. One that was gone and has joined again lives. */
export const insertNodeSql =
  'INSERT OR REPLACE INTO nodes (incarnation, name, version, address, server_id, started_at, mode) VALUES (?, ?, ?, ?, ?, ?, ?)';

export const nodeCells = ({ incarnation, name, version, address, startedAt, mode }: KnownNode, serverId: number): Cell[] => [
  ...[incarnation, name, version, address, serverId, startedAt, modeCode(mode)],
];

/** What `readGoneNode` reads. */
export const goneNodeColumns = 'incarnation, name, version, address, server_id, started_at, mode, ending, heard_at';

/** Throws for what makes none. */
export function readGoneNode(row: Row, now: number): NodeRecord {
  const tape = new TapeReader(row);
  return {
    incarnation: tape.text(),
    name: tape.text(),
    version: tape.text(),
    address: tape.text(),
    serverId: tape.number(),
    startedAt: tape.time(),
    mode: modeOf(tape.number()),
    serves: [],
    link: null,
    load: noLoad,
    state: nodeEndingOf(tape.number()),
    heardAgo: Math.max(0, now - tape.time()),
    leaseLeft: 0,
  };
}
