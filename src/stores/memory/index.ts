/**
 * The store in memory: the model that every other store must agree with, and a store for tests and for work that may be
 * forgotten. Each verb is a synchronous function on the state, so each is one atomic step; what a move does to a record is
 * said by core.
 *
 * state.ts what is known · records.ts, lines.ts how jobs are found · step.ts one step's time, event and hints ·
 * push.ts claim.ts jobs.ts list.ts restore.ts queues.ts nodes.ts definitions.ts definitions-list.ts fire.ts sweep.ts scrub.ts the verbs · move.ts owned.ts what they share
 */
import { HatstandError } from '../../core/errors.ts';
import type { Hint, Store } from '../../ports/store/store.ts';
import { planList } from '../list-plan.ts';
import { claim, promote } from './claim.ts';
import { openClock, type StoreClock } from './clock.ts';
import { due, found, gather, put, restore as restoreDefinitions } from './definitions.ts';
import { list as listDefinitions } from './definitions-list.ts';
import { fire } from './fire.ts';
import { attempts, change, count, extend, remove, settle } from './jobs.ts';
import { list } from './list.ts';
import { bury, forget, join, leave, nodes, reconcile, renew, steer } from './nodes.ts';
import { push } from './push.ts';
import { configure, queues } from './queues.ts';
import { restore } from './restore.ts';
import { scrub } from './scrub.ts';
import { newState, type State } from './state.ts';
import { Step } from './step.ts';
import { sweep } from './sweep.ts';

export type { StoreClock } from './clock.ts';

export interface MemoryOptions {
  /** Default: the wall clock at the opening and the monotonic clock from there. */
  readonly clock?: StoreClock;
  /** Part of every id, 0 to 1023; 0 by default. */
  readonly serverId?: number;
}

/** Opens an empty store. Nodes of this process may share it; what it keeps is gone when the process ends. */
export function openMemory(options: MemoryOptions = {}): Store {
  const state = newState(options.serverId ?? 0);
  const clock = options.clock ?? openClock();
  const listeners = new Set<(hint: Hint) => void>();
  let newest = 0;
  let closed = false;

  /** Runs one atomic step; what it did is told when it is done. */
  async function run<T>(verb: (state: State, step: Step) => T): Promise<T> {
    if (closed) throw new HatstandError('store_unavailable', 'The store is closed.');
    newest = Math.max(newest, clock.now());
    const step = new Step(newest);
    const answer = verb(state, step);
    keepEntry(state, step);
    for (const hint of step.hints()) for (const listener of listeners) listener(hint);
    return answer;
  }

  return {
    warnings: [],
    durability: { profile: 'volatile', survives: 'Jobs are kept in memory: they are gone when this process ends.' },
    location: 'memory',
    shared: true,
    keeper: null,
    jobs: {
      push: (jobs) => run((s, step) => push(s, step, jobs)),
      claim: (request) => run((s, step) => claim(s, step, request)),
      settle: (ref, moves, effects) => run((s, step) => settle(s, step, ref, moves, effects)),
      extend: (ref, ttl) => run((s, step) => extend(s, step, ref, ttl)),
      change: (id, moves) => run((s, step) => change(s, step, id, moves)),
      remove: (id, from) => run((s, step) => remove(s, step, id, from)),
      promote: (limit) => run((s, step) => promote(s, step, limit)),
      restore: (copies) => run((s, step) => restore(s, step, copies)),
      get: (id) => run((s) => s.records.get(id)?.job ?? null),
      attempts: (id, limit) => run((s) => attempts(s, id, limit)),
      async list(query) {
        const plan = await planList(query);
        return run((s) => list(s, query, plan));
      },
      count: () => run(count),
    },
    queues: {
      list: () => run(queues),
      configure: (queue, changed) => run((s, step) => configure(s, step, queue, changed)),
    },
    nodes: {
      join: (node, ttl) => run((s, step) => join(s, step, node, ttl)),
      renew: (incarnation, ttl, ack, load) => run((s, step) => renew(s, step, incarnation, ttl, ack, load)),
      steer: (node, mode) => run((s, step) => steer(s, step, node, mode)),
      reconcile: (incarnation, held, pending) => run((s, step) => reconcile(s, step, incarnation, held, pending)),
      leave: (incarnation) => run((s, step) => leave(s, step, incarnation)),
      forget: (incarnation) => run((s, step) => forget(s, step, incarnation)),
      bury: (ttl, gap) => run((s, step) => bury(s, step, ttl, gap)),
      list: () => run(nodes),
    },
    upkeep: {
      sweep: (retention) => run((s, step) => sweep(s, step, retention)),
      scrub: (cursor, limit) => run((s, step) => scrub(s, step, cursor, limit)),
    },
    definitions: {
      put: (puts, by) => run((s, step) => put(s, step, puts, by)),
      list: (query) => run((s) => listDefinitions(s, query)),
      due: (kinds, limit, behind) => run((s, step) => due(s, step, kinds, limit, behind)),
      fire: (firings) => run((s, step) => fire(s, step, firings)),
      gather: (parts) => run((s, step) => gather(s, step, parts)),
      parts: (key) => run((s) => found(s, key)?.parts ?? []),
      restore: (copies) => run((s, step) => restoreDefinitions(s, step, copies)),
    },
    journal: { entries: (after, limit) => run((s) => entriesAfter(s, after, limit)) },
    onHint(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      closed = true;
    },
  };
}

function keepEntry(state: State, step: Step): void {
  const entry = step.entry(state.journalSeq + 1);
  if (entry === null) return;
  state.journalSeq = entry.seq;
  state.journal.push(entry);
}

function entriesAfter(state: State, after: number, limit: number): State['journal'] {
  const from = Math.max(0, after + 1 - (state.journal[0]?.seq ?? 0));
  return state.journal.slice(from, from + limit);
}
