/** The nodes of the store's port: arguments become words, replies become answers. Each verb's Lua lies beside, by its name. */

import { messageOf } from '../../../core/errors.ts';
import type { AttemptRef } from '../../../core/job.ts';
import { goneNodes, type InboxMessage, type Incarnation, type NodeMode, type NodeRecord } from '../../../core/node.ts';
import { releaseMoves } from '../../../core/transitions.ts';
import { unreadableId } from '../../../core/unreadable.ts';
import type { Joined, NodeStore, Reconciled, Renewed } from '../../../ports/store/nodes.ts';
import type { Found } from '../../set-aside.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { paddedId, plainId } from '../format/ids.ts';
import { writeLoseMoves, writeMovesAhead } from '../format/moves.ts';
import { asList, asNumber, type ReplyReader } from '../format/reply-reader.ts';
import { numberWord, textOf, wordOf } from '../format/words.ts';
import type { Calls, Sender } from '../frame/calls.ts';
import { aboutText, type JoinedNode, readAbout, readGone, readLive, writeHealth } from './node.ts';

/**
 * @param sender becomes the node that joins
 * @param onRenewed called with the answer to each renewal
 * @param found hears of nodes that cannot be read
 */
export function makeNodePort(calls: Calls, sender: Sender, onRenewed: (answer: Renewal) => void, found: Found): NodeStore {
  return { ...makeMembership(calls, sender, onRenewed, found), ...makeEnds(calls) };
}

/** Nothing that JSON could be. */
const sameFace = '';

type Renewal = Awaited<ReturnType<NodeStore['renew']>>;

/** What a living node calls, and what is said of it. */
function makeMembership(
  calls: Calls,
  sender: Sender,
  onRenewed: (answer: Renewal) => void,
  found: Found,
): Pick<NodeStore, 'join' | 'renew' | 'steer' | 'reconcile' | 'list'> {
  return {
    async join({ incarnation, name, version, address, serves, link, serverId }, ttl) {
      const write = (args: Argument[]): string => {
        args.push(...[name, version, address].map(wordOf), aboutText({ serves, link }), numberWord(serverId), String(ttl));
        return wordOf(incarnation);
      };
      const joined = await calls.step('nodes.join', {}, write, readJoined);
      if (joined.kind === 'joined') {
        sender.serverId = joined.serverId;
        sender.node = wordOf(incarnation);
      }
      return joined;
    },
    async renew(incarnation, ttl, ack, load, face) {
      const write = (args: Argument[]): string => {
        args.push(...[ttl, ack, load.running, load.slots].map(String), writeHealth(load));
        args.push(face === undefined ? sameFace : aboutText(face));
        if (face !== undefined) args.push(wordOf(face.address));
        return wordOf(incarnation);
      };
      const renewed = await calls.step('nodes.renew', {}, write, readRenewed);
      onRenewed(renewed);
      return renewed;
    },
    steer(node, mode) {
      const write = (args: Argument[]): string => {
        args.push(mode);
        return wordOf(node);
      };
      return calls.step('nodes.steer', {}, write, readIncarnations);
    },
    reconcile(incarnation, held, pending) {
      const refs = held.map(({ id, fence }) => `${paddedId(id)} ${fence}`);
      const write = (args: Argument[]): string => {
        args.push(String(refs.length), ...refs, String(pending.length), ...pending.map(wordOf));
        writeMovesAhead(args, releaseMoves);
        return wordOf(incarnation);
      };
      return calls.step('nodes.reconcile', { size: 100 * held.length }, write, (reply) => readReconciled(reply, held));
    },
    list: () => calls.look('nodes.list', [], (reply) => readNodes(reply, found)),
  };
}

/** How nodes end. */
function makeEnds(calls: Calls): Pick<NodeStore, 'leave' | 'forget' | 'bury'> {
  return {
    leave(incarnation) {
      const write = (args: Argument[]): string => {
        args.push(String(goneNodes.most));
        writeMovesAhead(args, releaseMoves);
        return wordOf(incarnation);
      };
      return calls.step('nodes.leave', {}, write, () => {});
    },
    forget(incarnation) {
      const write = (args: Argument[]): string => {
        writeLoseMoves(args);
        return wordOf(incarnation);
      };
      return calls.step('nodes.forget', {}, write, (reply) => {
        const attempts = asNumber(reply);
        return attempts < 0 ? { kind: 'missing' } : { kind: 'forgotten', attempts };
      });
    },
    bury(ttl, gap, dead = []) {
      const write = (args: Argument[]): string => {
        args.push(String(gap), String(goneNodes.most), String(dead.length), ...dead.map(wordOf));
        writeLoseMoves(args);
        return String(ttl);
      };
      return calls.step('nodes.bury', {}, write, (reply) => {
        const reader = asList(reply);
        const attempts = reader.number();
        return { attempts, incarnations: reader.rest((each) => textOf(each.text())) };
      });
    },
  };
}

const readIncarnations = (reply: Reply): readonly Incarnation[] => asList(reply).rest((each) => textOf(each.text()));

function readJoined(reply: Reply): Joined {
  const reader = asList(reply);
  switch (reader.text()) {
    case 'joined':
      return { kind: 'joined', serverId: Number(reader.text()), namesakes: reader.rest((each) => textOf(each.text())) };
    case 'taken':
      return { kind: 'taken', by: textOf(reader.text()) };
    default:
      return { kind: 'full' };
  }
}

function readRenewed(reply: Reply): Renewed | { readonly kind: 'buried' } {
  const reader = asList(reply);
  if (!reader.more) return { kind: 'buried' };
  const mode = reader.text() as NodeMode;
  const digest = reader.text();
  return { kind: 'renewed', mode, digest, inbox: reader.rest((each) => readMessage(each.text())) };
}

function readMessage(text: string): InboxMessage {
  const [seq, id = '', fence = ''] = text.split(' ');
  return { kind: 'cancel', seq: Number(seq), id: plainId(id), fence };
}

function readReconciled(reply: Reply, held: readonly AttemptRef[]): Reconciled {
  const reader = asList(reply);
  const abort = reader.list().rest((each) => held[each.number() - 1]);
  const released = reader.list().rest((each) => {
    const [id = '', fence = ''] = each.text().split(' ');
    return { id: plainId(id), fence };
  });
  return { abort: abort.filter((ref) => ref !== undefined), released };
}

/** Those that can be read. */
function readNodes(reply: Reply, found: Found): readonly NodeRecord[] {
  const reader = asList(reply);
  const now = Number(reader.text());
  const served = new Map(reader.list().rest((each) => [each.text(), readAbout(each.text())]));
  const readable = (each: ReplyReader, read: (incarnation: string, text: string) => JoinedNode): JoinedNode | null => {
    const [incarnation, text] = [each.text(), each.text()];
    try {
      return read(incarnation, text);
    } catch (error) {
      found({ id: unreadableId('node', textOf(incarnation)), reason: messageOf(error) });
      return null;
    }
  };
  const all = (read: (incarnation: string, text: string) => JoinedNode): JoinedNode[] =>
    reader
      .list()
      .rest((each) => readable(each, read))
      .filter((node) => node !== null);
  const live = all((incarnation, text) => readLive(incarnation, text, now, served));
  const gone = all((incarnation, text) => readGone(incarnation, text, now));
  live.sort((a, b) => a.joined - b.joined);
  gone.sort((a, b) => a.record.heardAgo - b.record.heardAgo || b.joined - a.joined);
  return [...live, ...gone.filter(({ record }) => record.heardAgo < goneNodes.shownFor)].map(({ record }) => record);
}
