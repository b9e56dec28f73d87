/** What became of jobs and definitions, as events: what an entry of the journal tells, and what the records say of it now. */
import { depthOf } from '../core/about.ts';
import { type Definition, type DefinitionKey, definitionKinds } from '../core/definition.ts';
import type { NewEvent, ToldEvent } from '../core/event.ts';
import type { Job } from '../core/job.ts';
import { definitionEventType, jobEventType, type LifecycleEvent, lifecycleEvents } from '../core/lifecycle-event.ts';
import { readTrigger } from '../core/trigger-record.ts';
import type { JournalEntry } from '../ports/store/journal.ts';
import type { Store } from '../ports/store/store.ts';
import { makeJobsById } from './jobs-by-id.ts';

export interface ToldLifecycle extends ToldEvent {
  /** How many jobs one after the other led to it. */
  readonly depth: number;
}

/** Of an entry, those that are wanted, numbered behind the events that were published in it. Of a job that is gone nothing is known but its id. */
export type LifecycleOf = (entry: JournalEntry, isWanted: (event: LifecycleEvent) => boolean) => Promise<readonly ToldLifecycle[]>;

export function makeLifecycle(store: Store): LifecycleOf {
  const jobsOf = makeJobsById(store);

  async function definitionsOf(events: readonly LifecycleEvent[]): Promise<ReadonlyMap<string, Definition>> {
    const keys = events.flatMap((event) => keyOf(event) ?? []);
    if (keys.length === 0) return new Map();
    const { definitions: found } = await store.definitions.list({ by: 'keys', keys });
    return new Map(found.map((each) => [placeOf(each), each]));
  }

  return async (entry, isWanted) => {
    const numbered = lifecycleEvents(entry).map((event, at) => ({ event, number: entry.told.length + at }));
    const wanted = numbered.filter(({ event }) => isWanted(event));
    if (wanted.length === 0) return [];
    const events = wanted.map(({ event }) => event);
    const records = await jobsOf([...new Set(events.flatMap(({ type, id }) => (type === jobEventType ? id : [])))]);
    const there = await definitionsOf(events);
    return wanted.map(({ event, number }) => ({
      ...(event.type === jobEventType ? ofJob(event, records.get(event.id)) : ofDefinition(event, there)),
      number,
    }));
  };
}

function ofJob({ type, verb, id, move }: LifecycleEvent, job: Job | undefined): NewEvent & { readonly depth: number } {
  const known = job === undefined ? {} : { ...shownOf(job) };
  const doc = JSON.stringify({ id, move, ...known });
  return { domain: job?.domain ?? '', type, verb, id, doc, old: null, key: null, depth: job === undefined ? 0 : depthOf(job) };
}

const shownOf = ({ worker, queue, name, manual, owner, state, reason, run, attempt, result }: Job): object => ({
  ...{ worker, queue, name, manual, owner, state, reason, run, attempt },
  ...{ statusCode: result.statusCode, error: result.error, cause: result.cause },
});

/** One that is not there any more was removed. */
function ofDefinition(event: LifecycleEvent, there: ReadonlyMap<string, Definition>): NewEvent & { readonly depth: number } {
  const { type, verb, id, move, facts } = event;
  const key = keyOf(event);
  const definition = key === null ? undefined : there.get(placeOf(key));
  const isThere = definition !== undefined;
  const known = definition?.kind === 'trigger' ? badOf(definition) : {};
  const doc = JSON.stringify({ id, move: isThere || move !== 'put' ? move : 'remove', ...facts, ...known });
  return { domain: event.domain ?? '', type, verb: isThere ? verb : 'DELETED', id, doc, old: null, key: null, depth: 0 };
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

const placeOf = ({ kind, domain, key }: DefinitionKey): string => `${kind}/${domain}/${key}`;

function keyOf({ type, id, domain }: LifecycleEvent): DefinitionKey | null {
  const kind = definitionKinds.find((each) => type === definitionEventType(each));
  return kind === undefined || domain === null ? null : { kind, domain, key: id };
}
