/** The nodes and queues of the store's port, over the threads. */
import { type InboxMessage, type NodeRecord, noLoad } from '../../core/node.ts';
import type { QueueRecord } from '../../core/queue.ts';
import type { NodeStore, Renewed } from '../../ports/store/nodes.ts';
import type { QueueStore } from '../../ports/store/queues.ts';
import { nodeEndings, nodeModes } from './nodes-table.ts';
import { readRef } from './port-jobs.ts';
import { type Cell, type TapeReader, writeList } from './tape.ts';
import type { Threads } from './threads.ts';
import { readCounts, readSettings } from './wire.ts';

const nothing = (): void => {};

export function makeQueuePort(threads: Threads): QueueStore {
  return {
    list: () => threads.write('queues', 0, nothing, (tape) => tape.list(() => readQueue(tape))),
    configure: (queue, change) => threads.write('configure', 0, (cells) => cells.push(queue, JSON.stringify(change)), readSettings),
  };
}

function readQueue(tape: TapeReader): QueueRecord {
  const name = tape.text();
  const oldestWaiting = tape.numberOrNull();
  return { name, oldestWaiting, ...readSettings(tape), counts: readCounts(tape) };
}

export function makeNodePort(threads: Threads): NodeStore {
  return { ...makeLife(threads), ...makeAdmin(threads) };
}

/** What nodes call for themselves. */
function makeLife(threads: Threads): Pick<NodeStore, 'join' | 'renew' | 'reconcile' | 'leave'> {
  return {
    join: ({ incarnation, name, version, address }, ttl) =>
      threads.write(
        'join',
        0,
        (cells) => cells.push(incarnation, name, version, address, ttl),
        (tape) => ({ kind: 'joined', serverId: tape.number(), namesakes: tape.list(() => tape.text()) }),
      ),
    renew: (incarnation, ttl, ack, { running, slots }) =>
      threads.write('renew', 0, (cells) => cells.push(incarnation, ttl, ack, running, slots), readRenewed),
    reconcile(incarnation, held, pending) {
      const write = (cells: Cell[]): void => {
        cells.push(incarnation);
        writeList(cells, held, ({ id, fence }) => cells.push(id, fence));
        writeList(cells, pending, (operation) => cells.push(operation));
      };
      return threads.write('reconcile', 100 * held.length, write, (tape) => ({
        abort: tape.list(() => readRef(tape)),
        released: tape.list(() => readRef(tape)),
      }));
    },
    leave: (incarnation) => threads.write('leave', 0, (cells) => cells.push(incarnation), nothing),
  };
}

function makeAdmin(threads: Threads): Pick<NodeStore, 'steer' | 'forget' | 'bury' | 'list'> {
  return {
    steer: (node, mode) =>
      threads.write(
        'steer',
        0,
        (cells) => cells.push(node, nodeModes.indexOf(mode)),
        (tape) => tape.list(() => tape.text()),
      ),
    forget: (incarnation) =>
      threads.write(
        'forget',
        0,
        (cells) => cells.push(incarnation),
        (tape) => (tape.flag() ? { kind: 'forgotten', attempts: tape.number() } : { kind: 'missing' }),
      ),
    bury: (ttl, gap) =>
      threads.write(
        'bury',
        0,
        (cells) => cells.push(ttl, gap),
        (tape) => ({ incarnations: tape.list(() => tape.text()), attempts: tape.number() }),
      ),
    list: () => threads.write('nodes', 0, nothing, (tape) => [...tape.list(() => readLive(tape)), ...tape.list(() => readGone(tape))]),
  };
}

function readKnown(tape: TapeReader): Omit<NodeRecord, 'load' | 'state' | 'heardAgo' | 'leaseLeft'> {
  const [incarnation, name, version, address] = [tape.text(), tape.text(), tape.text(), tape.text()];
  const [serverId, startedAt, mode] = [tape.number(), tape.number(), nodeModes[tape.number()] ?? 'active'];
  return { incarnation, name, version, address, serverId, startedAt, mode };
}

function readLive(tape: TapeReader): NodeRecord {
  const known = readKnown(tape);
  const load = { running: tape.number(), slots: tape.number() };
  return { ...known, load, state: 'live', heardAgo: tape.number(), leaseLeft: tape.number() };
}

function readGone(tape: TapeReader): NodeRecord {
  const known = readKnown(tape);
  const state = nodeEndings[tape.number()] ?? 'buried';
  return { ...known, load: noLoad, state, heardAgo: tape.number(), leaseLeft: 0 };
}

function readRenewed(tape: TapeReader): Renewed | { readonly kind: 'buried' } {
  if (!tape.flag()) return { kind: 'buried' };
  const mode = nodeModes[tape.number()] ?? 'active';
  const inbox: readonly InboxMessage[] = tape.list(() => ({ kind: 'cancel', seq: tape.number(), ...readRef(tape) }));
  return { kind: 'renewed', mode, inbox, digest: tape.text() };
}
