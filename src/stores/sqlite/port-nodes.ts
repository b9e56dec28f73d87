/** The nodes and queues of the store's port, over the threads. */
import type { InboxMessage } from '../../core/node.ts';
import type { QueueRecord } from '../../core/queue.ts';
import type { NodeStore, QueueStore, Renewed } from '../../ports/store.ts';
import { readRef } from './port-jobs.ts';
import { type Cell, type TapeReader, writeList } from './tape.ts';
import type { Threads } from './threads.ts';
import { readCounts, readSettings } from './wire.ts';

const nothing = (): void => {};

export function makeQueuePort(threads: Threads): QueueStore {
  return {
    queues: () => threads.write('queues', 0, nothing, (tape) => tape.list(() => readQueue(tape))),
    configure: (queue, change) => threads.write('configure', 0, (cells) => cells.push(queue, JSON.stringify(change)), readSettings),
  };
}

function readQueue(tape: TapeReader): QueueRecord {
  const name = tape.text();
  const oldestWaiting = tape.numberOrNull();
  return { name, oldestWaiting, ...readSettings(tape), counts: readCounts(tape) };
}

export function makeNodePort(threads: Threads): NodeStore {
  return {
    join: ({ incarnation, name, version }, ttl) =>
      threads.write('join', 0, (cells) => cells.push(incarnation, name, version, ttl), nothing),
    renew: (incarnation, ttl, ack) => threads.write('renew', 0, (cells) => cells.push(incarnation, ttl, ack), readRenewed),
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
    bury: (ttl, gap) =>
      threads.write(
        'bury',
        0,
        (cells) => cells.push(ttl, gap),
        (tape) => ({ incarnations: tape.list(() => tape.text()), attempts: tape.number() }),
      ),
    nodes: () =>
      threads.write('nodes', 0, nothing, (tape) =>
        tape.list(() => ({ incarnation: tape.text(), name: tape.text(), version: tape.text(), startedAt: tape.number() })),
      ),
  };
}

function readRenewed(tape: TapeReader): Renewed | { readonly kind: 'buried' } {
  if (!tape.flag()) return { kind: 'buried' };
  const inbox: readonly InboxMessage[] = tape.list(() => ({ kind: 'cancel', seq: tape.number(), ...readRef(tape) }));
  return { kind: 'renewed', inbox, digest: tape.text() };
}
