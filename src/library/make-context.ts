/** What a worker is told, made up: so that its function can be tested alone. */
import { aboutText } from '../core/about.ts';
import { ownerOf } from '../core/definition.ts';
import type { Job as JobRecord } from '../core/job.ts';
import { jsonText } from '../core/json-value.ts';
import { newJob } from '../core/new-job.ts';
import { createJob } from '../core/transitions.ts';
import { Attempt } from '../executors/attempt.ts';
import { Context, type ContextParts } from '../executors/context.ts';
import type { Reporter } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import { silent } from '../system/silent.ts';
import { Defined } from './defined.ts';
import type { WorkerDefinition } from './definition.ts';
import { type Job, jobView } from './job.ts';
import { refused, shown } from './option.ts';
import type { PushOptions } from './options.ts';
import type { WorkerContext } from './worker.ts';

/** The job that an attempt is made up for. What is left out is as of a first attempt that was pushed without options. */
export interface MadeUpJob<Message = unknown, Cookie = undefined> {
  /** As `run` sees it: no schema looks at it. */
  readonly message?: Message | undefined;
  readonly id?: string | undefined;
  readonly attempt?: number | undefined;
  readonly domain?: string | undefined;
  readonly manual?: boolean | undefined;
  readonly fence?: string | undefined;
  readonly triggerId?: string | undefined;
  readonly event?: unknown;
  readonly payload?: unknown;
  readonly cookie?: Cookie | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  /** Hears what the worker tells of how far it is. */
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /** Hears of `emit`. */
  readonly onEmit?: ((name: string, data: unknown) => void) | undefined;
  /** Keeps what the worker pushes; answers the job. */
  readonly onPush?: ((worker: string | WorkerDefinition, message: unknown, options: PushOptions | undefined) => unknown) | undefined;
}

/**
 * The context of an attempt that no Hatstand runs, for tests of a worker's functions alone.
 *
 * ```ts
 * const context = makeContext(greet, { message: { name: 'Ada' }, attempt: 2 });
 * expect(await run(context)).toBe('Hello Ada');
 * ```
 */
export function makeContext<Input, Message, Value, Cookie = undefined>(
  worker: WorkerDefinition<Input, Message, Value>,
  job: MadeUpJob<NoInfer<Message>, Cookie> = {},
): WorkerContext<Message, Cookie> {
  const { claimed, reporter, parts } = madeUp(worker, job, 'makeContext');
  const context = new Context(new Attempt(claimed, null, reporter), parts).withMessage(job.message).withCookie(job.cookie);
  const made = job.signal === undefined ? context : context.withSignal(job.signal);
  // Message and cookie are what the caller has said.
  return made as WorkerContext as WorkerContext<Message, Cookie>;
}

interface MadeUp {
  readonly defined: Defined;
  readonly claimed: JobRecord;
  readonly reporter: Reporter;
  readonly parts: ContextParts<Job<unknown>>;
}

/** The attempt as its executor knows it. */
export function madeUp(worker: WorkerDefinition, job: MadeUpJob<unknown, unknown>, whose: string): MadeUp {
  if (!(worker instanceof Defined)) throw refused(`${whose} takes what defineWorker gives, not ${shown(worker)}.`, 'worker');
  const { id = '1', attempt = 1, fence = String(attempt), triggerId, event, payload, domain = '', manual = false } = job;
  const fromElsewhere = payload !== undefined;
  const told = { ...(event === undefined ? {} : { event }), ...(fromElsewhere ? { message: job.message ?? null } : {}) };
  const asked = newJob({
    ...worker.usual,
    start: null,
    domain,
    manual,
    payload: jsonText(fromElsewhere ? payload : job.message, 'the message') ?? null,
    owner: triggerId === undefined ? '' : ownerOf({ kind: 'trigger', domain, key: triggerId }),
    about: aboutText(told),
  });
  const now = Date.now();
  const claimed = { ...createJob(asked, id, now, now), state: 'running' as const, attempt, fence, startedAt: now };
  const reporter: Reporter = {
    progress: (value) => job.onProgress?.(JSON.parse(value)),
    line: () => undefined,
    emit: (name, data) => job.onEmit?.(name, data === null ? undefined : JSON.parse(data)),
    emitDurable: async (name, data) => reporter.emit(name, data),
    push: () => Promise.resolve([]),
  };
  const parts: MadeUp['parts'] = {
    log: job.logger ?? silent,
    viewOf: jobView,
    push: async (_, to, message, options) => {
      if (job.onPush === undefined) throw refused(`The worker pushes a job: ${whose} takes an onPush that answers it.`, 'onPush');
      return job.onPush(to as string | WorkerDefinition, message, options as PushOptions | undefined);
    },
  };
  return { defined: worker, claimed, reporter, parts };
}
