/** Jobs and tasks as they are watched live, as the library shows them. */
import { endable } from '../core/endable.ts';
import { HatstandError } from '../core/errors.ts';
import { isJobId } from '../core/id.ts';
import { type LivePlace, liveName } from '../core/live.ts';
import type { LogLevel } from '../core/report.ts';
import type { WatchOptions as EngineOptions, Watched as EngineWatched, TaskStanding } from '../engine/api/watch.ts';
import type { Engine } from '../engine/engine.ts';
import { type Job, type JobRef, jobView } from './job.ts';
import { idOf } from './job-ref.ts';
import { aName, checked, type Kind, listOf, type OptionsOf, refused, signal, text } from './option.ts';

/** When it was told, in Unix milliseconds, and where it stands; `place` `null`: it comes from the store. */
interface Told {
  readonly at: number;
  readonly place: string | null;
}

export type { TaskStanding };

export type Watched =
  /** How the job stands, first and whenever that has changed. Without payload and output. */
  | { readonly kind: 'job'; readonly job: Job }
  /** The same of a task, while it does not run. */
  | { readonly kind: 'task'; readonly task: TaskStanding }
  | ({ readonly kind: 'progress'; readonly progress: unknown } & Told)
  | ({ readonly kind: 'line'; readonly level: LogLevel; readonly text: string; readonly fields: unknown } & Told)
  /** What `emit` tells. */
  | ({ readonly kind: 'event'; readonly name: string; readonly data: unknown } & Told)
  /** So many before the next are not there any more; `null`: nobody knows how many. */
  | { readonly kind: 'missed'; readonly count: number | null };

export interface WatchOptions {
  /** Of what `emit` tells, events of these names alone. Default: all. */
  readonly events?: readonly string[] | undefined;
  /** Behind this place. Default: from now on. */
  readonly after?: string | undefined;
  /** Ends it when it is aborted. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** A task that is watched. */
export interface WatchedTask {
  readonly task: string;
  /** Default: none. */
  readonly domain?: string | undefined;
}

const eventName: Kind<string> = {
  expected: 'the name of an event',
  read: (value) => (typeof value === 'string' && liveName.test(value) ? value : undefined),
};

export const watchOptions = {
  events: { kind: listOf('a list of one name or more', eventName, 1), default: 'all' },
  after: { kind: text, default: 'from now on' },
  signal: { kind: signal, default: 'none' },
} as const satisfies OptionsOf<WatchOptions>;

const watchedTask = {
  task: { kind: aName, default: 'required' },
  domain: { kind: aName, default: 'none' },
} as const satisfies OptionsOf<WatchedTask>;

/** Throws `invalid_request` at once, `not_found` when it begins. */
export function watchLive(
  engine: Engine,
  what: JobRef | Job | WatchedTask,
  asked: WatchOptions | undefined,
  closing: AbortSignal,
): AsyncGenerator<Watched, void> {
  const { events = null, after, signal: until } = checked(asked, watchOptions, 'watch');
  const place = after === undefined ? null : placeOf(after);
  const optionsUntil = (over: AbortSignal): EngineOptions => ({
    ...{ after: place, names: events },
    signal: AbortSignal.any(until === undefined ? [over, closing] : [over, until, closing]),
  });
  if (isTask(what)) {
    const { task = '', domain = '' } = checked(what, watchedTask, 'watch');
    const missing = `There is no task ${JSON.stringify(task)}.`;
    return endable((over) => viewed(() => engine.watch.task({ domain, id: task }, optionsUntil(over)), missing));
  }
  if (typeof what === 'string' && !isJobId(what)) {
    throw refused(`watch takes a job, or its id; a task is watched as { task: ${JSON.stringify(what.slice(0, 128))} }.`, 'job');
  }
  const id = idOf(what);
  return endable((over) => viewed(() => engine.watch.job(id, optionsUntil(over)), `There is no job ${id}.`));
}

/** A job has no such field. */
const isTask = (what: unknown): what is WatchedTask => typeof what === 'object' && what !== null && 'task' in what;

function placeOf(after: string): LivePlace {
  const [, fence, number] = /^(\d{1,19})\.(\d{1,15})$/.exec(after) ?? [];
  if (fence === undefined)
    throw refused(
      `after of watch must be the place of what was told, such as "1771239904134021.7", not ${JSON.stringify(after.slice(0, 64))}.`,
      'after',
    );
  return { fence, number: Number(number) };
}

async function* viewed(begin: () => ReturnType<Engine['watch']['job']>, missing: string): AsyncGenerator<Watched, void, undefined> {
  const watched = await begin();
  if (watched === null) throw new HatstandError('not_found', missing);
  for await (const all of watched) yield* all.map(viewOf);
}

function viewOf(watched: EngineWatched): Watched {
  if (watched.kind === 'job') return { kind: 'job', job: jobView(watched.job) };
  if (watched.kind === 'missed' || watched.kind === 'task') return watched;
  const { told, at } = watched;
  const place = watched.place === null ? null : `${watched.place.fence}.${watched.place.number}`;
  switch (told.kind) {
    case 'progress':
      return { kind: 'progress', progress: JSON.parse(told.value), at, place };
    case 'line':
      return { kind: 'line', level: told.level, text: told.text, fields: told.fields === null ? null : JSON.parse(told.fields), at, place };
    case 'event':
      return { kind: 'event', name: told.name, data: told.data === null ? null : JSON.parse(told.data), at, place };
  }
}
