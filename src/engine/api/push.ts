/**
 * Pushing. Jobs that fit into one step of the store are kept all or not at all. More of them are kept in slices, one after
 * another, so that neither this process nor the store is held up by them, and no more than two slices are in memory here.
 */
import { awaitedMissing } from '../../core/after.ts';
import { HatstandError, messageOf } from '../../core/errors.ts';
import type { JobId } from '../../core/id.ts';
import type { EarlierKind, Job, NewJob, PushKind } from '../../core/job.ts';
import { limitReached } from '../../core/limit.ts';
import { sizeOfNewJob } from '../../core/new-job.ts';
import { queueClosed } from '../../core/queue.ts';
import { failpoint } from '../../failpoint.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Pushed, RefusedJob } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Serving } from '../serving.ts';
import { type SliceBounds, slicesAsTheyCome } from './slices.ts';

export type PushedJob<Shown = Job> =
  | { readonly kind: PushKind; readonly job: Shown }
  /** Its idempotency key belongs to another job, or to one that is deleted. */
  | { readonly kind: 'conflict'; readonly id: JobId }
  /** It is not kept, for this reason. */
  | { readonly kind: 'refused'; readonly error: HatstandError };

/** What the caller makes of a job, as soon as its slice is kept: of many jobs, the payloads do not stand here as texts, too. */
export interface ShowJob<Shown extends ShownJob> {
  /** Of one that was kept now, as it was asked for, and waits for so many others. */
  pushed(asked: NewJob, id: JobId, createdAt: number, left: number): Shown;
  /** Of one that was kept before. */
  replayed(job: Job, kind: EarlierKind): Shown;
}
type ShownJob = Pick<Job, 'id' | 'name' | 'state'>;

/** Jobs that are at hand, or that are made as they are asked for. */
export type NewJobs = readonly NewJob[] | Iterable<NewJob> | AsyncIterable<NewJob>;

/** What is kept in one step, all or none. */
export const pushSlice: SliceBounds = { items: 1_000, characters: 4 * 1024 * 1024 };
/** Of those that were kept before. */
const readAtOnce = 64;

/**
 * A push of several slices ended before its last one. `details.kept` is how many are kept, `details.conflicts` how many before
 * the failure are not, as their idempotency keys belong to other jobs, `details.refused` how many were refused for themselves, and
 * `details.unconfirmed`, with the code `unconfirmed`, of how many behind them it is not known. All others are not kept.
 */
export class PushCutShort<Shown extends ShownJob = ShownJob> extends HatstandError {
  /** What became of the first jobs, in order. */
  readonly kept: readonly PushedJob<Shown>[];
  /** What is kept and what to do, in words: the end of the message. */
  readonly advice: string;

  constructor(cause: unknown, kept: readonly PushedJob<Shown>[], underWay: number) {
    const known =
      cause instanceof HatstandError ? cause : new HatstandError('invalid_request', `The jobs to push ended: ${messageOf(cause)}.`);
    const isOpen = known.code === 'unconfirmed' && underWay > 0;
    const open = isOpen ? ` of the ${underWay} behind them it is not known,` : '';
    const { details, told } = keptOf(kept);
    const advice = `${told},${open} all others are not: push those again, or all if they have idempotency keys.`;
    super(
      known.code,
      `${known.message} ${advice}`,
      { ...known.details, ...details, ...(isOpen ? { unconfirmed: underWay } : {}) },
      { cause },
    );
    this.kept = kept;
    this.advice = advice;
  }
}

/** How many of the first jobs are kept, for machines and in words. */
function keptOf(first: readonly PushedJob<ShownJob>[]): { readonly details: object; readonly told: string } {
  const count = (wanted: PushedJob['kind']): number => first.filter(({ kind }) => kind === wanted).length;
  const [conflicts, refused] = [count('conflict'), count('refused')];
  const kept = first.length - conflicts - refused;
  if (kept === first.length) return { details: { kept }, told: `The first ${kept} jobs are kept` };
  const told = [
    `${kept} are kept`,
    ...(conflicts === 0 ? [] : [`${conflicts} are not, as their idempotency keys belong to other jobs`]),
    ...(refused === 0 ? [] : [`${refused} were refused`]),
  ];
  const details = { kept, ...(conflicts === 0 ? {} : { conflicts }), ...(refused === 0 ? {} : { refused }) };
  return { details, told: `Of the first ${first.length} jobs ${told.join(' and ')}` };
}

export interface PushParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly serving: Serving;
  /** There may be something to claim. */
  wake(): void;
  /** Whether this node stops, and takes no new jobs. */
  isStopping(): boolean;
}

export type Push = <Shown extends ShownJob>(asked: NewJobs, show: ShowJob<Shown>) => Promise<readonly PushedJob<Shown>[]>;

