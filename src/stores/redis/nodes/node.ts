/** A node's record: words, behind how it ended when it is gone (node.lua). */
import { type NodeRecord, noLoad } from '../../../core/node.ts';
import type { ReplyReader } from '../format/reply-reader.ts';
import { textOf } from '../format/words.ts';

export interface JoinedNode {
  /** Rises with each node that joins. */
  readonly joined: number;
  readonly record: NodeRecord;
}

type Serves = NodeRecord['serves'];

/** @param served by the words of incarnations; of a node that has told nothing it is not known what it serves */
export function readLive(reader: ReplyReader, now: number, served: ReadonlyMap<string, Serves>): JoinedNode {
  const incarnation = reader.text();
  return readNode(incarnation, ['live', ...reader.text().split(' ')], served.get(incarnation) ?? null, now);
}

export const readGone = (reader: ReplyReader, now: number): JoinedNode => readNode(reader.text(), reader.text().split(' '), [], now);

function readNode(incarnation: string, words: readonly string[], serves: Serves, now: number): JoinedNode {
  const [state, mode, server, joined, started, heard, lease, running, slots, name = '', version = '', address = ''] = words;
  const isLive = state === 'live';
  return {
    joined: Number(joined),
    record: {
      incarnation: textOf(incarnation),
      name: textOf(name),
      version: textOf(version),
      address: textOf(address),
      serves,
      serverId: Number(server),
      startedAt: Number(started),
      mode: mode === 'draining' ? 'draining' : 'active',
      state: isLive ? 'live' : state === 'left' ? 'left' : 'buried',
      load: isLive ? { running: Number(running), slots: Number(slots) } : noLoad,
      heardAgo: Math.max(0, now - Number(heard)),
      leaseLeft: isLive ? Math.max(0, Number(lease) - now) : 0,
    },
  };
}
