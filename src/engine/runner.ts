/** One attempt, from its claim to its settled result. */
import type { Millis } from '../core/duration.ts';
import { HatstandError, isTemporary, messageOf } from '../core/errors.ts';
import { type Job, type JobResult, noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { type Move, type Moves, settleMoves } from '../core/transitions.ts';
import { failpoint } from '../failpoint.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reporter, StopSignal } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { Settled } from '../ports/store/jobs.ts';
import type { Store } from '../ports/store/store.ts';
import type { FindBad } from './bad-triggers.ts';
import type { Held } from './held.ts';
import type { AttemptReporter, Reports } from './reports.ts';
import { StopSource } from './stop-source.ts';
import type { HeldTask, TaskKeepers } from './task-keepers.ts';
import type { Workers } from './workers.ts';

export interface Runner {
  /** Runs the job and offers its result to the store, which decides whether it counts. Never throws. */
  run(job: Job): Promise<void>;
  /** From now on a result is offered once: what the store cannot take is handed back with the lease. */
  giveUp(): void;
}

/** An attempt that has ended here, and what the store answered to its result. */
export interface SettledAttempt {
  /** As it was claimed. */
  readonly job: Job;
  readonly outcome: Outcome;
  /** What the outcome does to a job that is running. */
  readonly move: Move | undefined;
  /** `unconfirmed`: the store answers `lost`, but an earlier try got no answer and may have counted. */
  readonly answer: Settled | 'unconfirmed';
}

export interface RunnerParts {
  readonly store: Store;
  readonly workers: Workers;
  readonly held: Held;
  readonly reports: Reports;
  readonly tasks: TaskKeepers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bytes of an output that the history keeps. */
  readonly keep: number;
  random(): number;
  /** The trigger that pushed this job is bad. */
  readonly findBad: FindBad;
  /** A slot has fallen free. */
  onFree(): void;
  /** Must not throw. */
  readonly onSettled: ((ended: SettledAttempt) => void) | undefined;
}

/** How long until a result that the store could not take is offered again. */
const settleAgainAfter: Millis = 250;

export function makeRunner(parts: RunnerParts): Runner {
  const { store, workers, held, reports, tasks, clock, log } = parts;
  let givenUp = false;

  async function run(job: Job): Promise<void> {
    workers.take(job.worker);
    const source = new StopSource();
    let running = true;
    const reporter = reports.of(job, source.abort);
    const task = job.owner === '' ? null : tasks.of(job);
    held.add({ job, stop: source.abort, handOver: task === null ? null : task.handOver, isRunning: () => running });
    // A repeated claim may give an attempt that was told to stop before its claim was answered.
    if (job.state === 'stopping') source.abort('canceled');
    const outcome = await perform(job, source, reporter, task);
    // Before its result, while it is held: what is cut short between the two is found bad once more.
    if (outcome.kind === 'failed' && outcome.badTrigger !== undefined) await findBad(job, outcome.badTrigger);
    running = false;
    task?.close(outcome.kind === 'returned');
    const moves = settleMoves(job, outcome, parts.random(), parts.keep);
    const settled = settle(job, moves, reporter);
    // Freed in the turn of the settle: the claim for the slot travels behind it, in the same step.
    workers.free(job.worker);
    parts.onFree();
    const answer = await settled;
    reporter.close();
    held.remove(job);
    tell(job, outcome, moves.running, answer);
    parts.onSettled?.({ job, outcome, move: moves.running, answer });
    const executor = workers.get(job.worker)?.executor;
    if (answer === 'settled' && executor?.ended !== undefined && (await hasEndedBy(job, moves.running))) executor.ended(job, outcome);
  }

  /** A try that was to be followed by another one ended the job all the same when a cancel had come in between. */
  const hasEndedBy = async (job: Job, move: Move | undefined): Promise<boolean> =>
    move?.kind === 'end' || (move?.kind === 'retry' && (await wasCanceled(job)));

  async function wasCanceled({ id, run, fence }: Job): Promise<boolean> {
    const record = await store.jobs.get(id).catch(() => null);
    return record !== null && record.state === 'canceled' && record.run === run && record.fence === fence;
  }

  async function findBad(job: Job, reason: string): Promise<void> {
    for (;;) {
      try {
        return await parts.findBad(job, reason);
      } catch (error) {
        if (!isTemporary(error) || givenUp) return log.error('trigger.not_stopped', { job: job.id, reason, error: messageOf(error) });
        await new Promise<void>((resolve) => clock.after(settleAgainAfter, resolve));
      }
    }
  }

  async function perform(job: Job, signal: StopSignal, reporter: Reporter, task: HeldTask | null): Promise<Outcome> {
    const worker = workers.get(job.worker);
    if (worker === undefined) return { kind: 'returned' };
    try {
      return await worker.executor.run(job, signal, reporter, task ?? undefined);
    } catch (error) {
      return { kind: 'failed', result: { ...noResult, error: messageOf(error), cause: 'thrown' } };
    }
  }

  /**
   * Repeats until the store answers: the fence makes a repeated settle harmless. What the attempt has told last goes before it, in the
   * same step.
   */
  async function settle(job: Job, moves: Moves, reporter: AttemptReporter): Promise<SettledAttempt['answer']> {
    for (let sentBefore = false; ; ) {
      try {
        const told = reporter.flush();
        const settled = await store.jobs.settle(job, moves);
        if (told !== undefined) await told;
        failpoint(moves.running?.kind === 'retry' ? 'retry.done' : 'settle.done');
        return settled === 'lost' && sentBefore ? 'unconfirmed' : settled;
      } catch (error) {
        sentBefore ||= error instanceof HatstandError && error.code === 'unconfirmed';
        if (!isTemporary(error) || givenUp) {
          log.error('job.not_settled', { job: job.id, error: messageOf(error) });
          return 'lost';
        }
        await new Promise<void>((resolve) => clock.after(settleAgainAfter, resolve));
      }
    }
  }

  function tell(job: Job, outcome: Outcome, move: Move | undefined, answer: SettledAttempt['answer']): void {
    if (answer === 'lost') log.warn('job.lost', { job: job.id, fence: job.fence, outcome: outcome.kind });
    else if (answer === 'unconfirmed') log.info('job.unconfirmed', { job: job.id, fence: job.fence, outcome: outcome.kind });
    else if (outcome.kind === 'failed' && outcome.result.cause !== 'canceled') tellFailure(job, outcome.result, move);
    else log.debug('job.ended', { job: job.id, fence: job.fence, outcome: outcome.kind });
  }

  function tellFailure(job: Job, { error, cause, statusCode, stack }: JobResult, move: Move | undefined): void {
    const { id, worker, queue, attempt, options } = job;
    const facts = { job: id, worker, queue, attempt, attempts: options.retry.attempts, error, cause, statusCode };
    const shown = stack === '' ? facts : { ...facts, stack };
    if (move?.kind !== 'retry') log.error('job.failed', shown);
    else log.warn('job.retrying', { ...shown, dueAt: new Date(clock.now() + move.delay).toISOString() });
  }

  return {
    run,
    giveUp() {
      givenUp = true;
    },
  };
}
