/** Attempts that are run elsewhere, under `/v1`: claimed, reported and settled. */
import { formatDuration, type Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import type { LogLevel } from '../../core/report.ts';
import { type Connection, segment } from './connection.ts';
import type { Job, Problem, Push, PushKind } from './job.ts';

/** What shows that somebody holds an attempt: it is sent back as it came. */
export interface AttemptProof {
  readonly holder: string;
  readonly fence: string;
  readonly capability: string;
}

export interface Claim {
  /** One name for each process. */
  readonly holder: string;
  /** New for each claim. Repeated, it gives the attempts that it had claimed. */
  readonly operation: string;
  readonly workers: readonly string[];
  /** Left out: all. */
  readonly queues?: readonly string[] | undefined;
  /** Jobs at once, 1 by default; 0: only what the operation has claimed already. */
  readonly max?: number | undefined;
  /** How long to wait for a job; 30 s by default. */
  readonly wait?: Millis | undefined;
  /** How long an attempt is held without being heard of; 30 s by default. */
  readonly attemptTtl?: Millis | undefined;
}

export interface ClaimedAttempt {
  readonly proof: AttemptProof;
  readonly attemptTtl: string;
  /** Of all attempts of the run together; `null`: no limit. */
  readonly firstStartedAt: string;
  /** What pushed the job, such as a trigger; empty: a person or a program did. */
  readonly owner: string;
  /** Whether it has a payload, which may be `null`. Servers of before do not say. */
  readonly hasPayload?: boolean;
  /** What the job says beside its payload, such as the event that it was pushed for. */
  readonly about: unknown;
  readonly job: Job;
}

export interface ReportFields {
  readonly attemptTtl?: Millis | undefined;
  /** Any JSON value. */
  readonly progress?: unknown;
  readonly lines?: readonly {
    readonly number: number;
    readonly level: LogLevel;
    readonly text: string;
    readonly fields?: object;
    readonly ago?: string;
  }[];
  /** What those hear who watch the job now; what is numbered is kept, too, once for each number of an attempt. */
  readonly events?: readonly {
    readonly name: string;
    readonly data?: unknown;
    readonly number?: number;
    readonly ago?: string;
    readonly late?: boolean;
  }[];
  /** Texts are sent as they are. */
  readonly push?: readonly (Push | string)[];
}

/** Refused are those that their queue or a limit does not take, and those that would wait for a job that is not there. */
export type PushedByAttempt =
  /** `left`: for how many others it waits; left out: for none. */
  | { readonly id: string; readonly kind: 'pushed'; readonly left?: number }
  | { readonly id: string; readonly kind: Exclude<PushKind, 'pushed'> | 'conflict' }
  | { readonly error: Problem };

export interface AttemptReported {
  /** `stopping`: somebody has canceled the job. */
  readonly state: 'running' | 'stopping';
  readonly pushed: readonly PushedByAttempt[];
}

/** How an attempt ended: what goes with which outcome is told by the server's reference. */
export interface SettleFields {
  readonly outcome: 'succeeded' | 'failed' | 'skipped' | 'released';
  /** Any JSON value. */
  readonly output?: unknown;
  readonly outputText?: string;
  readonly outputCut?: boolean;
  readonly reason?: 'aborted' | 'refused';
  readonly error?: string;
  readonly cause?: 'thrown' | 'timeout' | 'message' | 'canceled';
  readonly stack?: string;
  readonly retry?: boolean;
  /** The trigger that pushed the job is bad, as `error` says: it is stopped, and the job is not tried again. */
  readonly badTrigger?: boolean;
  readonly retryAfter?: string;
  readonly left?: string;
}

export interface AttemptSettled {
  readonly kind: 'settled' | 'repeated';
  /** The job has ended with it. */
  readonly ended: boolean;
}

/** What is kept of an attempt of a task, and asked for. */
export interface TaskFields {
  /** JSON text of what is kept for the attempts that follow. */
  readonly checkpointText?: string | undefined;
  /** Whether the newest checkpoint is asked for. */
  readonly resumes?: boolean | undefined;
  /** Ids of control messages that were handled. */
  readonly handled?: readonly string[] | undefined;
  /** Ids of control messages that are known. */
  readonly knows?: readonly string[] | undefined;
  /** How long to wait for what is not known; not at all by default. */
  readonly wait?: Millis | undefined;
}

export interface TaskHeard {
  readonly hasCheckpoint: boolean;
  readonly checkpoint: unknown;
  readonly controls: readonly { readonly id: string; readonly name: string; readonly hasData: boolean; readonly data: unknown }[];
  /** The attempt is to end soon: the task goes on elsewhere, or is not to run as it does; `null`: it goes on. */
  readonly ends: 'handover' | 'canceled' | null;
}

/** Each may be repeated when its answer was lost. */
export interface Attempts {
  /** Waits for jobs; none when there was none within `wait`. */
  claim(asked: Claim, signal?: AbortSignal): Promise<readonly ClaimedAttempt[]>;
  /** Moves the deadline of the attempt on. Throws `attempt_lost` when it is not held any more, `forbidden` for a proof that is not its own. */
  report(id: string, proof: AttemptProof, what?: ReportFields, signal?: AbortSignal): Promise<AttemptReported>;
  /** Of an attempt of a task: keeps its checkpoint, and hears what the task was told. Throws `conflict` when it is not held any more. */
  task(id: string, proof: AttemptProof, what?: TaskFields, signal?: AbortSignal): Promise<TaskHeard>;
  /** Throws as `report`. */
  settle(id: string, proof: AttemptProof, result: SettleFields): Promise<AttemptSettled>;
}

/** What runs in this program hangs on it, so it is looked at. Throws `unreachable` for what no Hatstand answers. */
function attemptsIn(answer: unknown): readonly ClaimedAttempt[] {
  const attempts = typeof answer === 'object' && answer !== null && 'attempts' in answer ? answer.attempts : null;
  if (Array.isArray(attempts) && attempts.every(isAttempt)) return attempts;
  throw new HatstandError('unreachable', 'The answer to a claim is none: it has no list of attempts, each with its job and its proof.');
}

const isAttempt = (value: unknown): value is ClaimedAttempt =>
  typeof value === 'object' && value !== null && 'job' in value && isObject(value.job) && 'proof' in value && isObject(value.proof);
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

export function makeAttempts(connection: Connection): Attempts {
  const duration = (millis: Millis | undefined): string | undefined => (millis === undefined ? undefined : formatDuration(millis));
  const post = <T>(path: string, body: object, more: { readonly patience?: Millis; readonly signal?: AbortSignal | undefined } = {}) =>
    connection.json<T>({ method: 'POST', path, body: JSON.stringify(body), ...more });
  const one = (id: string, verb: string): string => `/v1/jobs/${segment(id)}/${verb}`;
  return {
    async claim({ wait = 30_000, attemptTtl, ...asked }, signal) {
      const body = { ...asked, wait: duration(wait), attemptTtl: duration(attemptTtl) };
      const more = { patience: wait, signal };
      return attemptsIn(await post<unknown>('/v1/jobs/claim', body, more));
    },
    report(id, proof, { attemptTtl, push = [], ...what } = {}, signal) {
      const head = JSON.stringify({ proof, ...what, attemptTtl: duration(attemptTtl) });
      const jobs = push.map((job) => (typeof job === 'string' ? job : JSON.stringify(job)));
      const body = jobs.length === 0 ? head : `${head.slice(0, -1)},"push":[${jobs.join(',')}]}`;
      return connection.json({ method: 'POST', path: one(id, 'report'), body, signal });
    },
    task(id, proof, { checkpointText, wait = 0, ...asked } = {}, signal) {
      const head = JSON.stringify({ proof, ...asked, wait: duration(wait) });
      const body = checkpointText === undefined ? head : `${head.slice(0, -1)},"checkpoint":${checkpointText}}`;
      return connection.json({ method: 'POST', path: one(id, 'task'), body, patience: wait, signal });
    },
    settle: (id, proof, result) => post(one(id, 'settle'), { proof, ...result }),
  };
}
