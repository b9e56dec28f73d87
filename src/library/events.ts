/**
 * What became of attempts that ran in this process, for those who listen. An event is told once the store has taken the
 * result, with the job as that left it; what other processes run is not told here.
 */
import { messageOf } from '../core/errors.ts';
import { hasEnded, type Job as JobRecord, type JobState } from '../core/job.ts';
import { applyMove } from '../core/transitions.ts';
import type { SettledAttempt } from '../engine/runner.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';
import { type Job, jobView } from './job.ts';
import { call, checked, type OptionsOf, oneOf, readAs, signal } from './option.ts';

export const jobEvents = ['succeeded', 'failed', 'retrying', 'canceled', 'lost'] as const;

/**
 * `retrying`: an attempt failed, and there will be another one. `canceled`: it was skipped, or stopped. `lost`: the result came
 * too late, because the job was taken from this node; it counts elsewhere.
 */
export type JobEvent = (typeof jobEvents)[number];

export type JobListener<Payload = unknown, Value = unknown> = (job: Job<Payload, Value>, event: JobEvent) => unknown;

export interface OnOptions {
  /** Ends the listening when it is aborted. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

export const onOptions = { signal: { kind: signal, default: 'none' } } as const satisfies OptionsOf<OnOptions>;

export interface Events {
  /** Only jobs of this worker; `null`: all. Answers how to end it. Throws `invalid_request`. */
  on(worker: string | null, event: JobEvent, listener: JobListener<never, never>, options: OnOptions | undefined): () => void;
  /** An attempt ended, and the store has answered. Never throws. */
  settled(ended: SettledAttempt): void;
  /** Resolves when all that has happened so far has been told. */
  told(): Promise<void>;
}

interface Listening {
  readonly worker: string | null;
  readonly event: JobEvent;
  readonly listener: JobListener<never, never>;
}

export function makeEvents(store: Pick<Store, 'jobs'>, log: Logger): Events {
  const all = new Set<Listening>();
  const underWay = new Set<Promise<void>>();

  async function tell(ended: SettledAttempt): Promise<void> {
    const record = await store.jobs.get(ended.job.id).catch(() => null);
    const [event, told] = endOf(ended, record);
    const job = jobView<never, never>(told);
    for (const each of all) if (each.event === event && isMeant(each, ended.job)) hear(each, job);
  }

  function hear({ listener, event }: Listening, job: Job<never, never>): void {
    const failed = (error: unknown): void => log.warn('listener.failed', { event, job: job.id, error: messageOf(error) });
    try {
      const answer = listener(job, event);
      if (answer instanceof Promise) answer.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  return {
    on(worker, event, listener, options) {
      const given = checked(options, onOptions, 'on');
      const listening = {
        worker,
        event: readAs(oneOf(jobEvents), event, 'event', 'on'),
        listener: readAs(call, listener, 'listener', 'on'),
      };
      const off = (): void => {
        all.delete(listening as Listening);
        given.signal?.removeEventListener('abort', off);
      };
      if (given.signal?.aborted === true) return off;
      all.add(listening as Listening);
      given.signal?.addEventListener('abort', off, { once: true });
      return off;
    },
    settled(ended) {
      if (all.size === 0 || ended.outcome.kind === 'returned') return;
      const telling = tell(ended).finally(() => underWay.delete(telling));
      underWay.add(telling);
    },
    async told() {
      await Promise.all(underWay);
    },
  };
}

const isMeant = ({ worker }: Listening, job: JobRecord): boolean => worker === null || worker === job.worker;

/**
 * What the attempt came to, and the job at its end. The store's record tells of a cancel that came in between; when it is gone
 * already, or the job has moved on, the job is what the attempt made of it.
 */
function endOf({ job, move, answer }: SettledAttempt, record: JobRecord | null): readonly [JobEvent, JobRecord] {
  const own = record !== null && record.fence === job.fence && record.run === job.run ? record : null;
  const isStillHeld = own?.state === 'running' || own?.state === 'stopping';
  if (answer === 'lost' || isStillHeld) return ['lost', record ?? job];
  const told = own ?? (move === undefined ? job : applyMove(job, move, Date.now()));
  return [eventOf(told.state), told];
}

function eventOf(state: JobState): JobEvent {
  if (hasEnded(state)) return state;
  return state === 'scheduled' || state === 'queued' ? 'retrying' : 'lost';
}
