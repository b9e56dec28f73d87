/**
 * Watching a job, or a task, live: what whoever runs it tells, straight from its memory when that is this node or one linked to it, else
 * from the store, a little later. It follows the job from attempt to attempt, wherever that runs.
 */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import type { JobId } from '../../core/id.ts';
import { hasEnded, type Job } from '../../core/job.ts';
import type { LiveEvent, LivePiece, LivePlace, LiveText } from '../../core/live.ts';
import type { LogPlace, Progress } from '../../core/report.ts';
import { isUnserved } from '../../core/serving.ts';
import type { DesiredState, TaskEnd, TaskRef, TaskStatus } from '../../core/task.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Held } from '../held.ts';
import type { LiveReader } from '../live.ts';
import type { Serving } from '../serving.ts';
import type { Waiters } from '../waiters.ts';
import type { Watching } from '../watching.ts';
import type { AttemptLive } from './attempt-live.ts';
import type { Jobs } from './jobs.ts';
import type { TaskRecord } from './kept-tasks.ts';
import type { Tasks } from './tasks.ts';

export type Watched =
  /** How the job stands, first and whenever that has changed. Without payload and output. */
  | { readonly kind: 'job'; readonly job: Job; readonly unserved: boolean }
  /** How a task stands that does not run, first and whenever that has changed; while it runs, its job tells it. */
  | { readonly kind: 'task'; readonly task: TaskStanding }
  /** `place` `null`: it comes from the store, and is no place to go on from. */
  | { readonly kind: 'told'; readonly told: LiveText; readonly at: number; readonly place: LivePlace | null }
  /** So many events before the next are not there any more; `null`: it is not known how many, since they were another attempt's. */
  | { readonly kind: 'missed'; readonly count: number | null };

export interface TaskStanding {
  readonly id: string;
  readonly domain: string;
  readonly status: TaskStatus;
  readonly desired: DesiredState;
  /** How it ended; `null`: it has not. */
  readonly end: TaskEnd | null;
}

export interface WatchOptions {
  /** Behind this; `null`: from now on. */
  readonly after: LivePlace | null;
  /** Events of these names alone; `null`: of all. Progress and lines come all the same. */
  readonly names: readonly string[] | null;
  readonly signal: AbortSignal;
}

export interface Watch {
  /** `null`: there is no such job. Gives what there is at once, again and again; it ends when the job has ended, or is gone. */
  job(id: JobId, options: WatchOptions): Promise<AsyncGenerator<readonly Watched[], void, undefined> | null>;
  /** The same for a task: it ends when the task has ended, crashed, or is gone. */
  task(ref: TaskRef, options: WatchOptions): Promise<AsyncGenerator<readonly Watched[], void, undefined> | null>;
}

export interface WatchParts extends Watching {
  readonly jobs: Pick<Jobs, 'find' | 'lines' | 'progress'>;
  readonly tasks: Pick<Tasks, 'get'>;
  readonly held: Pick<Held, 'holds'>;
  readonly attemptLive: Pick<AttemptLive, 'holds'>;
  readonly waiters: Waiters;
  readonly serving: Pick<Serving, 'of'>;
  readonly clock: Clock;
}

/** A job that nobody runs is looked at this often, and so is what is told only to the store. */
const lookEvery: Millis = 500;
/** The next job of a task is looked for this often, so many times; then as often as a job. */
const nextJobEvery: Millis = 100;
const nextJobLooks = 20;
/** What was just read of a job is told to all who watch it. */
const sharedFor: Millis = 50;
const mostWatchers = 10_000;
const linesAtOnce = 200;

