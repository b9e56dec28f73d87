/** What may be said to a node, to a worker and to a push. docs/library.md has the same as tables, made from here. */
import { mostAwaited, onFailures, readAfter } from '../core/after.ts';
import type { Millis } from '../core/duration.ts';
import { readStartBefore, type StartBefore } from '../core/expiry.ts';
import type { After } from '../core/job.ts';
import { jobLimits } from '../core/new-job.ts';
import { functionRetry } from '../core/retry.ts';
import { isUniqueScope, type Unique, type UniqueScope, usualUntil } from '../core/unique.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store as StorePort } from '../ports/store/store.ts';
import type { JobRef } from './job.ts';
import {
  aName,
  type Checked,
  call,
  checked,
  duration,
  host,
  type Kind,
  limitKeyOrNone,
  listOf,
  nameOrNone,
  type OptionsOf,
  objectOf,
  objectWith,
  oneOf,
  orNull,
  readAs,
  refused,
  text,
  textOf,
  time,
  truth,
  whole,
} from './option.ts';
import type { Store } from './store.ts';

/** Whole milliseconds, or text such as `"500ms"`, `"30s"`, `"5m"`, `"2h"`, `"1d"`, also joined: `"1h30m"`. */
export type Duration = number | string;

/** How this node is linked to the others of its cluster. */
export interface LinkOptions {
  /** An address of this machine that the others reach. Default: the address by which the store is reached. */
  readonly host?: string | undefined;
  /** 0: any free one. Default: 0. */
  readonly port?: number | undefined;
  /** Whether it takes over at once from a node whose link tells that it is dead; else leases alone decide. Default: `true`. */
  readonly takeover?: boolean | undefined;
  /** What both ends of a link must have, the same on all nodes; it is proven, never sent. Default: a key that the store keeps. */
  readonly shareKey?: string | undefined;
  /** Paths of PEM files, instead of a certificate that each start makes: it is valid now, and all nodes may have the same. Default: none. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
}

export interface HatstandOptions {
  /** Where jobs are kept; closed by `stop`. */
  readonly store: Store;
  /** This node's name, for people. Default: `"node"`. */
  readonly name?: string | undefined;
  /** Hears what happens, one call for each event; `null`: nobody does. Default: warnings and errors go to stderr. */
  readonly log?: Logger | null | undefined;
  /** How long a job is kept after its end; `null`: for good. Default: 28 days. */
  readonly keepEnded?: Duration | null | undefined;
  /**
   * A folder of this machine, which is made if it is not there, for what attempts emit to be kept (`emit(…, { durable: true })`) while the
   * store is away: it is published when that is back, also after a crash of this process. Processes may share it. It keeps at most 64 MiB.
   * Default: none, such events wait for the store.
   */
  readonly spool?: string | undefined;
  /** The load of the machine, in percent of its processors, above which this node is critical: it claims nothing and gives its tasks away. `null`: none. Default: `null`. */
  readonly cpuThreshold?: number | null | undefined;
  /** The same for the memory in use, in percent. Default: `null`. */
  readonly memoryThreshold?: number | null | undefined;
  /** How often the node looks at its machine. Default: 5 seconds. */
  readonly healthInterval?: Duration | undefined;
  /** How it is linked to the other nodes of a shared store, so that they hear at once when it dies; `false`: not at all. Default: `{}`. */
  readonly links?: false | LinkOptions | undefined;
  /**
   * What this node changes of its workers, by their names: `false` for one that does not run here, or options that replace its own;
   * `false` for all: no worker runs here, and jobs can still be pushed. Default: `{}`.
   */
  readonly workers?: false | Readonly<Record<string, WorkerSetting>> | undefined;
  /** The only workers that run here, whatever else is registered. Default: all. */
  readonly onlyWorkers?: readonly string[] | undefined;
  /** A TOML file whose `workers`, `only_workers` and `[worker.<name>]` say the same; what these options say goes before it. Default: none. */
  readonly configFile?: string | undefined;
}

/** What a node changes of a worker that it serves; `false`: it does not serve it. */
export type WorkerSetting = false | WorkerOptions;

