/** A trigger's ticks of the past, pushed on purpose. */
import { ownerOf } from '../../core/definition.ts';
import { HatstandError } from '../../core/errors.ts';
import { withoutMoment } from '../../core/expiry.ts';
import type { JobId } from '../../core/id.ts';
import type { Job, NewJob } from '../../core/job.ts';
import { sizeOfNewJob } from '../../core/new-job.ts';
import { oldestTicks } from '../../core/schedule/ticks.ts';
import { timeText } from '../../core/time.ts';
import { createJob } from '../../core/transitions.ts';
import { jobOf, keyOf, type Trigger } from '../../core/trigger.ts';
import { notUnique } from '../../core/unique.ts';
import type { Jobs, PushedJob } from './jobs.ts';
import type { ShowJob } from './push.ts';
import type { Admit, TriggerRecord } from './trigger-record.ts';

/**
 * Pushes a job for each of its ticks in a span of the past, both ends included, whatever was pushed for them then; step after step,
 * as a push does. Throws `invalid_request` when there are more than 1,000 of them, or it has no ticks, `too_large` when the jobs
 * have more than 64 MiB of characters in all, and why one was refused when one was; and what `admit` throws.
 */
export type Backfill = (record: TriggerRecord, span: Span, admit?: Admit) => Promise<Backfilled>;

export interface Backfilled {
  /** The oldest tick first. */
  readonly jobs: readonly JobId[];
  /** Of these, how many an earlier backfill had pushed. */
  readonly replayed: number;
}

type FilledJob = Pick<Job, 'id' | 'name' | 'state'>;

export interface Span {
  readonly from: number;
  readonly to: number;
  /** The same job with a key, so that a span that is filled again pushes none of its jobs again. */
  keyed(job: NewJob, key: string): NewJob;
}

/** Of one backfill: characters are those of its jobs together, about (`sizeOfNewJob`). */
const mostFilled = { ticks: 1_000, characters: 64 * 1024 * 1024 } as const;

export function makeBackfill({ jobs, now }: { readonly jobs: Jobs; now(): number }): Backfill {
  return async ({ ref, trigger }, { from, to, keyed }, admit) => {
    await admit?.(jobOf(keyOf(ref), trigger, {}), 'all');
    if (trigger.schedule === null) throw noTicks(trigger);
    const until = Math.min(to, now());
    if (from > until) throw noSpan(from, until);
    const ticks = oldestTicks(trigger.schedule, from, until, mostFilled.ticks + 1);
    // Each tick is to have its job, and that one is to begin.
    const jobAt = (tick: number): NewJob => {
      const job = jobOf(keyOf(ref), trigger, { tick: timeText(tick), backfill: true });
      return { ...job, options: withoutMoment(notUnique(job.options)) };
    };
    checkFilled(ticks, jobAt);
    const owner = ownerOf(keyOf(ref));
    const asked = function* (): Iterable<NewJob> {
      for (const tick of ticks) yield keyed(jobAt(tick), `${owner}/${timeText(tick)}`);
    };
    const pushed = await jobs.pushAs(asked(), asFilled);
    const ids = pushed.map(keptId);
    return { jobs: ids, replayed: pushed.filter(({ kind }) => kind !== 'pushed').length };
  };
}

const filled = ({ id, name, state }: Job): FilledJob => ({ id, name, state });

const asFilled: ShowJob<FilledJob> = {
  pushed: (asked, id, createdAt) => filled(createJob(asked, id, createdAt, createdAt)),
  replayed: filled,
};

function noSpan(from: number, until: number): HatstandError {
  const message = `from must not be after to, nor in the future, but ${timeText(from)} is after ${timeText(until)}.`;
  return new HatstandError('invalid_request', message, { field: 'from' });
}

/** Of one tick. */
function keptId(pushed: PushedJob<FilledJob>): JobId {
  if (pushed.kind === 'refused') throw pushed.error;
  return pushed.kind === 'conflict' ? pushed.id : pushed.job.id;
}

/** Before any of them is made. The oldest job is about as large as each of the others, and one always fits. */
function checkFilled(ticks: readonly number[], jobAt: (tick: number) => NewJob): void {
  const [oldest] = ticks;
  if (oldest === undefined) return;
  if (ticks.length > mostFilled.ticks) {
    const to = timeText(ticks[mostFilled.ticks - 1] ?? oldest);
    const message = `A backfill pushes at most ${mostFilled.ticks} jobs, and this span has more ticks. Fill it to ${to} first, then what follows.`;
    throw new HatstandError('invalid_request', message, { field: 'to', to });
  }
  const size = sizeOfNewJob(jobAt(oldest));
  const fitting = Math.max(1, Math.floor(mostFilled.characters / size));
  if (ticks.length <= fitting) return;
  const [from, to] = [oldest, ticks[fitting - 1] ?? oldest].map(timeText);
  throw new HatstandError(
    'too_large',
    `The jobs of a backfill may have ${mostFilled.characters} characters in all, and these ${ticks.length} have about ${size} each: ${fitting} of them fit. Fill from ${from} to ${to} first, then what follows.`,
    { field: 'to', limit: mostFilled.characters, to },
  );
}

export const noTicks = ({ type }: Pick<Trigger, 'type'>): HatstandError =>
  new HatstandError('invalid_request', `A trigger of the type ${type} does not fire by the clock: it has no ticks.`, { field: 'type' });
