/** What to do with a batch that is due: whether it has ended, which jobs are pushed for that, and when somebody must look at it again. */
import {
  type Batch,
  type BatchCounts,
  type BatchState,
  batchEnds,
  callbackOf,
  countsOf,
  isFor,
  noState,
  writeBatchState,
} from './batch.ts';
import { readBatch, readBatchState } from './batch-record.ts';
import { type Decision, type Definition, dueAt } from './definition.ts';
import type { Millis } from './duration.ts';
import { timeText } from './time.ts';

const hour: Millis = 3_600_000;
/** Whoever pushes its jobs is done with that, or has done it again, by then. */
export const longestMaking: Millis = hour;
/** Nobody leaves one open for longer without a further job. */
export const longestOpen: Millis = 7 * 24 * hour;
/** One whose jobs live is looked at so often all the same: whatever was missed is found then. */
const lookedAtEvery: Millis = hour;
/** Jobs that were set aside as unreadable, or are still to be imported, hold it up for no longer. */
const longestMissing: Millis = hour;

const nothing: Pick<Decision, 'jobs' | 'overlap' | 'collect'> = { jobs: [], overlap: 'allow', collect: null };

/**
 * Throws for a definition that is no batch.
 *
 * @param now the store's present
 * @param keep how long an ended batch is kept; `null`: for good
 */
export function decideBatch(definition: Definition, now: number, keep: Millis | null): Decision {
  const batch = readBatch(definition.body);
  const state = readBatchState(definition);
  if (state.endedAt !== null) return over(definition, state, state.endedAt, { now, keep });
  const decision = batch.phase === 'sealed' ? sealed(definition, batch, state, { now, keep }) : unsealed(definition, batch, { now, keep });
  return { ...decision, next: later(definition, decision.next) };
}

interface Present {
  readonly now: number;
  readonly keep: Millis | null;
}

/** A firing names when its definition was due; what is due next is later, also when it is past already. */
function later(definition: Definition, next: Decision['next']): Decision['next'] {
  return typeof next === 'number' ? Math.max(next, (dueAt(definition) ?? 0) + 1) : next;
}

/** It is shown as long as its jobs are. */
function over(definition: Definition, state: BatchState, endedAt: number, { now, keep }: Present): Decision {
  const until = keep === null ? null : endedAt + keep;
  const isOld = until !== null && until <= now;
  const next = isOld ? 'removed' : later(definition, until);
  const note =
    until === null ? 'it has ended, and is kept' : isOld ? 'it ended long ago' : `it has ended, and is kept until ${timeText(until)}`;
  return { ...nothing, next, state: writeBatchState(state), note };
}

/** The newest of its jobs counts, too: whoever adds some is at work. */
function unsealed(definition: Definition, batch: Batch, { now, keep }: Present): Decision {
  const [longest, told] = batch.phase === 'making' ? [longestMaking, 'its jobs are being pushed'] : [longestOpen, 'it is open'];
  const until = Math.max(definition.changedAt, definition.owned.newest?.at ?? 0) + longest;
  if (now < until) return { ...nothing, next: until, state: writeBatchState(noState), note: `${told}, and given up at ${timeText(until)}` };
  const state = { ...noState, endedAt: now, isGivenUp: true, counts: countsOf(definition) };
  const note = `given up: nobody has sealed it. ${inWords(state.counts)}; they go on, and nothing is pushed for it`;
  return { ...nothing, next: keep === null ? null : now + keep, state: writeBatchState(state), note };
}

function sealed(definition: Definition, batch: Batch, state: BatchState, { now, keep }: Present): Decision {
  const [here, { live }] = [countsOf(definition), definition.owned];
  const missing = Math.max(0, batch.total - here.total);
  const missingSince = live > 0 || missing === 0 ? null : (state.missingSince ?? now);
  const waits = live > 0 || (missingSince !== null && now < missingSince + longestMissing);
  if (waits) {
    const note = live > 0 ? `${live} of its jobs live` : `${missing} of its jobs are not there, and none lives`;
    return { ...nothing, next: now + lookedAtEvery, state: writeBatchState({ ...state, missingSince }), note };
  }
  const counts = { ...here, total: here.total + missing };
  const { domain, key: id } = definition;
  const ends = batchEnds.filter((end) => batch.on[end] !== undefined && isFor(end, counts));
  const jobs = ends.flatMap((end) => {
    const callback = batch.on[end];
    return callback === undefined ? [] : [callbackOf({ domain, id }, end, callback, { counts, createdAt: batch.createdAt })];
  });
  const pushed = ends.length === 0 ? 'nothing is pushed for it' : `pushed for ${ends.join(' and ')}`;
  return {
    ...nothing,
    next: keep === null ? null : now + keep,
    state: writeBatchState({ endedAt: now, isGivenUp: false, counts, missingSince: null }),
    jobs,
    note: `ended: ${inWords(counts)}; ${pushed}`,
  };
}

const inWords = ({ total, succeeded, failed, canceled }: BatchCounts): string =>
  `${total} jobs, of which ${succeeded} succeeded, ${failed} failed and ${canceled} were canceled`;