/** How jobs run. What a push does not say, its worker says. */
export interface RunOptions {
  /** Tries in all. Default: 1. */
  readonly attempts?: number | undefined;
  /** The wait after the first failure, doubled after each further one. Default: 60 ms. */
  readonly backoff?: Duration | undefined;
  /** The wait never grows beyond this; `backoff`, when that alone is given and is longer. Default: 1 hour. */
  readonly maxBackoff?: Duration | undefined;
  /** Of one attempt; `null`: none. Default: 10 s. */
  readonly timeout?: Duration | null | undefined;
  /** Of all attempts together, from the start of the first one, with the waits between them; `null`: none. Default: none. */
  readonly totalTimeout?: Duration | null | undefined;
  /** `fail`: never run it twice, not even when its node died. Default: `"retry"`. */
  readonly onLost?: 'retry' | 'fail' | undefined;
  /** While there is another such job, a push makes none and gives that one, marked as `duplicate`; `null`: there may be any number. Default: `null`. */
  readonly unique?: UniqueOption | null | undefined;
  /** It begins before this, so long from its push or a time, or it is canceled with the reason `expired`; `null`: at any time. Default: `null`. */
  readonly startBefore?: Duration | Date | null | undefined;
}

/** By which a job is the only one. */
export interface UniqueOption {
  /** Among which jobs of its domain: those of its worker, all of the domain, or those that name the same key, of whatever worker. */
  readonly scope: 'worker' | 'domain' | `key:${string}`;
  /** Until its first attempt begins, until it has ended, or for so long from its push on. Default: `"ended"`. */
  readonly until?: 'started' | 'ended' | Duration | undefined;
}

/** What a job waits for. */
export interface AfterOption {
  /** 1 to 100 jobs of its domain, pushed before it, or their ids. Of more, a batch tells when they have ended. */
  readonly jobs: readonly JobRef[];
  /** When one of them fails or is canceled: it is canceled at once, or starts all the same when all have ended. Default: `"cancel"`. */
  readonly onFailure?: 'cancel' | 'start' | undefined;
}

/** Which of a worker's jobs this process runs. */
export interface ServeOptions {
  /** Attempts at once in this process. Default: 8. */
  readonly concurrency?: number | undefined;
  /** The queues from which it takes jobs. Default: all queues. */
  readonly queues?: readonly string[] | undefined;
}

export interface WorkerOptions extends RunOptions, ServeOptions {}

/** How jobs run, where they wait, and what people call them. */
export interface OrderFields extends RunOptions {
  /** Where the job waits; a queue exists as soon as a job names it. Default: `"default"`. */
  readonly queue?: string | undefined;
  /** For people, and for `name:` in filters. Default: `""`. */
  readonly name?: string | undefined;
  /** For people. Default: `""`. */
  readonly comment?: string | undefined;
  /** A key under which the job is counted, beside those of its worker and its domain (`setLimit`). Default: `""`. */
  readonly limit?: string | undefined;
  /** The higher one goes first. Default: 0. */
  readonly priority?: number | undefined;
}

/** What a push may say of a job, or of all of its jobs. */
export interface JobFields extends OrderFields {
  /** The tenant to which the job belongs. Default: `""`. */
  readonly domain?: string | undefined;
  /** Asked for by a person: two of such jobs start for every one of the others. Default: `false`. */
  readonly manual?: boolean | undefined;
  /** Its log lines are told as events as well: `hatstand.jobs:<its id>` hears them as they come. Default: `false`. */
  readonly forwardLogs?: boolean | undefined;
  /** Not before this long from now. Not together with `at`. Default: at once. */
  readonly delay?: Duration | undefined;
  /** Not before this time; a text is in UTC when it names no zone. Not together with `delay`. Default: at once. */
  readonly at?: Date | string | undefined;
  /** Not before these jobs have ended; `awaited_missing` when one of them is not there. Default: it waits for none. */
  readonly after?: AfterOption | undefined;
}

/** What a push may say beside what it says of its jobs. */
export interface PusherOptions {
  /** Whether it may go beyond the limits that a defined worker sets: `attempts`, `timeout` and `totalTimeout`. Default: `false`. */
  readonly admin?: boolean | undefined;
}

export interface PushManyOptions extends JobFields, PusherOptions {
  /** The key of each job, by its payload and its place from 0. With keys the same call can be repeated. Default: none. */
  readonly idempotencyKey?: ((payload: unknown, at: number) => string) | undefined;
}

