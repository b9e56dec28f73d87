/** Triggers under `/v1`. */
import type { Overlap } from '../../core/definition.ts';
import type { EndState, JobState } from '../../core/job.ts';
import type { Daylight } from '../../core/schedule/cron-next.ts';
import type { MissedPolicy } from '../../core/schedule/timetable.ts';
import type { TriggerStatus, TriggerType } from '../../core/trigger.ts';
import type { AttemptProof } from './attempts.ts';
import { type Connection, query, segment } from './connection.ts';
import type { Job, JobFields } from './job.ts';

/** What each of its jobs has, as in a push. */
export type TriggerOptions = Omit<JobFields, 'url' | 'worker' | 'domain' | 'payload' | 'manual'> & { readonly forwardLogs?: boolean };

/** What may be said of a trigger; what is left out has the server's default, or stays as it is. */
export interface TriggerChange {
  /** When it fires, in the words of its type. */
  readonly arguments?: string;
  /** Such as `Europe/Berlin`. */
  readonly timeZone?: string | null;
  readonly daylight?: Partial<Daylight>;
  readonly worker?: string;
  readonly url?: string;
  /** The payload of its jobs: any JSON value. */
  readonly message?: unknown;
  readonly options?: TriggerOptions;
  readonly missed?: MissedPolicy | { readonly policy: MissedPolicy; readonly most?: number; readonly lateness?: string | null };
  readonly overlap?: Overlap;
  readonly debounce?: string | { readonly wait: string; readonly maxWait?: string | null } | null;
  readonly jitter?: string;
  readonly endsAt?: string | null;
  readonly secret?: string | null;
}

export interface NewTrigger extends TriggerChange {
  readonly type: TriggerType;
  readonly id?: string;
  readonly domain?: string;
}

/** One of the jobs of a trigger. */
export interface LastJob {
  readonly job: string;
  readonly at: string;
  /** `null`: it has not ended. */
  readonly end: EndState | null;
  readonly error: string;
}

export interface Trigger {
  readonly id: string;
  readonly domain: string;
  readonly type: TriggerType;
  readonly arguments: string;
  readonly timeZone: string | null;
  /** What becomes of changes of the clocks; `null`: they do not matter to it. */
  readonly daylight: Daylight | null;
  readonly worker: string;
  readonly url: string;
  readonly message: unknown;
  /** What each of its jobs has. */
  readonly options: {
    readonly queue: string;
    readonly priority: number;
    readonly name: string;
    readonly comment: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly timeout: string | null;
    readonly totalTimeout: string | null;
    readonly retry: { readonly attempts: number; readonly backoff: string; readonly maxBackoff: string };
    readonly onLost: 'retry' | 'fail';
    readonly rules: 'hq' | 'v1';
    readonly forwardLogs: boolean;
  };
  readonly missed: { readonly policy: MissedPolicy; readonly most: number; readonly lateness: string | null };
  readonly overlap: Overlap;
  readonly debounce: { readonly wait: string; readonly maxWait: string | null } | null;
  readonly jitter: string;
  readonly endsAt: string | null;
  readonly status: TriggerStatus;
  readonly reason: string;
  readonly pausedUntil: string | null;
  readonly skip: number;
  readonly nextAt: string | null;
  /** A run of it goes on beyond the time of the next one. */
  readonly outlasted: boolean;
  readonly window: { readonly openedAt: string; readonly closesAt: string | null; readonly count: number; readonly dropped: number } | null;
  /** The path of its address, when it is a webhook. */
  readonly webhook: string | null;
  readonly signed: boolean;
  readonly live: number;
  readonly newest: LastJob | null;
  readonly succeeded: LastJob | null;
  readonly failed: LastJob | null;
  readonly launched: LastJob | null;
  readonly unserved: boolean;
  readonly version: number;
  readonly createdAt: string;
  readonly changedAt: string;
}

export interface TriggerPage {
  readonly triggers: readonly Trigger[];
  /** The next page's cursor; `null`: this is the last. */
  readonly next: string | null;
}

export interface TriggerPreview {
  readonly next: readonly string[];
  readonly notes: readonly string[];
}

export interface Backfilled {
  readonly jobs: readonly string[];
  readonly pushed: number;
  readonly replayed: number;
}

/** What was decided about a trigger. */
export type TriggerDecision = {
  /** Of its entry in the journal: greater with each step. */
  readonly entry: number;
  readonly at: string;
} & (
  | {
      /** Somebody looked at it since it was due: it fired, or did not. */
      readonly kind: 'decided';
      /** Of the trigger. */
      readonly version: number;
      readonly tick: string;
      readonly why: string;
      /** Earlier jobs were in the way: none was pushed. */
      readonly overlap: boolean;
      /** Those that it pushed and that are there still. */
      readonly jobs: readonly DecidedJob[];
    }
  /** Nobody waited for its time: an event, a call or a person had it push. Left out once its job is gone. */
  | { readonly kind: 'pushed'; readonly why: string; readonly jobs: readonly DecidedJob[] }
  /** What was done; empty: nobody knows. */
  | { readonly kind: 'changed'; readonly version: number; readonly why: string }
);

interface DecidedJob {
  readonly id: string;
  readonly state: JobState;
}

