/**
 * What an entry of the journal tells beside the events that were published: what became of jobs, triggers and other definitions. These
 * events are kept nowhere: whoever reads the entry makes the same of it, in the same order.
 */
import { type DefinitionKind, keyOfOwner } from './definition.ts';
import type { EventVerb } from './event.ts';
import type { JobId } from './id.ts';
import { type Job, type JobState, type JobVerb, jobLifecycle, jobStates, jobVerbs } from './job.ts';

export interface LifecycleEvent {
  /** `hatstand.jobs`, `hatstand.triggers`, … */
  readonly type: string;
  readonly verb: EventVerb;
  readonly id: string;
  /** `null`: of a job, whose record says it. */
  readonly domain: string | null;
  /** In one word: what was done. */
  readonly move: JobVerb | 'push' | 'put' | 'fire';
  /** Facts beside it. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What of an entry they are made of. */
export interface LifecycleEntry {
  readonly moved: readonly { readonly verb: JobVerb | 'push'; readonly ids: readonly JobId[] }[];
  readonly defined: readonly { readonly owner: string; readonly version: number }[];
  readonly fired: readonly {
    readonly owner: string;
    readonly tick: number;
    readonly overlap: boolean;
    readonly putOff: boolean;
    readonly note: string;
  }[];
}

/** What a task keeps for itself: nobody else hears of it. */
const isOfTask = (kind: DefinitionKind): boolean => kind === 'checkpoint' || kind === 'mail';

export const jobEventType = 'hatstand.jobs';

/** What events of the definitions of a kind are called. */
export const definitionEventType = (kind: DefinitionKind): string => `hatstand.${kind === 'batch' ? 'batches' : `${kind}s`}`;

const verbOfMove = (verb: JobVerb | 'push'): EventVerb => (verb === 'push' ? 'CREATED' : verb === 'delete' ? 'DELETED' : 'UPDATED');

export function lifecycleEvents({ moved, defined, fired }: LifecycleEntry): readonly LifecycleEvent[] {
  return [
    ...defined.flatMap(({ owner, version }) => ofDefinition(owner, 'put', { version })),
    ...fired.flatMap(({ owner, tick, overlap, putOff, note }) => ofDefinition(owner, 'fire', { tick, overlap, putOff, note })),
    ...moved.flatMap(({ verb, ids }) =>
      ids.map((id) => ({ type: jobEventType, verb: verbOfMove(verb), id, domain: null, move: verb, facts: {} })),
    ),
  ];
}

function ofDefinition(owner: string, move: 'put' | 'fire', facts: LifecycleEvent['facts']): readonly LifecycleEvent[] {
  const key = keyOfOwner(owner);
  if (key === null || isOfTask(key.kind)) return [];
  return [{ type: definitionEventType(key.kind), verb: 'UPDATED', id: key.key, domain: key.domain, move, facts }];
}

/**
 * The state into which a move brought a job of which only a later record is known: that of the record, if the move leads there; else
 * the one into which it usually leads. A cancel is told by whether the job ran then: whatever came of that won over it.
 *
 * @param at when it moved, in Unix milliseconds of the store's clock
 */
export function stateAfter(
  move: LifecycleEvent['move'],
  { state, startedAt, endedAt }: Pick<Job, 'state' | 'startedAt' | 'endedAt'>,
  at: number,
): JobState {
  if (move === 'cancel') return startedAt !== null && startedAt <= at && (endedAt === null || endedAt >= at) ? 'stopping' : 'canceled';
  const states = statesAfter.get(move) ?? [];
  return states.includes(state) ? state : (states[0] ?? state);
}

/** The usual one first. */
const statesAfter: ReadonlyMap<string, readonly JobState[]> = new Map([
  ['push', ['queued', 'scheduled']],
  ...jobVerbs.map((verb): [string, readonly JobState[]] => {
    const states = jobStates.flatMap((state) => jobLifecycle[verb][state]?.to ?? []).filter((to) => to !== 'gone');
    // Lost for the fifth time.
    return [verb, verb === 'lose' ? [...states, 'failed'] : states];
  }),
]);
