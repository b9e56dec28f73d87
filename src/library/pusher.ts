/** Pushes of this process: to workers that it knows, by what they say of themselves, and to all others as usual. */
import { alsoAbout, ofParent } from '../core/about.ts';
import { HatstandError } from '../core/errors.ts';
import type { JobOptions, Job as JobRecord, NewJob } from '../core/job.ts';
import { messageIn } from '../core/message.ts';
import { taken } from '../core/run-limits.ts';
import { PushCutShort as CutShort, type Jobs, type PushedJob, refusalOf } from '../engine/api/jobs.ts';
import type { ShowJob } from '../engine/api/push.ts';
import type { Reporter } from '../ports/executor.ts';
import { Defined } from './defined.ts';
import type { WorkerDefinition } from './definition.ts';
import { earlierJobView, type Job, newJobView } from './job.ts';
import { keptJob, newJobOf, type Target, usualJob, usualRun } from './new-job.ts';
import { aName, type Checked, checked, readAs, refused, shown } from './option.ts';
import { keyKind, type PushManyOptions, type PushOptions, pushManyOptions, pushOptions } from './options.ts';
import { PayloadSources } from './payloads.ts';
import { allKept, type Kept, PushCutShort, withSkipped } from './push-cut-short.ts';

/** Whom a caller names: a definition, or a worker by its name. */
export type Named = string | WorkerDefinition;

type Given = Checked<typeof pushOptions>;

/** The attempt that pushes. */
interface Parent {
  readonly job: Pick<JobRecord, 'id' | 'domain' | 'about'>;
  readonly reporter: Pick<Reporter, 'push'>;
}

export interface PusherParts {
  /** The engine's. */
  readonly jobs: Pick<Jobs, 'pushAs' | 'get'>;
  stopped(): HatstandError;
  isStopped(): boolean;
  /** Makes the job of a push. Default: as it is kept. */
  readonly newJobOf?: typeof newJobOf;
}

export class Pusher {
  readonly #parts: PusherParts;
  readonly #newJobOf: typeof newJobOf;
  readonly #known = new Map<string, Target>();
  /** The last worker that is registered elsewhere, if at all. */
  #lastElsewhere: Target | null = null;
  readonly #sources = new PayloadSources();

  constructor(parts: PusherParts) {
    this.#parts = parts;
    this.#newJobOf = parts.newJobOf ?? newJobOf;
  }

  /** From now on pushes by this name are for this worker. */
  know(name: string, target: Target): void {
    this.#known.set(name, target);
  }

  /** `undefined`: it is not known here. */
  known(name: string): Target | undefined {
    return this.#known.get(name);
  }

  /** How jobs of this worker run whose push does not say it; `undefined`: it is not known here. */
  usualOf(name: string): JobOptions | undefined {
    return this.#known.get(name)?.usual.options;
  }

  push<Payload, Value>(worker: Named, payload: unknown, options: PushOptions | undefined): Promise<Job<Payload, Value>> {
    return this.#pushOne<Payload, Value>(worker, payload, options, '', (job) => this.#keepOne(job));
  }

  /** One job is one step, which is not cut short. */
  #keepOne(job: NewJob): Promise<readonly PushedJob<Job<never, never>>[]> {
    if (this.#parts.isStopped()) throw this.#parts.stopped();
    return this.#parts.jobs.pushAs([job], views);
  }

