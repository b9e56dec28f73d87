/** Watching jobs and tasks under `/v1`, live. */
import { endable } from '../../core/endable.ts';
import { HatstandError } from '../../core/errors.ts';
import type { JobState } from '../../core/job.ts';
import type { LogLevel } from '../../core/report.ts';
import type { DesiredState, TaskEnd, TaskStatus } from '../../core/task.ts';
import { type Connection, segment } from './connection.ts';
import { followBlocks } from './follow-blocks.ts';
import { checkOptions } from './options.ts';

/** How a job stands. */
export interface WatchedJob {
  readonly kind: 'job';
  readonly id: string;
  readonly state: JobState;
  /** It waits, and no live node serves its worker in its queue. */
  readonly unserved: boolean;
  readonly attempt: number;
  readonly run: number;
  readonly holder: string;
  readonly fence: string;
  readonly reason: string;
  readonly error: string;
}

/** How a task stands that does not run. */
export interface WatchedTask {
  readonly kind: 'task';
  readonly id: string;
  readonly domain: string;
  readonly status: TaskStatus;
  readonly desired: DesiredState;
  /** How it ended; `null`: it has not. */
  readonly end: TaskEnd | null;
}

/** When it was told, and where it stands; `place` `null`: it comes from the store. */
interface Told {
  readonly at: string;
  readonly place: string | null;
}

export type Watched =
  /** First, and whenever that has changed. */
  | WatchedJob
  /** The same of a task, while it does not run. */
  | WatchedTask
  | ({ readonly kind: 'progress'; readonly progress: unknown } & Told)
  | ({ readonly kind: 'line'; readonly level: LogLevel; readonly text: string; readonly fields: unknown } & Told)
  /** What `emit` tells. */
  | ({ readonly kind: 'event'; readonly name: string; readonly data: unknown } & Told)
  /** So many before the next are not there any more; `null`: nobody knows how many. */
  | { readonly kind: 'missed'; readonly count: number | null };

export interface WatchOptions {
  /** Whose id it is. Default: a task's, unless it is a number. */
  readonly of?: 'job' | 'task' | undefined;
  /** The tenant of a task. */
  readonly domain?: string | undefined;
  /** Of what `emit` tells, events of these names alone. Default: all. */
  readonly events?: readonly string[] | undefined;
  /** Behind this place. Default: from now on. */
  readonly after?: string | undefined;
  /** Ends it when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Told when the connection is lost; it is made again, until it is there. */
  readonly onLost?: ((fault: HatstandError) => void) | undefined;
}

/**
 * Each event once, in order, wherever the job runs: a connection that is lost is made again and goes on where it was. Ends when the job, or the
 * task, has ended. Throws `not_found`, and for what does not pass by itself, also when the server was never reached.
 */
export type Watch = (id: string, options?: WatchOptions) => AsyncGenerator<Watched, void>;

/** Throws `invalid_request`. */
function checkWatch({ events, signal }: { readonly events?: unknown; readonly signal?: unknown }): void {
  const areNames = events === undefined || (Array.isArray(events) && events.length > 0 && events.every((name) => typeof name === 'string'));
  if (!areNames)
    throw new HatstandError('invalid_request', 'events of watch must be a list of one name or more, such as ["scanned"].', {
      field: 'events',
    });
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new HatstandError('invalid_request', 'signal of watch must be an AbortSignal.', { field: 'signal' });
}

export function makeWatch(connection: Connection): Watch {
  async function* watch(id: string, options: WatchOptions, over: AbortSignal): AsyncGenerator<Watched, void, undefined> {
    checkOptions(options, { of: true, domain: true, events: true, after: true, signal: true, onLost: true }, 'watch');
    checkWatch(options);
    const { of = /^\d{1,19}$/.test(id) ? 'job' : 'task', domain, events = [], onLost } = options;
    const signal = options.signal === undefined ? over : AbortSignal.any([options.signal, over]);
    const asked: [string, string][] = events.map((event) => ['event', event]);
    if (of === 'task' && domain !== undefined) asked.push(['domain', domain]);
    const pathOf = (after: string | undefined): string => {
      const query = new URLSearchParams(after === undefined ? asked : [...asked, ['after', after]]).toString();
      return `/v1/${of}s/${segment(id)}/watch${query === '' ? '' : `?${query}`}`;
    };
    let shown = '';
    for await (const { event, id: place, data } of followBlocks({ connection, pathOf, after: options.after, signal, onLost })) {
      if (event === 'end') return;
      const isState = event === 'job' || event === 'task';
      // Told first at each connection.
      if (data === null || (isState && shown === data)) continue;
      if (isState) shown = data;
      yield { kind: event, ...(JSON.parse(data) as object), ...(isState || event === 'missed' ? {} : { place }) } as Watched;
    }
  }
  return (id, options = {}) => endable((over) => watch(id, options, over));
}
