/** A node's record: words, behind how it ended when it is gone (node.lua). */
import { type NodeRecord, noLoad } from '../../../core/node.ts';
import type { ReplyReader } from '../format/reply-reader.ts';
import { textOf } from '../format/words.ts';

export interface JoinedNode {
  /** Rises with each node that joins. */
  readonly joined: number;
  readonly record: NodeRecord;
}

export const readLive = (reader: ReplyReader, now: number): JoinedNode =>
  readNode(reader.text(), ['live', ...reader.text().split(' ')], now);

export const readGone = (reader: ReplyReader, now: number): JoinedNode => readNode(reader.text(), reader.text().split(' '), now);

function readNode(incarnation: string, words: readonly string[], now: number): JoinedNode {
  const [state, mode, server, joined, started, heard, lease, running, slots, name = '', version = '', address = ''] = words;
  const isLive = state === 'live';
  return {
    joined: Number(joined),
    record: {
      incarnation: textOf(incarnation),
      name: textOf(name),
      version: textOf(version),
      address: textOf(address),
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