export function makeWatch(parts: WatchParts): Watch {
  const { tasks, clock, waiters } = parts;
  const find = shared(parts);
  let watchers = 0;

  /** Resolves after a while, when the job has ended, or when it is over. */
  async function rest(id: JobId | null, atMost: Millis, signal: AbortSignal): Promise<void> {
    const ended = id === null ? null : waiters.next(id);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        forget();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const forget = clock.after(atMost, done);
      signal.addEventListener('abort', done, { once: true });
      void ended?.promise.then(done);
      if (signal.aborted) done();
    });
    ended?.forget();
  }

  async function* followJob(first: Job, seen: Seen, options: WatchOptions): AsyncGenerator<readonly Watched[], void, undefined> {
    const { signal } = options;
    const look = async (): Promise<Job | null> => (signal.aborted ? null : find(first.id));
    for (let job: Job | null = first; job !== null && !signal.aborted; job = await look()) {
      const unserved = isWaiting(job) && isUnserved(job, await parts.serving.of([job]));
      const stands = `${job.state} ${job.run} ${job.fence} ${unserved}`;
      const isNews = stands !== seen.stands;
      seen.stands = stands;
      // Before anything is told: what happens from then on is heard.
      const reader = readerOf(parts, job, seen);
      // An attempt elsewhere may say its last word at another node.
      const ended = parts.attemptLive.holds(job) ? waiters.next(job.id) : null;
      void ended?.promise.then(() => reader?.end());
      try {
        // What its last attempts told stands before its end.
        if (isNews && !hasEnded(job.state)) yield [{ kind: 'job', job, unserved }];
        yield* toldOf(parts, job, reader, seen, options);
      } finally {
        ended?.forget();
        reader?.end();
      }
      if (hasEnded(job.state)) {
        if (isNews) yield [{ kind: 'job', job, unserved }];
        return;
      }
      seen.isFirst = false;
      // What has just been heard to its end has changed by now.
      if (!isNews || job.holder === '') await rest(first.id, lookEvery, signal);
    }
  }

  async function* followTask(first: TaskRecord, ref: TaskRef, options: WatchOptions): AsyncGenerator<readonly Watched[], void, undefined> {
    const { signal } = options;
    let [seen, id, looks, told] = [newSeen(options), first.job?.id, 0, ''];
    for (let record: TaskRecord | null = first; record !== null && !signal.aborted; ) {
      const { job, status } = record;
      if (job !== null && job.id !== id) [seen, id, looks] = [{ ...newSeen(options), place: null, isFirst: false }, job.id, 0];
      const isStanding = job === null || hasEnded(job.state);
      if (job !== null) yield* followJob(job, seen, options);
      const stands = isStanding ? status : 'running';
      if (isStanding && stands !== told) yield [{ kind: 'task', task: standingOf(record) }];
      told = stands;
      if (status === 'ended' || status === 'crashed') return;
      await rest(null, ++looks > nextJobLooks ? lookEvery : nextJobEvery, signal);
      record = signal.aborted ? null : await tasks.get(ref);
    }
  }

  /** Throws `overloaded` when there are too many. */
  async function* counted(
    watched: AsyncGenerator<readonly Watched[], void, undefined>,
  ): AsyncGenerator<readonly Watched[], void, undefined> {
    if (watchers >= mostWatchers)
      throw new HatstandError('overloaded', `${watchers} others watch at this node. Watch at another one, or later.`);
    watchers += 1;
    try {
      yield* watched;
    } finally {
      watchers -= 1;
    }
  }

  return {
    async job(id, options) {
      const job = await find(id);
      return job === null ? null : counted(followJob(job, newSeen(options), options));
    },
    async task(ref, options) {
      const first = await tasks.get(ref);
      return first === null ? null : counted(followTask(first, ref, options));
    },
  };
}

const isWaiting = ({ state }: Job): boolean => state === 'scheduled' || state === 'queued';

const standingOf = ({ ref, status, task, state }: TaskRecord): TaskStanding => ({
  ...{ id: ref.id, domain: ref.domain, status, desired: task.desired },
  end: status === 'ended' || status === 'crashed' ? (state.ended?.how ?? null) : null,
});

/** Many may watch one job. */
function shared({ jobs, clock }: WatchParts): (id: JobId) => Promise<Job | null> {
  const known = new Map<JobId, Promise<Job | null>>();
  return (id) => {
    const found = known.get(id) ?? jobs.find(id);
    if (known.has(id)) return found;
    known.set(id, found);
    clock.after(sharedFor, () => known.delete(id));
    return found;
  };
}

/** What who watches has seen of a job. */
interface Seen {
  stands: string;
  place: LivePlace | null;
  /** The newest line that came from the store; `null`: none did. */
  line: LogPlace | null;
  progress: string;
  /** What the store has told of it may be told once more by who runs it. */
  shown: string | null;
  /** It has just begun to watch. */
  isFirst: boolean;
}

async function* toldOf(
  parts: WatchParts,
  job: Job,
  reader: LiveReader | null,
  seen: Seen,
  options: WatchOptions,
): AsyncGenerator<readonly Watched[], void, undefined> {
  if (isLive(job) && isNew(seen)) yield* progressNow(parts, job, seen);
  if (reader !== null) yield* fromMemory(reader, seen, options);
  else if (isLive(job)) yield* fromStore(parts, job, seen);
}

const isLive = ({ state }: Job): boolean => state === 'running' || state === 'stopping';
/** It looks from now on. */
const isNew = ({ isFirst, place }: Seen): boolean => isFirst && place === null;