export interface PushOptions extends JobFields, PusherOptions {
  /** For a day, and until its job has ended, a second push with the same key and the same job gives the first job; with another job it throws `key_reused`. Default: none. */
  readonly idempotencyKey?: string | undefined;
}

const day: Millis = 86_400_000;

/** The values of options that are not given. */
export const defaults = {
  name: 'node',
  keepEnded: 28 * day,
  healthInterval: 5_000,
  timeout: 10_000,
  /** Most functions wait for something else more than they compute, whatever the processors. */
  concurrency: 8,
  httpConcurrency: 32,
  /** Most tasks wait for something. */
  taskConcurrency: 1_000,
  grace: 10_000,
  wait: 30_000,
} as const;

const untilKind: Kind<Unique['until']> = {
  expected: '"started", "ended", or a duration such as "1d", at least 1',
  words: ['started', 'ended'],
  read: (value, name, whose) => (value === 'started' || value === 'ended' ? value : duration(1).read(value, name, whose)),
};
const scopeKind: Kind<UniqueScope> = {
  expected: `"worker", "domain", or "key:" and 1 to 256 printable ASCII characters`,
  words: ['worker', 'domain'],
  read: (value) => (isUniqueScope(value) ? value : undefined),
};
const uniqueParts = objectOf({ scope: { kind: scopeKind, default: 'required' }, until: { kind: untilKind, default: '`"ended"`' } }, 'some');
const unique: Kind<Unique> = {
  expected: 'an object with scope, and until if it is not "ended"',
  read(value, name, whose) {
    const parts = uniqueParts.read(value, name, whose);
    if (parts === undefined) return undefined;
    if (parts.scope === undefined) throw refused(`${name} of ${whose} needs scope: ${scopeKind.expected}.`, `${name}.scope`);
    return { scope: parts.scope, until: parts.until ?? usualUntil };
  },
};

const startBeforeKind: Kind<StartBefore> = {
  expected: 'a duration such as "10m", whole milliseconds, a Date, or a text such as "2026-01-31T12:00:00Z"',
  read(value, name, whose) {
    if (typeof value === 'string') return readStartBefore(value, `${name} of ${whose}`, name);
    const at = value instanceof Date ? time.read(value, name, whose) : undefined;
    if (at !== undefined) return { at };
    const delay = typeof value === 'number' ? duration().read(value, name, whose) : undefined;
    return delay === undefined ? undefined : { delay };
  },
};

const awaitedKind: Kind<string> = {
  expected: 'the id of a job, or an object with its id, such as the job itself',
  read(value) {
    const id: unknown = typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
    return typeof id === 'string' && /^(?:0|[1-9]\d{0,18})$/.test(id) ? id : undefined;
  },
};
const afterParts = objectOf(
  {
    jobs: { kind: listOf(`a list of 1 to ${mostAwaited} jobs or ids`, awaitedKind, 1), default: 'required' },
    onFailure: { kind: oneOf(onFailures), default: '`"cancel"`' },
  },
  'some',
);
const afterKind: Kind<After> = {
  expected: 'an object with jobs, and onFailure if it is not "cancel"',
  read(value, name, whose) {
    const parts = afterParts.read(value, name, whose);
    if (parts === undefined) return undefined;
    const { jobs, onFailure } = parts;
    if (jobs === undefined) throw refused(`${name} of ${whose} needs jobs: those that have to end before it starts.`, `${name}.jobs`);
    return readAfter(onFailure === undefined ? { jobs } : { jobs, onFailure });
  },
};

/** What is said of how jobs run. */
export const run = {
  attempts: { kind: whole(1, jobLimits.attempts), default: String(functionRetry.attempts) },
  backoff: { kind: duration(), default: '60 ms' },
  maxBackoff: { kind: duration(), default: '1 hour' },
  timeout: { kind: orNull(duration(1)), default: '10 s' },
  totalTimeout: { kind: orNull(duration(1)), default: 'none' },
  onLost: { kind: oneOf(['retry', 'fail']), default: '`"retry"`' },
  unique: { kind: orNull(unique), default: '`null`' },
  startBefore: { kind: orNull(startBeforeKind), default: '`null`' },
} as const satisfies OptionsOf<RunOptions>;

export const logger = objectWith<Logger>('an object with the methods debug, info, warn and error', 'debug', 'info', 'warn', 'error');

