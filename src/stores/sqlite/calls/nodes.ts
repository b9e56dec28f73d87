/** The calls of nodes. */
import type { NodeFace } from '../../../core/node.ts';
import type { NodeStore } from '../../../ports/store/nodes.ts';
import type { CallsOf } from './call.ts';
import { args, fields, flag, json, list, nothing, nullable, number, numberOrNull, text, variants, word } from './codec.ts';
import { attemptRef } from './jobs.ts';

const mode = word(['active', 'draining']);
const load = fields({ running: number, slots: number, cpu: numberOrNull, memory: numberOrNull, isCritical: flag });
const refs = list(attemptRef);
const serves = json<NodeFace['serves']>();
const link = json<NodeFace['link']>();
const named = { incarnation: text, name: text, version: text, address: text, serves, link };
const message = fields({ kind: word(['cancel']), seq: number, id: text, fence: text });

const record = fields({
  ...named,
  serverId: number,
  startedAt: number,
  mode,
  load,
  state: word(['live', 'left', 'buried']),
  heardAgo: number,
  leaseLeft: number,
});

const renewal = args(text, number, number, load, nullable(fields({ address: text, serves, link })));
const burial = args(number, number, list(text));
const refSize = 100;

export const nodeCalls = {
  // One process holds the store alone, so that nobody else can have its server id.
  join: {
    thread: 'writer',
    args: args(fields({ ...named, serverId: numberOrNull }), number),
    answer: variants({ joined: { serverId: number, namesakes: list(text) } }),
  },
  renew: {
    thread: 'writer',
    args: {
      write: (cells, [incarnation, ttl, ack, load, face = null]) => renewal.write(cells, [incarnation, ttl, ack, load, face]),
      read: renewal.read,
    },
    answer: variants({ renewed: { mode, inbox: list(message), digest: text }, buried: {} }),
  },
  reconcile: {
    thread: 'writer',
    size: (_incarnation, held) => refSize * held.length,
    args: args(text, refs, list(text)),
    answer: fields({ abort: refs, released: refs }),
  },
  leave: { thread: 'writer', args: args(text), answer: nothing },
  steer: { thread: 'writer', args: args(text, mode), answer: list(text) },
  forget: { thread: 'writer', args: args(text), answer: variants({ forgotten: { attempts: number }, missing: {} }) },
  bury: {
    thread: 'writer',
    args: {
      write: (cells, [ttl, gap, dead = []]) => burial.write(cells, [ttl, gap, dead]),
      read: burial.read,
    },
    answer: fields({ incarnations: list(text), attempts: number }),
  },
  list: { thread: 'writer', args: args(), answer: list(record) },
} satisfies CallsOf<NodeStore>;
