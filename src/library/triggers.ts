/** Triggers as the library asks for them. */
import { jsonText } from '../core/json-value.ts';
import { checkPayload, jobLimits, newJob } from '../core/new-job.ts';
import type { TriggerChange } from '../core/new-trigger.ts';
import { mostPreviewed, type Preview } from '../core/schedule/preview.ts';
import { mostSkips } from '../core/schedule/timetable.ts';
import { keyOf, type TriggerJob } from '../core/trigger.ts';
import { checkTarget, checkTriggerType, triggerJobOf } from '../core/trigger-target.ts';
import type { Backfilled } from '../engine/api/backfill.ts';
import type { DecidedJob, DecisionPage, TriggerDecision } from '../engine/api/trigger-history.ts';
import type { Admit, TriggerRecord } from '../engine/api/trigger-record.ts';
import type { Engine } from '../engine/engine.ts';
import { derivedKey, keyedJob } from '../faces/http/keyed-job.ts';
import type { WorkerDefinition } from './definition.ts';
import { type Job, jobView } from './job.ts';
import { newJobOf, type Target } from './new-job.ts';
import { checked, readAs, refused, whole } from './option.ts';
import type { Named, Pusher } from './pusher.ts';
import { type Trigger, triggerView } from './trigger.ts';
import {
  aTrigger,
  type BackfillOptions,
  backfillOptions,
  type GivenFields,
  type NewTriggerOptions,
  newTriggerOptions,
  type PauseOptions,
  type PreviewOptions,
  pauseOptions,
  previewOptions,
  type TriggerChangeOptions,
  type TriggerHistoryOptions,
  type TriggerListOptions,
  type TriggerRef,
  type TriggerToAdd,
  triggerChangeOptions,
  triggerHistoryOptions,
  triggerListOptions,
} from './trigger-options.ts';
import { makeTriggerUpkeep, type TriggerUpkeep } from './trigger-upkeep.ts';
import type { Ask } from './unreadable.ts';

export type { Backfilled as BackfilledTrigger, DecidedJob, DecisionPage, Preview as TriggerPreview, TriggerDecision };

export interface TriggerPage {
  /** In the order of domains and ids. */
  readonly triggers: readonly Trigger[];
  /** The `from` of the next page; `null`: this is the last one. */
  readonly next: TriggerRef | null;
}

/** What pushes jobs by itself. All that is asked of one trigger answers `null` when there is none, and throws `unreadable` for one that nobody can read. */
export interface Triggers extends TriggerUpkeep {
  /**
   * Answers when it is kept. A message is checked as in a push; a worker that nobody serves yet is no fault. Throws as `push`,
   * `conflict` when its id is taken, `malformed_trigger` for arguments that are wrong, `unknown_trigger` for a type that is none.
   */
  add(worker: string, trigger: NewTriggerOptions): Promise<Trigger>;
  /** The same for a worker that is declared, which types the message. */
  add<Input>(worker: WorkerDefinition<Input, unknown, unknown>, trigger: TriggerToAdd<NoInfer<Input>>): Promise<Trigger>;
  /** As it stands. */
  get(trigger: TriggerRef): Promise<Trigger | null>;
  /** One page of them. */
  list(options?: TriggerListOptions): Promise<TriggerPage>;
  /** All pages, each when it is asked for. */
  pages(options?: TriggerListOptions): AsyncIterableIterator<TriggerPage>;
  /** Changes what is named. With other arguments, another time zone or another daylight its ticks count anew from now on. Throws as `add`. */
  change<Message>(trigger: TriggerRef, change: TriggerChangeOptions<Message>): Promise<Trigger | null>;
  /** It pushes nothing until it is resumed, or until a time. What it has pushed goes on. */
  pause(trigger: TriggerRef, options?: PauseOptions): Promise<Trigger | null>;
  /** It pushes again, also when it was found bad; ticks of the meantime do not run. */
  resume(trigger: TriggerRef): Promise<Trigger | null>;
  /** Its next `count` ticks push nothing (default 1, at most 1,000); 0: none is left out any more. */
  skip(trigger: TriggerRef, count?: number): Promise<Trigger | null>;
  /** Pushes a job of it now, as asked for by a person, also while it is paused. `payload` stands in the place of its message. Throws as `push`. */
  launch(trigger: TriggerRef, payload?: unknown): Promise<Job | null>;
  /** Its next runs, as it stands: `count` of them (default 5, at most 1,000), with notes on changes of the clocks. */
  next(trigger: TriggerRef, count?: number): Promise<Preview | null>;
  /** The next runs of a trigger that nobody has made. Throws `malformed_trigger`, `unknown_trigger`. */
  preview(options: PreviewOptions): Promise<Preview>;
  /**
   * Pushes a job for each of its ticks in a span of the past, at most 1,000; the same span again pushes none of them again, for a day and
   * until their jobs have ended.
   */
  backfill(trigger: TriggerRef, span: BackfillOptions): Promise<Backfilled | null>;
  /** Its jobs stay, what it has gathered goes. Answers whether there was one. */
  delete(trigger: TriggerRef): Promise<boolean>;
  /**
   * One page of what was decided about it, newest first: each firing and each time that it did not fire, with why. It goes back as far as
   * the journal: a day, and 64 MiB of events. Also of a trigger that is gone.
   */
  history(trigger: TriggerRef, options?: TriggerHistoryOptions): Promise<DecisionPage>;
}