export interface TriggerHistory {
  /** Newest first. */
  readonly decisions: readonly TriggerDecision[];
  /** The next page's `before`, also when this one has none; `null`: older ones are not known. */
  readonly next: number | null;
  /** How far the journal goes back. */
  readonly since: string | null;
}

export interface TriggersLookedAt {
  readonly looked: number;
  /** Of these, how many were put right, or are gone. */
  readonly changed: number;
}

/** Of `@client`: who runs the job, and how long its attempt is held without being heard of. */
export interface LaunchHold {
  readonly holder?: string;
  readonly attemptTtl?: string;
}

export interface LaunchedJob extends Job {
  /** Of `@client`: by which its attempt is reported and settled; else `null`. */
  readonly proof: AttemptProof | null;
}

/** `domain`: its tenant. Text is sent as it is, so that a message keeps its bytes. */
export interface Triggers {
  add(trigger: NewTrigger | string): Promise<Trigger>;
  get(id: string, domain?: string): Promise<Trigger>;
  list(asked?: {
    readonly domain?: string | undefined;
    readonly limit?: number;
    readonly cursor?: string | undefined;
  }): Promise<TriggerPage>;
  change(id: string, change: TriggerChange | string, domain?: string): Promise<Trigger>;
  delete(id: string, domain?: string): Promise<void>;
  pause(id: string, until?: string | null, domain?: string): Promise<Trigger>;
  resume(id: string, domain?: string): Promise<Trigger>;
  skip(id: string, count?: number, domain?: string): Promise<Trigger>;
  /** `payload`: JSON text, in the place of its message. */
  launch(id: string, payload?: string, domain?: string, hold?: LaunchHold): Promise<LaunchedJob>;
  next(id: string, count?: number, domain?: string): Promise<TriggerPreview>;
  preview(
    asked: Pick<NewTrigger, 'type' | 'arguments' | 'timeZone' | 'daylight'> & { readonly from?: string; readonly count?: number },
  ): Promise<TriggerPreview>;
  backfill(id: string, span: { readonly from: string; readonly to?: string }, domain?: string): Promise<Backfilled>;
  /** Has those looked at that would not be due in time, of all domains unless one is named. */
  rebuild(domain?: string): Promise<TriggersLookedAt>;
  /** Deletes those that push nothing any more, of all domains unless one is named. */
  clean(domain?: string): Promise<TriggersLookedAt>;
  /** Also of one that is gone. */
  history(
    id: string,
    asked?: { readonly domain?: string | undefined; readonly limit?: number; readonly before?: number | undefined },
  ): Promise<TriggerHistory>;
}

export function makeTriggers(connection: Connection): Triggers {
  const all = '/v1/triggers';
  const one = (id: string, domain = '', verb = ''): string => `${all}/${segment(id)}${verb}${query(domain === '' ? {} : { domain })}`;
  const textOf = (value: object | string): string => (typeof value === 'string' ? value : JSON.stringify(value));
  const post = <T>(path: string, body: object | string = {}): Promise<T> => connection.json({ method: 'POST', path, body: textOf(body) });
  /** Part after part. */
  async function through(verb: string, domain: string | undefined): Promise<TriggersLookedAt> {
    const sum = { looked: 0, changed: 0 };
    let cursor: string | undefined;
    do {
      const path = `${all}/${verb}${query({ domain, cursor })}`;
      const part = await connection.json<TriggersLookedAt & { readonly next: string | null }>({ method: 'POST', path });
      sum.looked += part.looked;
      sum.changed += part.changed;
      cursor = part.next ?? undefined;
    } while (cursor !== undefined);
    return sum;
  }

  return {
    add: (trigger) => post(all, trigger),
    get: (id, domain) => connection.json({ method: 'GET', path: one(id, domain) }),
    list: (asked = {}) => connection.json({ method: 'GET', path: `${all}${query({ ...asked })}` }),
    change: (id, change, domain) => connection.json({ method: 'PATCH', path: one(id, domain), body: textOf(change) }),
    async delete(id, domain) {
      await connection.text({ method: 'DELETE', path: one(id, domain) });
    },
    pause: (id, until = null, domain) => post(one(id, domain, '/pause'), { until }),
    resume: (id, domain) => connection.json({ method: 'POST', path: one(id, domain, '/resume') }),
    skip: (id, count = 1, domain) => post(one(id, domain, '/skip'), { count }),
    launch(id, payload, domain, hold = {}) {
      const rest = JSON.stringify(hold);
      const body = payload === undefined ? rest : `{"payload":${payload}${rest === '{}' ? '' : ','}${rest.slice(1)}`;
      return post(one(id, domain, '/launch'), body);
    },
    next: (id, count = 5, domain = '') =>
      connection.json({ method: 'GET', path: `${all}/${segment(id)}/next${query(domain === '' ? { count } : { count, domain })}` }),
    preview: (asked) => post(`${all}/preview`, asked),
    backfill: (id, span, domain) => post(one(id, domain, '/backfill'), span),
    rebuild: (domain) => through('rebuild', domain),
    clean: (domain) => through('clean', domain),
    history: (id, asked = {}) => connection.json({ method: 'GET', path: `${all}/${segment(id)}/history${query({ ...asked })}` }),
  };
}
