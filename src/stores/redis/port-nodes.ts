/** The nodes of the store's port: arguments become words, replies become answers. */

import type { AttemptRef } from '../../core/job.ts';
import { goneNodes, type InboxMessage, type Incarnation, type NodeMode, type NodeRecord, noLoad } from '../../core/node.ts';
import { loseMoves, maxLost, releaseMoves } from '../../core/transitions.ts';
import type { Joined, NodeStore, Reconciled, Renewed } from '../../ports/store/nodes.ts';
import { asList, asNumber, type Calls, type Sender } from './calls.ts';
import type { Argument, Reply } from './driver/driver.ts';
import type { Shown } from './shown.ts';
import { writeMoves } from './wire.ts';
import { noWord, paddedId, plainId, textOf, wordOf } from './words.ts';

/**
 * @param sender becomes the node that joins
 * @param onRenewed called with the answer to each renewal
 */
export function makeNodePort(calls: Calls, sender: Sender, onRenewed: (answer: Renewal) => void): NodeStore {
  return { ...makeMembership(calls, sender, onRenewed), ...makeEnds(calls) };
}

type Renewal = Awaited<ReturnType<NodeStore['renew']>>;

/** What a living node calls, and what is said of it. */
function makeMembership(
  calls: Calls,
  sender: Sender,
  onRenewed: (answer: Renewal) => void,
): Pick<NodeStore, 'join' | 'renew' | 'steer' | 'reconcile' | 'list'> {
  return {
    async join({ incarnation, name, version, address, serverId }, ttl) {
      const words = [incarnation, name, version, address].map(wordOf);
      const asked = serverId === null ? noWord : String(serverId);
      const joined = await calls.step({ name: 'join' }, (args) => args.push('join', ...words, asked, String(ttl)), readJoined);
      if (joined.kind === 'joined') {
        sender.serverId = joined.serverId;
        sender.node = wordOf(incarnation);
      }
      return joined;
    },
    async renew(incarnation, ttl, ack, { running, slots }) {
      const write = (args: Argument[]): void => void args.push('renew', wordOf(incarnation), ...[ttl, ack, running, slots].map(String));
      const renewed = await calls.step({ name: 'renew' }, write, readRenewed);
      onRenewed(renewed);
      return renewed;
    },
    steer: (node, mode) => calls.step({ name: 'steer' }, (args) => args.push('steer', wordOf(node), mode), readIncarnations),
    reconcile(incarnation, held, pending) {
      const refs = held.map(({ id, fence }) => `${paddedId(id)} ${fence}`);
      const write = (args: Argument[]): void => {
        args.push('reconcile', wordOf(incarnation), String(refs.length), ...refs, String(pending.length), ...pending.map(wordOf));
        writeMoves(args, '', releaseMoves);
      };
      return calls.step({ name: 'reconcile', size: 100 * held.length }, write, (reply) => readReconciled(reply, held));
    },
    list: () => calls.look(['nodes'], readNodes),
  };
}

/** How nodes end. */
function makeEnds(calls: Calls): Pick<NodeStore, 'leave' | 'forget' | 'bury'> {
  return {
    leave(incarnation) {
      const write = (args: Argument[]): void => {
        args.push('leave', wordOf(incarnation), String(goneNodes.most));
        writeMoves(args, '', releaseMoves);
      };
      return calls.step({ name: 'leave' }, write, () => {});
    },
    forget(incarnation) {
      const write = (args: Argument[]): void => {
        args.push('forget', wordOf(incarnation));
        writeLoseMoves(args);
      };
      return calls.step({ name: 'forget' }, write, (reply) => {
        const attempts = asNumber(reply);
        return attempts < 0 ? { kind: 'missing' } : { kind: 'forgotten', attempts };
      });
    },
    bury(ttl, gap) {
      const write = (args: Argument[]): void => {
        args.push('bury', String(ttl), String(gap), String(goneNodes.most));
        writeLoseMoves(args);
      };
      return calls.step({ name: 'bury' }, write, (reply) => {
        const shown = asList(reply);
        const attempts = shown.number();
        return { attempts, incarnations: shown.rest((each) => textOf(each.text())) };
      });
    },
  };
}

