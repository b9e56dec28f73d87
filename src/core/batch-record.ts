/** What the body and the state of a batch's definition may be. Imports, lists and firing hold to it alike. */
import { type Batch, type BatchState, batchEnds, batchPhases, noState } from './batch.ts';
import type { Definition } from './definition.ts';
import { checkKeptJob, fieldsOf, isTime, isTimeOrNull, wrong } from './kept-fields.ts';
import { noEnds } from './owned.ts';

/** Throws for what is no batch: somebody else wrote it, or damaged it. */
export function readBatch(body: string | null): Batch {
  const read = fieldsOf(body === null ? null : JSON.parse(body), 'body');
  if (!batchPhases.some((phase) => phase === read['phase'])) throw wrong('phase', 'one of its words');
  for (const field of ['token', 'digest']) if (typeof read[field] !== 'string') throw wrong(field, 'a text');
  for (const field of ['total', 'createdAt']) if (!isTime(read[field])) throw wrong(field, 'a whole number');
  for (const [end, job] of Object.entries(fieldsOf(read['on'], 'on'))) {
    if (!batchEnds.some((known) => known === end)) throw wrong('on', 'what there is a callback for');
    checkKeptJob(job, `callback ${end}`);
  }
  return read as unknown as Batch;
}

/** What it was before anybody looked, for what was damaged, too: then its jobs tell. */
export function readBatchState({ state }: Pick<Definition, 'state'>): BatchState {
  try {
    const read: unknown = state === '' ? noState : JSON.parse(state);
    return isState(read) ? read : noState;
  } catch {
    return noState;
  }
}

function isState(value: unknown): value is BatchState {
  const { endedAt, isGivenUp, counts, missingSince } = fieldsOf(value, 'state');
  const told = fieldsOf(counts, 'counts');
  const numbers = ['total', ...Object.keys(noEnds)].map((field) => told[field]);
  return isTimeOrNull(endedAt) && typeof isGivenUp === 'boolean' && isTimeOrNull(missingSince) && numbers.every(isTime);
}
