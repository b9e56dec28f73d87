/** Where the jobs of a list are found: the table, or parts of indexes. */
import { hasEnded, type JobState, jobStates } from '../../../core/job.ts';
import type { ListPlan } from '../../list-plan.ts';
import { stateCodes } from '../file/codes.ts';
import { type Condition, statesSql } from './list-sql.ts';

/** The table, in the order of the ids of its jobs, or a part of an index. */
export interface Source {
  readonly index: string;
  readonly conditions: readonly Condition[];
}

export const anywhere: Source = { index: 'NOT INDEXED', conditions: [] };

/** How a stretch of records is gone through. */
export interface AccessPath {
  readonly sources: readonly Source[];
  /** By what the length of a slice is measured. */
  readonly measure: readonly Source[];
  readonly sliced: boolean;
}

export interface AccessPaths {
  /** Of the first stretch. */
  readonly first: AccessPath;
  readonly rest: AccessPath;
}

/**
 * Of the states' indexes only that of the ended ones is in the order of ids. The others are sorted when they are read: that
 * is worth it once, when the nearest records have not filled the page, and not for each slice of a search.
 */
export function accessPathsOf({ states, ids, owners }: ListPlan, sliced: boolean): AccessPaths {
  const inStates = states === null ? [] : [statesSql(states)];
  const throughTable = (conditions: readonly Condition[], inSlices: boolean): AccessPath => {
    return { sources: [{ ...anywhere, conditions }], measure: [anywhere], sliced: inSlices };
  };
  if (ids !== null) return always(throughTable([{ sql: `id IN (${ids.map(() => '?').join(', ')})`, cells: ids }, ...inStates], sliced));
  if (owners !== null) {
    const sources = owners.flatMap((owner) => sourcesOfOwner(owner, states ?? jobStates));
    return always({ sources, measure: sources, sliced });
  }
  if (states === null) return always(throughTable([], sliced));
  const sources = states.map(sourceOfState);
  const throughIndexes: AccessPath = { sources, measure: sources, sliced };
  if (states.every((state) => stateCodes[state] >= stateCodes.running)) return always(throughIndexes);
  return { first: throughTable(inStates, true), rest: sliced ? throughTable(inStates, true) : throughIndexes };
}

const always = (path: AccessPath): AccessPaths => ({ first: path, rest: path });

const heldIndex = { index: 'INDEXED BY jobs_held', words: 'state IN (2, 3) AND ' };
const endedIndex = { index: 'INDEXED BY jobs_by_end', words: 'state >= 4 AND ' };

/** With the words of the index's own condition, by which SQLite knows that the index serves. */
const indexes: Readonly<Record<JobState, { readonly index: string; readonly words: string }>> = {
  scheduled: { index: 'INDEXED BY jobs_due', words: '' },
  queued: { index: 'INDEXED BY jobs_ready', words: '' },
  running: heldIndex,
  stopping: heldIndex,
  succeeded: endedIndex,
  failed: endedIndex,
  canceled: endedIndex,
};

function sourceOfState(state: JobState): Source {
  const { index, words } = indexes[state];
  return { index, conditions: [{ sql: `${words}state = ${stateCodes[state]}`, cells: [] }] };
}

/** Each is in the order of ids. */
function sourcesOfOwner(owner: string, states: readonly JobState[]): readonly Source[] {
  const live = states.filter((state) => !hasEnded(state));
  const ended = states.filter(hasEnded);
  const source = (index: string, words: string): readonly Source[] =>
    [0, 1].map((manual) => ({
      index: `INDEXED BY ${index}`,
      conditions: [{ sql: `owner = ? AND owner <> '' AND ${words} AND manual = ${manual}`, cells: [owner] }],
    }));
  return [
    ...(live.length === 0 ? [] : source('jobs_owned_live', `ended_at IS NULL AND ${statesSql(live).sql}`)),
    ...ended.flatMap((state) => source('jobs_owned_ended', `state >= 4 AND state = ${stateCodes[state]}`)),
  ];
}