  /** A job that an attempt pushes: it is kept as long as the attempt is held, says whose it is, is of the same domain, and as deep. */
  pushFrom<Payload, Value>(
    { job: parent, reporter }: Parent,
    worker: Named,
    payload: unknown,
    options: PushOptions | undefined,
  ): Promise<Job<Payload, Value>> {
    return this.#pushOne(worker, payload, options, parent.domain, async (asked) => {
      const job = alsoAbout(asked, ofParent(parent));
      const [pushed] = await reporter.push([job]);
      if (pushed === undefined) throw new Error('the store did not answer for the pushed job');
      if (!('id' in pushed)) return [{ kind: 'refused', error: refusalOf(job, pushed) }];
      if (pushed.kind === 'conflict') return [{ kind: 'conflict', id: pushed.id }];
      const { kind, id } = pushed;
      if (kind === 'pushed') return [{ kind, job: newJobView(job, id, pushed.createdAt, pushed.left) }];
      const record = await this.#parts.jobs.get(id);
      if (record !== null) return [{ kind, job: earlierJobView(record, kind) }];
      if (kind === 'replayed') return [{ kind: 'conflict', id }];
      throw new HatstandError('conflict', `The unique job ${id} was there, and is deleted meanwhile. Push again.`, { job: id });
    });
  }

  /**
   * Each promise more than these would be felt by who pushes tens of thousands a second.
   *
   * @param domain of the job, where its options do not say it
   * @param keep answers for the one job
   */
  async #pushOne<Payload, Value>(
    worker: Named,
    payload: unknown,
    options: PushOptions | undefined,
    domain: string,
    keep: (job: NewJob) => Promise<readonly PushedJob<Job<Payload, Value>>[]>,
  ): Promise<Job<Payload, Value>> {
    const said = checked(options, pushOptions, 'push');
    const given = domain === '' || said.domain !== undefined ? said : { ...said, domain };
    const target = this.targetOf('push', worker);
    const asked = this.#newJobOf(target, payload, given, ['payload', 'push']);
    const job = isPlain(target) ? asked : await this.#prepared(target, asked, given, ['payload', 'push']);
    if (job === null) return skippedJob(asked);
    const [pushed] = await keep(job);
    if (pushed === undefined) throw new Error('the store did not answer for the pushed job');
    return keptJob(pushed);
  }

  /** The job that a push asks for, and the one that it would keep: `null` where the hook of its worker skips it. */
  async jobFor(
    worker: Named,
    payload: unknown,
    given: Given,
    names: readonly [field: string, whose: string],
  ): Promise<{ readonly asked: NewJob; readonly job: NewJob | null }> {
    const target = this.targetOf(names[1], worker);
    const asked = this.#newJobOf(target, payload, given, names);
    return { asked, job: isPlain(target) ? asked : await this.#prepared(target, asked, given, names) };
  }

  /** The same of a job that is kept for later: its worker's hook is asked when it runs. */
  async callbackFor(worker: Named, payload: unknown, given: Given, names: readonly [field: string, whose: string]): Promise<NewJob> {
    const target = this.targetOf(names[1], worker);
    return this.admitted(this.#newJobOf(target, payload, given, names), true, 'all', target);
  }

  async pushMany<Payload, Value>(
    worker: Named,
    payloads: Iterable<unknown> | AsyncIterable<unknown>,
    options: PushManyOptions | undefined,
  ): Promise<readonly Job<Payload, Value>[]> {
    const { idempotencyKey: keyOf, ...all } = checked(options, pushManyOptions, 'pushMany');
    const target = this.targetOf('pushMany', worker);
    const givenOf = (payload: unknown, at: number): Given =>
      keyOf === undefined ? all : { ...all, idempotencyKey: readAs(keyKind, keyOf(payload, at), 'idempotencyKey', 'pushMany') };
    const askedAt = (payload: unknown, at: number, given: Given): NewJob =>
      this.#newJobOf(target, payload, given, [`payloads[${at}]`, 'pushMany']);
    if (isPlain(target)) {
      const jobAt = (payload: unknown, at: number): NewJob => askedAt(payload, at, givenOf(payload, at));
      return allKept(await this.#push<Payload, Value>(this.#sources.jobsOf(payloads, jobAt)));
    }
    const skipped = new Map<number, Job<Payload, Value>>();
    const jobAt = async (payload: unknown, at: number): Promise<NewJob | null> => {
      const given = givenOf(payload, at);
      const asked = askedAt(payload, at, given);
      const job = await this.#prepared(target, asked, given, [`payloads[${at}]`, 'pushMany']);
      if (job === null) skipped.set(at, skippedJob(asked));
      return job;
    };
    return allKept(await this.#push<Payload, Value>(this.#sources.checkedJobsOf(payloads, jobAt), skipped));
  }

  /**
   * A job that came from elsewhere, such as HTTP. Throws as a push, `unknown_worker` for who may not push to its worker.
   *
   * @param target the worker, when it was named by its definition
   */
  async admitted(job: NewJob, isAdmin: boolean, what: 'all' | 'worker' = 'all', target = this.known(job.worker)): Promise<NewJob> {
    if (!(target instanceof Defined)) return job;
    const admitted = taken(job, target, isAdmin);
    if (what === 'all') await target.checkMessage(job.payload, 'payload');
    return admitted;
  }

  /** Nobody waits for the payloads of pushes any more. */
  end(why: HatstandError): void {
    this.#sources.end(why);
  }

  async #push<Payload, Value>(
    asked: Parameters<Jobs['pushAs']>[0],
    skipped: ReadonlyMap<number, Job<Payload, Value>> | null = null,
  ): Promise<readonly Kept<Job<Payload, Value>>[]> {
    if (this.#parts.isStopped()) throw this.#parts.stopped();
    try {
      const pushed = await this.#parts.jobs.pushAs<Job<Payload, Value>>(asked, views);
      return skipped === null ? pushed : withSkipped(pushed, skipped);
    } catch (error) {
      if (!(error instanceof CutShort)) throw error;
      const message = error.code === 'shutting_down' ? `${this.#parts.stopped().message} ${error.advice}` : error.message;
      throw new PushCutShort(error, withSkipped(error.kept as readonly PushedJob<Job>[], skipped ?? new Map<number, Job>()), message);
    }
  }

  /** Throws `invalid_request`. */
  targetOf(whose: string, worker: Named): Target {
    if (typeof worker !== 'string') {
      if (worker instanceof Defined) return this.#asServed(worker);
      throw refused(`${whose} takes the name of a worker, or what defineWorker gives, not ${shown(worker)}.`, 'worker');
    }
    return this.#known.get(worker) ?? this.#elsewhere(whose, worker);
  }

  /** As it is configured here, if it is served here. */
  #asServed(worker: Defined): Defined {
    const known = this.#known.get(worker.name);
    return known instanceof Defined && known.origin === worker ? known : worker;
  }

  /** The job to keep, once its message is checked and its worker's hook asked; `null`: the hook skips it. */
  async #prepared(target: Target, asked: NewJob, given: Given, names: readonly [field: string, whose: string]): Promise<NewJob | null> {
    if (!(target instanceof Defined)) return asked;
    const [field] = names;
    await target.checkMessage(asked.payload, field);
    if (!target.hasBeforeHook) return asked;
    const { worker, queue, domain, name, comment, manual, priority } = asked;
    const message = messageIn(asked.payload === null ? undefined : JSON.parse(asked.payload));
    const change = await target.askBefore({ worker, message, queue, domain, name, comment, manual, priority, id: null });
    if (change === 'skip') return null;
    if (change === null) return alsoAbout(asked, { hooked: true });
    const { idempotencyKey: _, ...rest } = given;
    const changed = this.#newJobOf(target, 'message' in change ? change.message : message, { ...rest, ...change.fields }, names);
    await target.checkMessage(changed.payload, field);
    // Whoever pushes it again asks for the job that was asked for, whatever the hook makes of it then.
    return alsoAbout({ ...changed, idempotency: asked.idempotency }, { hooked: true });
  }

  #elsewhere(whose: string, worker: string): Target {
    if (this.#lastElsewhere?.usual.worker === worker) return this.#lastElsewhere;
    const name = readAs(aName, worker, 'worker', whose);
    if (name === 'http')
      throw refused('An HTTP job needs a url, so it is pushed over HTTP: by hatstand/client, or POST /v1/jobs.', 'worker');
    this.#lastElsewhere = { usual: usualJob(name, usualRun), limits: null };
    return this.#lastElsewhere;
  }
}

/** Whoever pushes says what is in a job. */
const views: ShowJob<Job<never, never>> = { pushed: newJobView, replayed: earlierJobView };

const isPlain = (target: Target): boolean => !(target instanceof Defined) || target.takesAnything;

/** It was not kept, so it has no id. */
function skippedJob<Payload, Value>(asked: NewJob): Job<Payload, Value> {
  const now = Date.now();
  return { ...newJobView<Payload, Value>(asked, '', now), state: 'canceled', reason: 'skipped', endedAt: now };
}