export interface TriggersParts {
  readonly ask: Ask;
  readonly pusher: Pusher;
  /** Throws when the store is closed, or about to be. */
  checkOpen(): void;
}

export function makeTriggers({ ask, pusher, checkOpen }: TriggersParts): Triggers {
  /** Whoever calls the library is trusted; what jobs are given is checked. */
  const admitFor =
    (target?: Target): Admit =>
    (job, what) =>
      pusher.admitted(job, true, what, target);

  const view = async ({ serving, system }: Engine, record: TriggerRecord | null): Promise<Trigger | null> =>
    record === null ? null : triggerView(record, await serving.of([record.trigger.job]), system.now());

  const shown = (call: (engine: Engine) => Promise<TriggerRecord | null>): Promise<Trigger | null> =>
    ask(async (engine) => view(engine, await call(engine)));

  async function page(query: PageQuery): Promise<TriggerPage> {
    return ask(async ({ triggers, serving, system }) => {
      const { domain, from, limit } = query;
      const found = await triggers.list(domain, from === null ? null : keyOf(from), limit);
      const isServed = await serving.of(found.triggers.map(({ trigger }) => trigger.job));
      const { next } = found;
      return {
        triggers: found.triggers.map((record) => triggerView(record, isServed, system.now())),
        next: next === null ? null : { domain: next.domain, id: next.key },
      };
    });
  }

  async function add(worker: Named, asked: object): Promise<Trigger> {
    const whose = 'triggers.add';
    const { type, id, domain = '', message, ...given } = checked(asked, newTriggerOptions, whose);
    if (type === undefined) throw refused(`${whose} needs the type of the trigger, such as { type: '@every', arguments: '5m' }.`, 'type');
    const kind = checkTriggerType(type);
    const target = pusher.targetOf(whose, worker);
    checkTarget(kind, target.usual.worker, undefined);
    const { change, fields } = partsOf(given);
    const trigger = { ...change, type: kind, job: triggerJobOf(newJobOf(target, message, fields, ['message', whose])) };
    const added = await shown(({ triggers }) => triggers.add({ domain, id: id ?? triggers.newId() }, trigger, admitFor(target)));
    if (added === null) throw new Error('the store did not answer for the new trigger');
    return added;
  }

  async function changed(named: TriggerRef, asked: object): Promise<Trigger | null> {
    const ref = refOf(named, 'triggers.change');
    const { worker, message, ...given } = checked(asked, triggerChangeOptions, 'triggers.change');
    const target = worker === undefined ? undefined : pusher.targetOf('triggers.change', worker);
    const { change, fields } = partsOf(given);
    const isOfJob = target !== undefined || message !== undefined || Object.keys(fields).length > 0;
    const jobOf = (job: TriggerJob): TriggerJob => {
      const of = { target: target ?? pusher.known(job.worker), isOther: target !== undefined };
      return changedJob(job, { ...of, message, fields });
    };
    return shown(({ triggers }) =>
      triggers.change(ref, ({ job }) => ({ ...change, ...(isOfJob ? { job: jobOf(job) } : {}) }), admitFor(target)),
    );
  }

  return {
    ...makeTriggerUpkeep(ask),
    add,
    get: (trigger) => shown(({ triggers }) => triggers.get(refOf(trigger, 'triggers.get'))),
    list: async (options) => page(pageQuery(options, 'triggers.list')),
    pages(options) {
      const query = pageQuery(options, 'triggers.pages');
      checkOpen();
      return pagesOf(query, page);
    },
    change: changed,
    async pause(trigger, options) {
      const ref = refOf(trigger, 'triggers.pause');
      const { until = null } = checked(options, pauseOptions, 'triggers.pause');
      return shown(({ triggers }) => triggers.pause(ref, until));
    },
    async resume(trigger) {
      const ref = refOf(trigger, 'triggers.resume');
      return shown(({ triggers }) => triggers.resume(ref));
    },
    async skip(trigger, count = 1) {
      const ref = refOf(trigger, 'triggers.skip');
      const ticks = readAs(whole(0, mostSkips), count, 'count', 'triggers.skip');
      return shown(({ triggers }) => triggers.skip(ref, ticks));
    },
    async launch(trigger, payload) {
      const ref = refOf(trigger, 'triggers.launch');
      const text = jsonText(payload, 'payload of triggers.launch', 'payload') ?? null;
      const given = checkPayload(text, jobLimits.payloadBytes, 'payload of triggers.launch', 'payload');
      const job = await ask(({ triggers }) => triggers.launch(ref, given, null, admitFor()));
      return job === null ? null : jobView(job);
    },
    async next(trigger, count = 5) {
      const ref = refOf(trigger, 'triggers.next');
      const runs = readAs(whole(1, mostPreviewed), count, 'count', 'triggers.next');
      return ask(async ({ triggers }) => {
        const record = await triggers.get(ref);
        return record === null ? null : triggers.next(record, runs);
      });
    },
    async preview(options) {
      const { type, from = null, count = 5, ...asked } = checked(options, previewOptions, 'triggers.preview');
      if (type === undefined) throw refused('triggers.preview needs the type of the trigger, such as "@cron".', 'type');
      checkTriggerType(type);
      return ask(async ({ triggers }) => triggers.preview({ ...asked, type, from, count }));
    },
    async backfill(trigger, span) {
      const ref = refOf(trigger, 'triggers.backfill');
      const { from, to = Number.POSITIVE_INFINITY } = checked(span, backfillOptions, 'triggers.backfill');
      if (from === undefined) throw refused('triggers.backfill needs the first moment of the span: { from: … }.', 'from');
      const keyed = (...[job, name]: Parameters<typeof keyedJob>) => keyedJob(job, derivedKey('backfill', name));
      return ask(async ({ triggers }) => {
        const record = await triggers.get(ref);
        return record === null ? null : triggers.backfill(record, { from, to, keyed }, admitFor());
      });
    },
    async delete(trigger) {
      const ref = refOf(trigger, 'triggers.delete');
      return ask(({ triggers }) => triggers.remove(ref));
    },
    async history(trigger, options) {
      const key = keyOf(refOf(trigger, 'triggers.history'));
      const { limit = 50, before = null } = checked(options, triggerHistoryOptions, 'triggers.history');
      return ask(({ triggers }) => triggers.history(key, before, limit));
    },
  };
}

