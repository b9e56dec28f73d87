/** Any move of a kept job: core says what becomes of the record, this writes it and tells of it. */
import { hasEnded, type Job } from '../../core/job.ts';
import { jobLimits } from '../../core/new-job.ts';
import { giveBack } from '../../core/queue.ts';
import { applyMove, archivedBy, loseMoves, type Move, type Moves } from '../../core/transitions.ts';
import { keysFreed } from './limits.ts';
import { follow } from './owned.ts';
import { type Entry, isHeld } from './records.ts';
import { queueOf, type State } from './state.ts';
import type { Step } from './step.ts';

export function moveJob(state: State, step: Step, entry: Entry, move: Move): Job {
  if (move.kind === 'stop' && entry.job.state === 'stopping') return entry.job;
  const job = applyMove(entry.job, move, step.now);
  const archived = archivedBy(entry.job, move, step.now);
  const history = archived === null ? entry.history : [...entry.history, archived].slice(-jobLimits.history);
  state.records.put({ job, hold: isHeld(job.state) ? entry.hold : null, history });
  if (job.state === 'scheduled') state.delayed.add(job.id);
  else state.delayed.delete(job.id);
  follow(state, step, entry.job, job);
  step.moved(move.verb, job.id);
  if (move.verb === 'defer') giveTokenBack(state, step, job.queue);
  state.waits.forget(job.id);
  if (hasEnded(job.state)) {
    step.ended(job.id);
    if (state.waits.ended(job.id, job.state)) step.ready(null);
  }
  if (job.state === 'queued') step.ready(job.worker);
  if (isHeld(entry.job.state) && !isHeld(job.state)) placeFreed(state, step, job);
  if (move.kind === 'stop') tellHolder(state, step, job);
  return job;
}

/** A job is held no more. Another one of its queue, or of one of its keys, of whichever worker, may have waited for that. */
export function placeFreed(state: State, step: Step, job: Job): void {
  const { concurrency, rate } = queueOf(state, job.queue).settings;
  if (concurrency !== null || rate !== null) step.ready(null);
  keysFreed(state, step, job);
}

function giveTokenBack(state: State, step: Step, name: string): void {
  const queue = queueOf(state, name);
  const { rate } = queue.settings;
  if (rate !== null) queue.bucket = giveBack(queue.bucket, rate, step.steady);
}

/** A holder that is no node has no inbox: it learns of the stop when it extends. */
function tellHolder(state: State, step: Step, job: Job): void {
  const node = state.nodes.get(job.holder);
  if (node === undefined) return;
  state.inboxSeq += 1;
  node.inbox = [...node.inbox, { kind: 'cancel', seq: state.inboxSeq, id: job.id, fence: job.fence }];
  step.inbox(job.holder);
}

/** Takes attempts back by the move for the state each is found in. Answers how many there were. */
export function takeBack(state: State, step: Step, entries: readonly Entry[], movesOf: (job: Job) => Moves = loseMoves): number {
  let taken = 0;
  for (const entry of entries) {
    const move = movesOf(entry.job)[entry.job.state];
    if (move === undefined) continue;
    moveJob(state, step, entry, move);
    taken += 1;
  }
  return taken;
}
