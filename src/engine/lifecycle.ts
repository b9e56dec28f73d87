/** What became of jobs and definitions, as events: what an entry of the journal tells, and what the records say of it now. */
import { depthOf } from '../core/about.ts';
import { type Definition, type DefinitionKey, definitionKinds, ownerOf } from '../core/definition.ts';
import type { ToldEvent } from '../core/event.ts';
import { type Job, noResult } from '../core/job.ts';
import { definitionEventType, jobEventType, type LifecycleEvent, lifecycleEvents, stateAfter } from '../core/lifecycle-event.ts';
import { readTrigger } from '../core/trigger-record.ts';
import type { JournalEntry } from '../ports/store/journal.ts';
import type { Store } from '../ports/store/store.ts';
import { makeJobsById } from './jobs-by-id.ts';

export interface ToldLifecycle extends ToldEvent {
  /** How many jobs one after the other led to it. */
  readonly depth: number;
  /** The definition that it is about, or that pushed the job that it is about (core/definition.ts `ownerOf`); `''`: none. */
  readonly owner: string;
  /** Of the job that it is about; `''`: none. */
  readonly worker: string;
}

type Told = Omit<ToldLifecycle, 'number'>;

/** Of an entry, those that are wanted, numbered behind the events that were published in it. Of a job that is gone nothing is known but its id. */
export type LifecycleOf = (entry: JournalEntry, isWanted: (event: LifecycleEvent) => boolean) => Promise<readonly ToldLifecycle[]>;

export function makeLifecycle(store: Store): LifecycleOf {
  const jobsOf = makeJobsById(store);

  async function definitionsOf(events: readonly LifecycleEvent[]): Promise<ReadonlyMap<string, Definition>> {
    const keys = events.flatMap((event) => keyOf(event) ?? []);
    if (keys.length === 0) return new Map();
    const { definitions: found } = await store.definitions.list({ by: 'keys', keys });
    return new Map(found.map((each) => [ownerOf(each), each]));
  }

  return async (entry, isWanted) => {
    const numbered = lifecycleEvents(entry).map((event, at) => ({ event, number: entry.told.length + at }));
    const wanted = numbered.filter(({ event }) => isWanted(event));
    if (wanted.length === 0) return [];
    const events = wanted.map(({ event }) => event);
    const records = await jobsOf([...new Set(events.flatMap(({ type, id }) => (type === jobEventType ? id : [])))]);
    const there = await definitionsOf(events);
    return wanted.map(({ event, number }) => ({
      ...(event.type === jobEventType ? ofJob(event, records.get(event.id), entry.at) : ofDefinition(event, there)),
      number,
    }));
  };
}

function ofJob({ type, verb, id, move }: LifecycleEvent, job: Job | undefined, at: number): Told {
  const event = { type, verb, id, old: null, key: null };
  if (job === undefined) return { ...event, domain: '', doc: JSON.stringify({ id, move }), depth: 0, owner: '', worker: '' };
  const { domain, owner, worker } = job;
  return { ...event, domain, doc: JSON.stringify({ id, move, ...shownOf(job, move, at) }), depth: depthOf(job), owner, worker };
}

/** What the record says now, but for its state, which is the one after the move, and for the tries of one that was just pushed. What it came to later is told with that. */
function shownOf(job: Job, move: LifecycleEvent['move'], at: number): object {
  const { worker, queue, name, manual, owner, state, reason, run, attempt, result } = job;
  const then = stateAfter(move, job, at);
  const { statusCode, error, cause } = then === state ? result : noResult;
  const tries = move === 'push' ? { run: 1, attempt: 0 } : { run, attempt };
  return { worker, queue, name, manual, owner, state: then, reason: then === state ? reason : '', ...tries, statusCode, error, cause };
}

/** One that is not there any more was removed. */
function ofDefinition(event: LifecycleEvent, there: ReadonlyMap<string, Definition>): Told {
  const { type, verb, id, move, facts } = event;
  const key = keyOf(event);
  const definition = key === null ? undefined : there.get(ownerOf(key));
  const isThere = definition !== undefined;
  const known = definition?.kind === 'trigger' ? badOf(definition) : {};
  const doc = JSON.stringify({ id, move: isThere || move !== 'put' ? move : 'remove', ...facts, ...known });
  const owner = key === null ? '' : ownerOf(key);
  return { domain: event.domain ?? '', type, verb: isThere ? verb : 'DELETED', id, doc, old: null, key: null, depth: 0, owner, worker: '' };
}

/** Why a trigger is bad now, if it is. */
function badOf({ body }: Definition): { readonly bad?: string } {
  try {
    const { bad } = readTrigger(body);
    return bad === null ? {} : { bad };
  } catch {
    return {};
  }
}

function keyOf({ type, id, domain }: LifecycleEvent): DefinitionKey | null {
  const kind = definitionKinds.find((each) => type === definitionEventType(each));
  return kind === undefined || domain === null ? null : { kind, domain, key: id };
}