export const serveOptions = {
  concurrency: { kind: whole(1, 100_000), default: String(defaults.concurrency) },
  queues: { kind: listOf('a list of one name or more', aName, 1), default: 'all queues' },
} as const satisfies OptionsOf<ServeOptions>;

export const workerOptions = { ...serveOptions, ...run } as const satisfies OptionsOf<WorkerOptions>;

type CheckedSettings = false | ReadonlyMap<string, false | Checked<typeof workerOptions>>;

const workerSettings: Kind<CheckedSettings> = {
  expected: 'false, or an object of workers, each false or with options of a worker',
  read(value, name, whose) {
    if (value === false) return false;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const settings = Object.entries(value).map(([worker, setting]): [string, false | Checked<typeof workerOptions>] => [
      readAs(aName, worker, `a name in ${name}`, whose),
      setting === false ? false : checked(setting, workerOptions, whose, `${name}.${worker}.`),
    ]);
    return new Map(settings);
  },
};

const pemFile = { kind: textOf(1, 4_096), default: 'required' } as const;

export const linkOptions = {
  host: { kind: host, default: 'the address by which the store is reached' },
  port: { kind: whole(0, 65_535), default: '0' },
  takeover: { kind: truth, default: '`true`' },
  shareKey: { kind: textOf(1, 512), default: 'a key that the store keeps' },
  certificate: { kind: objectOf({ cert: pemFile, key: pemFile }), default: 'none' },
} as const satisfies OptionsOf<LinkOptions>;

const links: Kind<false | Checked<typeof linkOptions>> = {
  expected: 'false, or an object such as { takeover: true }',
  read: (value, name, whose) =>
    value === false
      ? false
      : typeof value === 'object' && value !== null && !Array.isArray(value)
        ? checked(value, linkOptions, whose, `${name}.`)
        : undefined,
};

export const hatstandOptions = {
  store: {
    kind: objectWith<StorePort>('an open store, such as `await openSqlite({ path })` gives', 'onHint', 'close'),
    default: 'required',
  },
  name: { kind: text, default: '`"node"`' },
  log: { kind: orNull(logger), default: 'warnings and errors go to stderr' },
  keepEnded: { kind: orNull(duration()), default: '28 days' },
  spool: { kind: textOf(1, 4_096), default: 'none, such events wait for the store' },
  cpuThreshold: { kind: orNull(whole(1, 100_000)), default: '`null`' },
  memoryThreshold: { kind: orNull(whole(1, 100)), default: '`null`' },
  healthInterval: { kind: duration(1_000), default: '5 seconds' },
  links: { kind: links, default: '`{}`' },
  workers: { kind: workerSettings, default: '`{}`' },
  onlyWorkers: { kind: listOf('a list of names', aName), default: 'all' },
  configFile: { kind: textOf(1, 4_096), default: 'none' },
} as const satisfies OptionsOf<HatstandOptions>;

export const orderFields = {
  queue: { kind: aName, default: '`"default"`' },
  name: { kind: textOf(0, jobLimits.name), default: '`""`' },
  comment: { kind: textOf(0, jobLimits.comment), default: '`""`' },
  limit: { kind: limitKeyOrNone, default: '`""`' },
  priority: { kind: whole(-jobLimits.priority, jobLimits.priority), default: '0' },
  ...run,
} as const satisfies OptionsOf<OrderFields>;

export const jobFields = {
  ...orderFields,
  domain: { kind: nameOrNone, default: '`""`' },
  manual: { kind: truth, default: '`false`' },
  forwardLogs: { kind: truth, default: '`false`' },
  delay: { kind: duration(), default: 'at once' },
  at: { kind: time, default: 'at once' },
  after: { kind: afterKind, default: 'it waits for none' },
} as const satisfies OptionsOf<JobFields>;

/** Of `idempotencyKey`. */
export const keyKind = textOf(1, jobLimits.idempotencyKey);

export const pusherOptions = { admin: { kind: truth, default: '`false`' } } as const satisfies OptionsOf<PusherOptions>;

export const pushOptions = {
  ...jobFields,
  ...pusherOptions,
  idempotencyKey: { kind: keyKind, default: 'none' },
} as const satisfies OptionsOf<PushOptions>;

export const pushManyOptions = {
  ...jobFields,
  ...pusherOptions,
  idempotencyKey: { kind: call, default: 'none' },
} as const satisfies OptionsOf<PushManyOptions>;