/** Core decides what becomes of a lost job, for every answer that its record may give (lua/held.lua `takeLoseMoves`). */
export function writeLoseMoves(args: Argument[]): void {
  args.push(String(maxLost));
  for (const onLost of ['retry', 'fail'] as const) {
    for (let lost = 0; lost < maxLost; lost++) writeMoves(args, '', loseMoves({ lost, options: { onLost } }));
  }
}

const readIncarnations = (reply: Reply): readonly Incarnation[] => asList(reply).rest((shown) => textOf(shown.text()));

function readJoined(reply: Reply): Joined {
  const shown = asList(reply);
  switch (shown.text()) {
    case 'joined':
      return { kind: 'joined', serverId: Number(shown.text()), namesakes: shown.rest((each) => textOf(each.text())) };
    case 'taken':
      return { kind: 'taken', by: textOf(shown.text()) };
    default:
      return { kind: 'full' };
  }
}

function readRenewed(reply: Reply): Renewed | { readonly kind: 'buried' } {
  const shown = asList(reply);
  if (!shown.more) return { kind: 'buried' };
  const mode = shown.text() as NodeMode;
  const digest = shown.text();
  return { kind: 'renewed', mode, digest, inbox: shown.rest((each) => readMessage(each.text())) };
}

function readMessage(text: string): InboxMessage {
  const [seq, id = '', fence = ''] = text.split(' ');
  return { kind: 'cancel', seq: Number(seq), id: plainId(id), fence };
}

function readReconciled(reply: Reply, held: readonly AttemptRef[]): Reconciled {
  const shown = asList(reply);
  const abort = shown.list().rest((each) => held[each.number() - 1]);
  const released = shown.list().rest((each) => {
    const [id = '', fence = ''] = each.text().split(' ');
    return { id: plainId(id), fence };
  });
  return { abort: abort.filter((ref) => ref !== undefined), released };
}

function readNodes(reply: Reply): readonly NodeRecord[] {
  const shown = asList(reply);
  const now = Number(shown.text());
  const live = shown.list().rest((each) => readNode(each, now, (words) => ['live', ...words]));
  const gone = shown.list().rest((each) => readNode(each, now, (words) => words));
  live.sort((a, b) => a.joined - b.joined);
  gone.sort((a, b) => a.record.heardAgo - b.record.heardAgo || b.joined - a.joined);
  return [...live, ...gone.filter(({ record }) => record.heardAgo < goneNodes.shownFor)].map(({ record }) => record);
}

/** The words of lua/nodes.lua, behind the node's state. */
function readNode(
  shown: Shown,
  now: number,
  stated: (words: string[]) => string[],
): { readonly joined: number; readonly record: NodeRecord } {
  const incarnation = textOf(shown.text());
  const [state, mode, serverId, joined, startedAt, heardAt, leaseUntil, running, slots, name = '', version = '', address = ''] = stated(
    shown.text().split(' '),
  );
  const isLive = state === 'live';
  return {
    joined: Number(joined),
    record: {
      incarnation,
      name: textOf(name),
      version: textOf(version),
      address: textOf(address),
      serverId: Number(serverId),
      startedAt: Number(startedAt),
      mode: mode === 'draining' ? 'draining' : 'active',
      state: isLive ? 'live' : state === 'left' ? 'left' : 'buried',
      load: isLive ? { running: Number(running), slots: Number(slots) } : noLoad,
      heardAgo: Math.max(0, now - Number(heardAt)),
      leaseLeft: isLive ? Math.max(0, Number(leaseUntil) - now) : 0,
    },
  };
}
