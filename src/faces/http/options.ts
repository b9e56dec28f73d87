/** What the HTTP face is told by the configuration. */
import type { Millis } from '../../core/duration.ts';
import type { JobOptions, NewJob } from '../../core/job.ts';
import type { TaskChange } from '../../core/new-task.ts';
import type { ConnectionLimits } from './connections/limits.ts';

/** The figures that HQ's `/stats` and `GET /job` show or obey. */
export interface HqOptions {
  readonly queues: number;
  readonly dispatchers: number;
  readonly maxWorkers: number;
  /** Jobs on a page of `GET /job` that names no limit; 0: all. */
  readonly listDefaultLimit: number;
}

/** One answered request, with the figures of HQ's access log. */
export interface AccessEntry {
  readonly remoteIp: string;
  readonly host: string;
  readonly method: string;
  /** Path and query as they came. */
  readonly uri: string;
  readonly status: number;
  /** From the request's head to the end of the answer. */
  readonly latency: Millis;
  /** As the request's Content-Length says; 0 when it has none. */
  readonly bytesIn: number;
  /** Of the body; of an answer sent in pieces, all that went over the wire. */
  readonly bytesOut: number;
}

export interface HttpOptions {
  /** Every request must bring it; `null`: only this machine is served. */
  readonly token: string | null;
  /** Names, beside those of this machine, under which browsers may address the server, such as `jobs.example.com`. */
  readonly allowedHosts: readonly string[];
  /** The name or address that the server was told to listen on, which is one of its names. */
  readonly listenHost: string;
  /** Where the UI lives, such as `/ui`; `null`: there is none. */
  readonly uiBasename: string | null;
  readonly hq: HqOptions;
  /** The largest payload of one job. */
  readonly payloadBytes: number;
  /** What the jobs of a function that this process serves get, where a push does not say it. */
  readonly usualOf?: (worker: string) => JobOptions | undefined;
  /** The same of a task. */
  readonly usualTaskOf?: (worker: string) => TaskChange | undefined;
  /** The job as the worker of this process takes it. Throws when it takes none such, or none from there. Default: any job, as it is. */
  readonly admit?: (job: NewJob, what?: 'all' | 'worker') => Promise<NewJob>;
  /** How long requests under way may take once the app closes; then their connections end. Default: 5 s. */
  readonly closeWithin?: Millis;
  /** Where they differ from `connectionLimits`. */
  readonly connections?: Partial<ConnectionLimits>;
  readonly onAccess: ((entry: AccessEntry) => void) | null;
  /** Told of each error that is no caller's fault; its client sees only "Internal Server Error". */
  readonly onFault?: (error: unknown) => void;
}
