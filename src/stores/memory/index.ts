/**
 * The store in memory: the model that every other store must agree with, and a store for tests and for work that may be
 * forgotten. Each verb is a synchronous function on the state, so each is one atomic step; what a move does to a record is
 * said by core.
 *
 * state.ts what is known · records.ts, lines.ts how jobs are found · step.ts one step's time, event and hints ·
 * push.ts after.ts claim.ts report.ts jobs.ts list.ts restore.ts queues.ts limits.ts nodes.ts definitions.ts definitions-list.ts fire.ts journal.ts sweep.ts scrub.ts unreadable.ts the verbs · move.ts owned.ts what they share
 */
import { HatstandError } from '../../core/errors.ts';
import { noTime, StoreTime } from '../../core/store-time.ts';
import type { Hint, Store, StoreNoun } from '../../ports/store/store.ts';
import type { PresentTime } from '../../ports/store/upkeep.ts';
import { makeSearcher } from '../searcher.ts';
import { readingsOf, type StoreClock, systemClock } from './clock.ts';
import { due, gather, parts, put, restore as restoreDefinitions } from './definitions.ts';
import { count as countDefinitions, list as listDefinitions } from './definitions-list.ts';
import { fire } from './fire.ts';
import * as jobs from './jobs.ts';
import { entries, publish } from './journal.ts';
import { configure as configureLimit, list as listLimits, remove as removeLimit } from './limits.ts';
import { list } from './list.ts';
import * as nodes from './nodes.ts';
import * as queues from './queues.ts';
import { scrub } from './scrub.ts';
import { newState, type State } from './state.ts';
import { Step } from './step.ts';
import { followWall } from './stepped.ts';
import { sweep } from './sweep.ts';
import { discard, setAside, unreadable } from './unreadable.ts';

export type { StoreClock } from './clock.ts';

type Verb = (state: State, step: Step, ...args: unknown[]) => unknown;

/** One function for each verb of a noun, but for the list of jobs, which is many looks. */
type Verbs<N extends StoreNoun> = {
  readonly [V in Exclude<keyof Store[N], N extends 'jobs' ? 'list' : never>]: Store[N][V] extends (...args: infer A) => Promise<infer R>
    ? (state: State, step: Step, ...args: A) => R
    : never;
};

/** Every function that `jobs.ts`, `queues.ts` and `nodes.ts` export is a verb. */
const verbs: { readonly [N in StoreNoun]: Verbs<N> } = {
  jobs,
  queues,
  limits: { list: listLimits, configure: configureLimit, remove: removeLimit },
  nodes,
  definitions: { put, list: listDefinitions, count: countDefinitions, due, fire, gather, parts, restore: restoreDefinitions },
  journal: { entries, publish },
  upkeep: { sweep, scrub, time, setAside, unreadable, discard },
};

export interface MemoryOptions {
  /** Default: the machine's. */
  readonly clock?: StoreClock;
  /** Part of every id, 0 to 1023; 0 by default. */
  readonly serverId?: number;
}

/** Opens an empty store. Nodes of this process may share it; what it keeps is gone when the process ends. */
export function openMemory(options: MemoryOptions = {}): Store {
  const state = newState(options.serverId ?? 0);
  const clock = options.clock ?? systemClock;
  const present = new StoreTime(readingsOf(clock), noTime);
  const listeners = new Set<(hint: Hint) => void>();
  const searcher = makeSearcher();
  let closed = false;

  /** Runs one atomic step; what it did is told when it is done. */
  async function run<T>(verb: (state: State, step: Step) => T): Promise<T> {
    if (closed) throw new HatstandError('store_unavailable', 'The store is closed.');
    const stepped = present.tick(readingsOf(clock));
    const step = new Step(present);
    if (stepped !== 0) followWall(state, step, stepped);
    const answer = verb(state, step);
    keepEntry(state, step);
    for (const hint of step.hints()) for (const listener of listeners) listener(hint);
    return answer;
  }

  /** The verbs of one noun, each as a step. */
  function asSteps<N extends StoreNoun>(noun: N): Pick<Store[N], keyof Verbs<N>> {
    const ofNoun = Object.entries<Verb>(verbs[noun] as Record<string, Verb>);
    const steps = ofNoun.map(([name, verb]) => [name, (...args: unknown[]) => run((s, step) => verb(s, step, ...args))]);
    return Object.fromEntries(steps) as Pick<Store[N], keyof Verbs<N>>;
  }

  return {
    warnings: [],
    durability: { profile: 'volatile', survives: 'Jobs are kept in memory: they are gone when this process ends.' },
    location: 'memory',
    reachedFrom: null,
    shared: true,
    keeper: null,
    jobs: {
      ...asSteps('jobs'),
      list: (query, signal) => list(run, searcher, query, signal),
    },
    queues: asSteps('queues'),
    limits: asSteps('limits'),
    nodes: asSteps('nodes'),
    definitions: asSteps('definitions'),
    journal: asSteps('journal'),
    upkeep: asSteps('upkeep'),
    onHint(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      closed = true;
      await searcher.close();
    },
  };
}

function keepEntry(state: State, step: Step): void {
  const entry = step.entry(state.journalSeq + 1);
  if (entry === null) return;
  state.journalSeq = entry.seq;
  state.journal.push(entry);
}

function time(_: State, { now, orderAhead, believedIn }: Step): PresentTime {
  return { now, ahead: orderAhead, sweepsIn: believedIn };
}