const refOf = (trigger: unknown, whose: string): { readonly id: string; readonly domain: string } =>
  readAs(aTrigger, trigger, 'trigger', whose);

interface PageQuery {
  readonly domain: string | null;
  readonly from: { readonly id: string; readonly domain: string } | null;
  readonly limit: number;
}

function pageQuery(options: TriggerListOptions | undefined, whose: string): PageQuery {
  const { domain = null, from = null, limit = 50 } = checked(options, triggerListOptions, whose);
  return { domain, from, limit };
}

async function* pagesOf(query: PageQuery, page: (query: PageQuery) => Promise<TriggerPage>): AsyncGenerator<TriggerPage, void> {
  for (let { from } = query; ; ) {
    const found = await page({ ...query, from });
    yield found;
    if (found.next === null) return;
    from = refOf(found.next, 'triggers.pages');
  }
}

/** What was given, apart: what the trigger has, and what its jobs have. */
function partsOf(given: GivenFields) {
  const { arguments: text, timeZone, daylight, missed, overlap, debounce, jitter, endsAt, secret, forwardLogs, ...fields } = given;
  const change: TriggerChange = { arguments: text, timeZone, daylight, missed, overlap, debounce, jitter, endsAt, secret, forwardLogs };
  return { change, fields };
}

interface JobChange {
  readonly target: Target | undefined;
  /** The target is another one than before. */
  readonly isOther: boolean;
  readonly message: unknown;
  readonly fields: ReturnType<typeof partsOf>['fields'];
}

/** What is not named stays as it is, also when its jobs are for another worker. */
function changedJob(job: TriggerJob, { target, isOther, message, fields }: JobChange): TriggerJob {
  const worker = isOther && target !== undefined ? { worker: target.usual.worker, url: '', headers: null } : {};
  const usual = newJob({ ...job, ...worker });
  const { queue = job.queue, name = job.name, comment = job.comment, limit = job.limit, priority = job.priority } = fields;
  const given = { ...fields, queue, name, comment, limit, priority };
  const changed = triggerJobOf(newJobOf({ usual, limits: target?.limits ?? null }, message, given, ['message', 'triggers.change']));
  return message === undefined ? { ...changed, payload: job.payload } : changed;
}