const newSeen = ({ after }: WatchOptions): Seen => ({ stands: '', place: after, line: null, progress: '', shown: null, isFirst: true });

/** `null`: what its attempts tell cannot be heard here but from the store. */
function readerOf({ held, attemptLive, live, liveLinks }: WatchParts, job: Job, seen: Seen): LiveReader | null {
  if (!isLive(job) && isNew(seen)) return null;
  const { id, holder } = job;
  const { place, isFirst, line } = seen;
  // Who has watched for a while hears an attempt from its first word on; who was told by the store, what comes then.
  const after = place ?? (isFirst || line !== null ? null : beginning);
  if (held.holds(id) || attemptLive.holds(job)) return live.reader(id, after);
  // What an earlier attempt told here is of no use to who follows one elsewhere.
  const there = holder === '' ? null : liveLinks.reader(holder, id, after);
  return there ?? (live.knows(id) ? live.reader(id, after) : null);
}

/** Before the first word of any attempt. */
const beginning: LivePlace = { fence: '0', number: 0 };

async function* fromMemory(reader: LiveReader, seen: Seen, options: WatchOptions): AsyncGenerator<readonly Watched[], void, undefined> {
  const end = (): void => reader.end();
  options.signal.addEventListener('abort', end, { once: true });
  if (options.signal.aborted) end();
  try {
    for (;;) {
      const piece = await reader.take();
      const { events, missed, isOver } = piece;
      const before: readonly Watched[] = missed === 0 ? [] : [{ kind: 'missed', count: missed }];
      const told = events.filter((event) => isWanted(event, options) && isUnseen(event, seen)).map(watchedOf);
      see(piece, seen);
      if (before.length + told.length > 0) yield [...before, ...told];
      if (isOver) return;
    }
  } finally {
    options.signal.removeEventListener('abort', end);
  }
}

const watchedOf = ({ fence, number, at, told }: LiveEvent): Watched => ({ kind: 'told', told, at, place: { fence, number } });

function see({ events, place }: LivePiece, seen: Seen): void {
  // Nothing was told there yet.
  if (place.fence !== '0') seen.place = place;
  // What it reports is known, should it have to be asked of the store.
  const line = events.findLast(({ told }) => told.kind === 'line');
  if (line?.told.kind === 'line') seen.line = { fence: line.fence, number: line.told.line };
}

/** The store may have told this progress before. */
function isUnseen({ fence, told }: LiveEvent, seen: Seen): boolean {
  if (told.kind !== 'progress') return true;
  const isShown = seen.shown === `${fence} ${told.value}`;
  seen.shown = null;
  return !isShown;
}

const isWanted = ({ told }: LiveEvent, { names }: WatchOptions): boolean =>
  told.kind !== 'event' || names === null || names.includes(told.name);

/** What the attempt has reported since the last look. */
async function* fromStore({ jobs }: WatchParts, { id, fence }: Job, seen: Seen): AsyncGenerator<readonly Watched[], void, undefined> {
  // From now on: what stands there already is passed over.
  if (seen.isFirst && seen.place === null) seen.line = (await jobs.lines(id, null, 1_000))?.lines.at(-1) ?? { fence, number: 0 };
  const page = await jobs.lines(id, seen.line, linesAtOnce);
  const lines = page?.lines ?? [];
  seen.line = lines.at(-1) ?? seen.line;
  const told = lines.map(
    ({ number: line, at, level, text, fields }): Watched => ({
      ...{ kind: 'told', at, place: null },
      told: { kind: 'line', line, level, text, fields },
    }),
  );
  const all = [...told, ...progressIn(page?.progress ?? null, seen)];
  if (all.length > 0) yield all;
}

async function* progressNow({ jobs }: WatchParts, job: Job, seen: Seen): AsyncGenerator<readonly Watched[], void, undefined> {
  const progress = progressIn(await jobs.progress(job), seen);
  if (progress.length > 0) yield progress;
}

/** Unless it is known. */
function progressIn(progress: Progress | null, seen: Seen): readonly Watched[] {
  const shown = progress === null ? '' : `${progress.fence} ${progress.at} ${progress.value}`;
  const isKnown = progress === null || shown === seen.progress;
  seen.progress = shown;
  seen.shown = progress === null ? null : `${progress.fence} ${progress.value}`;
  return isKnown ? [] : [{ kind: 'told', told: { kind: 'progress', value: progress.value }, at: progress.at, place: null }];
}