export function makePush({ store, clock, serving, wake, isStopping }: PushParts): Push {
  async function pushOneStep<Shown extends ShownJob>(asked: readonly NewJob[], show: ShowJob<Shown>): Promise<readonly PushedJob<Shown>[]> {
    failpoint('push.received');
    if (isStopping())
      throw new HatstandError('shutting_down', 'The server is shutting down and takes no new jobs. Push again when it is back.');
    const kept = store.jobs.push(asked);
    // In the same turn, so that the push and the claim it makes worthwhile travel in one step.
    wake();
    const pushed = await kept;
    serving.pushed(asked);
    failpoint('push.kept');
    if (pushed.every((each) => each.kind === 'pushed')) return pushed.map((each, at) => freshJob(asked[at], each, show));
    try {
      return await pushedJobs(asked, pushed, show);
    } catch (error) {
      throw pushed.some(({ kind }) => kind === 'pushed') ? keptUnread(error) : error;
    }
  }

  /** Those that were there are read a few at a time: whoever asks for one job is not behind all of them. */
  async function pushedJobs<Shown extends ShownJob>(
    asked: readonly NewJob[],
    pushed: readonly Pushed[],
    show: ShowJob<Shown>,
  ): Promise<readonly PushedJob<Shown>[]> {
    const jobs: PushedJob<Shown>[] = [];
    for (let at = 0; at < pushed.length; at += readAtOnce) {
      const some = pushed.slice(at, at + readAtOnce);
      jobs.push(...(await Promise.all(some.map((each, n) => pushedJob(asked[at + n], each, show)))));
    }
    return jobs;
  }

  async function pushedJob<Shown extends ShownJob>(
    asked: NewJob | undefined,
    pushed: Pushed,
    show: ShowJob<Shown>,
  ): Promise<PushedJob<Shown>> {
    if (pushed.kind === 'pushed') return freshJob(asked, pushed, show);
    if (!('id' in pushed)) return { kind: 'refused', error: refusalOf(asked, pushed) };
    if (pushed.kind === 'conflict') return { kind: 'conflict', id: pushed.id };
    const { kind, id } = pushed;
    const job = await store.jobs.get(id);
    if (job !== null) return { kind, job: show.replayed(job, kind) };
    return kind === 'duplicate' ? again(asked, show) : { kind: 'conflict', id };
  }

  /** The unique job that was there is gone meanwhile. */
  async function again<Shown extends ShownJob>(asked: NewJob | undefined, show: ShowJob<Shown>): Promise<PushedJob<Shown>> {
    const [pushed] = asked === undefined ? [] : await pushOneStep([asked], show);
    if (pushed === undefined) throw new Error('the store answered for more jobs than were pushed');
    return pushed;
  }

  const turn = (): Promise<void> => new Promise((resolve) => clock.after(0, resolve));

  /** The next slice is made while one is under way; between two of them others have their turn. */
  async function pushInSlices<Shown extends ShownJob>(asked: NewJobs, show: ShowJob<Shown>): Promise<readonly PushedJob<Shown>[]> {
    const slices = slicesAsTheyCome(asked, pushSlice, sizeOfNewJob);
    const kept: PushedJob<Shown>[] = [];
    let underWay = 0;
    try {
      for (let next = await slices.next(); next.done !== true; ) {
        underWay = next.value.length;
        const turned = turn();
        const pushing = pushOneStep(next.value, show);
        const following = slices.next();
        // It is not asked for when the push fails: then nobody waits for the source any more.
        following.catch(() => undefined);
        const pushed = await pushing.catch((error: unknown) => {
          slices.end();
          throw error;
        });
        for (const each of pushed) kept.push(each);
        underWay = 0;
        next = await following;
        if (next.done !== true) await turned;
      }
      return kept;
    } catch (error) {
      throw kept.length === 0 ? error : new PushCutShort(error, kept, underWay);
    }
  }

  return (asked, show) => {
    if (!Array.isArray(asked) || !fitsOneStep(asked)) return pushInSlices(asked, show);
    return pushOneStep(asked, show);
  };
}

/** Those that were there before could not be read, so nobody can be told what became of the others: some of them are kept. */
const keptUnread = (cause: unknown): HatstandError =>
  new HatstandError(
    'unconfirmed',
    `New jobs are kept, but those that were there before could not be read: ${messageOf(cause)} Look before you push them again.`,
    {},
    { cause },
  );

/** Why a job was not taken. */
export function refusalOf(asked: Pick<NewJob, 'queue'> | undefined, pushed: RefusedJob): HatstandError {
  if (pushed.kind === 'dangling') return awaitedMissing(pushed.awaited);
  return pushed.kind === 'limited' ? limitReached(pushed.key, pushed.wait) : queueClosed(asked?.queue ?? '');
}

function fitsOneStep(jobs: readonly NewJob[]): boolean {
  if (jobs.length <= 1) return true;
  return jobs.length <= pushSlice.items && jobs.reduce((sum, job) => sum + sizeOfNewJob(job), 0) <= pushSlice.characters;
}

type FreshJob = Extract<Pushed, { readonly kind: 'pushed' }>;

/** It is not read back: it is kept, and an answer that says otherwise because a read failed would have it pushed twice. */
function freshJob<Shown extends ShownJob>(asked: NewJob | undefined, pushed: FreshJob, show: ShowJob<Shown>): PushedJob<Shown> {
  if (asked === undefined) throw new Error('the store answered for more jobs than were pushed');
  return { kind: 'pushed', job: show.pushed(asked, pushed.id, pushed.createdAt, pushed.left ?? 0) };
}
