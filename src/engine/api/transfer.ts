/** Export and import: all jobs and queue settings out of one store, and into another. */
import { type Definition, type DefinitionKind, definitionKinds } from '../../core/definition.ts';
import { isCapabilityKey } from '../../core/elsewhere.ts';
import { HatstandError } from '../../core/errors.ts';
import { compareIds, type JobId } from '../../core/id.ts';
import type { LimitSettings } from '../../core/limit.ts';
import { jobLimits } from '../../core/new-job.ts';
import { openQueue, type QueueRecord, type QueueSettings } from '../../core/queue.ts';
import { arrived, checkCopy, checkDefinitionCopy, type DefinitionCopy, type JobCopy, type TransferItem } from '../../core/transfer.ts';
import type { UnreadableId } from '../../core/unreadable.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DefinitionPlace } from '../../ports/store/definitions.ts';
import type { AttemptPage, JobQuery, Restored } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';
import type { UnreadablePage, UnreadableRecord } from '../../ports/store/upkeep.ts';
import type { ClockCheck } from '../clock-check.ts';
import { shownOrNull } from '../readable.ts';
import type { Limits } from './limits.ts';
import type { Queues } from './queues.ts';
import { slicesOf } from './slices.ts';

export type Imported = { readonly kind: Restored | 'configured' } | { readonly kind: 'refused'; readonly error: HatstandError };

/** What an import takes, and what only an export has. */
export type ExportItem = TransferItem | { readonly kind: 'unreadable'; readonly record: UnreadableRecord };

export interface Transfer {
  /**
   * The settings of queues and the limits, by name, then all definitions, then all jobs, oldest first, each as it is when it is read. No more of
   * them is in memory than one large job. Last come records that nobody can read, as they are.
   */
  export(): AsyncGenerator<ExportItem, void>;
  /**
   * Takes in what `export` gave, and answers for each item, in order. Repeating it is harmless: a job that is here is left
   * as it is, and so are the settings of a queue that was configured here. Throws `shutting_down`, or the store's error; what
   * was taken in before that stays.
   */
  import(items: readonly TransferItem[]): Promise<readonly Imported[]>;
}

export interface TransferParts {
  readonly store: Store;
  readonly clock: Clock;
  /** By which records are made. */
  readonly clockCheck: Pick<ClockCheck, 'now'>;
  readonly queues: Queues;
  readonly limits: Limits;
  /** Bytes of an output that the history keeps. */
  readonly keep: number;
  wake(): void;
  isStopping(): boolean;
}

/** Jobs that are listed at once, without their payloads. */
const perPage = 500;
/** Jobs that are read at once with all they have: as many as had no more characters than this, the last time. */
const readAtOnce = { jobs: 16, characters: 1024 * 1024 };
/** One step of the store. */
const perStep = { items: 100, characters: 4 * 1024 * 1024 };

export function makeTransfer(parts: TransferParts): Transfer {
  const { store, clockCheck, queues, limits } = parts;

  async function* exportAll(): AsyncGenerator<ExportItem, void> {
    for (const queue of (await store.queues.list()).toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      if (isConfigured(queue)) yield { kind: 'queue', name: queue.name, settings: settingsOf(queue) };
    for (const { name, concurrency, rate, pausedUntil } of await limits.list())
      yield { kind: 'limit', name, settings: { concurrency, rate, pausedUntil } };
    for (const kind of definitionKinds) yield* definitionsOf(kind);
    let from: JobId | null = null;
    let atOnce = 1;
    do {
      const page = await store.jobs.list({ ...allJobs, from });
      for (let at = 0; at < page.jobs.length; ) {
        const copies = await Promise.all(page.jobs.slice(at, at + atOnce).map(({ id }) => copyOf(id)));
        at += atOnce;
        atOnce = nextAtOnce(copies);
        for (const copy of copies) if (copy !== null) yield { kind: 'job', copy };
      }
      from = page.next;
    } while (from !== null);
    yield* unreadable();
  }

  async function* unreadable(): AsyncGenerator<ExportItem, void> {
    let from: UnreadableId | null = null;
    do {
      const page: UnreadablePage = await store.upkeep.unreadable(from, perPage);
      for (const record of page.records) yield { kind: 'unreadable', record };
      from = page.next;
    } while (from !== null);
  }

  async function* definitionsOf(kind: DefinitionKind): AsyncGenerator<TransferItem, void> {
    let from: DefinitionPlace | null = null;
    do {
      const page = await store.definitions.list({ by: 'place', kind, domain: null, group: null, from, limit: perPage });
      for (const definition of page.definitions) {
        if (isCapabilityKey(definition)) continue;
        const parts = definition.window === null ? [] : await store.definitions.parts(definition);
        yield { kind: 'definition', copy: { definition: withCount(definition, parts.length), parts } };
      }
      from = page.next;
    } while (from !== null);
  }

  /** `null`: it was removed since it was listed. */
  async function copyOf(id: JobId): Promise<JobCopy | null> {
    const [found, page] = await Promise.all([store.jobs.get(id), earlierThan(id, null)]);
    const job = await shownOrNull(parts, found);
    if (job === null) return null;
    const attempts = [...page.attempts];
    for (let { more } = page; more; ) {
      const next = await earlierThan(id, attempts.at(-1)?.fence ?? null);
      attempts.push(...next.attempts);
      more = next.more;
    }
    // The history may have been read after the record: attempts that the record itself shows, or does not know, are left out.
    const earlier = attempts.filter(({ fence }) => compareIds(fence, job.fence) < (job.startedAt === null ? 1 : 0));
    return { job, attempts: earlier.toReversed() };
  }

  const earlierThan = (id: JobId, before: string | null): Promise<AttemptPage> =>
    store.jobs.attempts(id, { before, limit: jobLimits.history, output: parts.keep });

  function check(item: TransferItem): HatstandError | null {
    try {
      if (item.kind === 'job') checkCopy(item.copy, clockCheck.now());
      if (item.kind === 'definition') checkImported(item.copy, clockCheck.now());
      return null;
    } catch (error) {
      if (error instanceof HatstandError) return error;
      throw error;
    }
  }

  async function configure(
    { name, settings }: Extract<TransferItem, { readonly kind: 'queue' }>,
    known: readonly QueueRecord[],
  ): Promise<Imported> {
    try {
      const here = known.find((queue) => queue.name === name);
      if (here !== undefined && isConfigured(here)) return { kind: isSame(settingsOf(here), settings) ? 'configured' : 'exists' };
      await queues.configure(name, settings);
      return { kind: 'configured' };
    } catch (error) {
      if (error instanceof HatstandError && error.code === 'invalid_request') return { kind: 'refused', error };
      throw error;
    }
  }

  async function limitAs({ name, settings }: Extract<TransferItem, { readonly kind: 'limit' }>): Promise<Imported> {
    try {
      const { isNew, limit } = await limits.add(name, settings);
      return { kind: isNew || isSameLimit(limit, settings) ? 'configured' : 'exists' };
    } catch (error) {
      if (error instanceof HatstandError && (error.code === 'invalid_request' || error.code === 'too_large'))
        return { kind: 'refused', error };
      throw error;
    }
  }

  async function importAll(items: readonly TransferItem[]): Promise<readonly Imported[]> {
    if (parts.isStopping()) throw new HatstandError('shutting_down', 'The server is shutting down and takes nothing in. Repeat it later.');
    const known = items.some(({ kind }) => kind === 'queue') ? await store.queues.list() : [];
    const taken = new Map<TransferItem, Imported>();
    const jobs: Extract<TransferItem, { readonly kind: 'job' }>[] = [];
    const definitions: Extract<TransferItem, { readonly kind: 'definition' }>[] = [];
    const added: Extract<TransferItem, { readonly kind: 'limit' }>[] = [];
    for (const item of items) {
      const error = check(item);
      if (error !== null) taken.set(item, { kind: 'refused', error });
      else if (item.kind === 'queue') taken.set(item, await configure(item, known));
      else if (item.kind === 'limit') added.push(item);
      else if (item.kind === 'definition') definitions.push(item);
      else jobs.push(item);
    }
    // Together, so that stores that take many calls in one step do so.
    await Promise.all(added.map(async (item) => taken.set(item, await limitAs(item))));
    for (const step of slicesOf(definitions, perStep, ({ copy }) => sizeOfDefinition(copy))) {
      const restored = await store.definitions.restore(step.map(({ copy }) => copy));
      for (const [at, item] of step.entries()) taken.set(item, { kind: restored[at] ?? 'exists' });
    }
    for (const step of slicesOf(jobs, perStep, ({ copy }) => sizeOf(copy))) {
      const restored = await store.jobs.restore(step.map(({ copy }) => arrived(copy, clockCheck.now(), parts.keep)));
      for (const [at, item] of step.entries()) taken.set(item, { kind: restored[at] ?? 'exists' });
    }
    if (jobs.length > 0) parts.wake();
    return items.flatMap((item) => taken.get(item) ?? []);
  }

  return { export: exportAll, import: importAll };
}

/** Throws `invalid_request`. */
function checkImported(copy: DefinitionCopy, now: number): void {
  checkDefinitionCopy(copy, now);
  if (!isCapabilityKey(copy.definition)) return;
  throw new HatstandError('invalid_request', 'The key by which a cluster proves attempts is its own, and is not imported. Leave it out.', {
    field: 'definition.key',
  });
}

const settingsOf = ({ paused, closed, concurrency, rate }: QueueSettings): QueueSettings => ({ paused, closed, concurrency, rate });
const isSame = (a: QueueSettings, b: QueueSettings): boolean => JSON.stringify(a) === JSON.stringify(b);
const isSameLimit = (a: LimitSettings, b: LimitSettings): boolean =>
  a.concurrency === b.concurrency && a.pausedUntil === b.pausedUntil && a.rate?.max === b.rate?.max && a.rate?.per === b.rate?.per;
const isConfigured = (queue: QueueSettings): boolean => !isSame(settingsOf(queue), openQueue);

const allJobs: Omit<JobQuery, 'from'> = { filter: [], match: null, order: 'oldest', limit: perPage, brief: true, lookAt: null };

/** Few while they are large, and more when they are small again. */
function nextAtOnce(copies: readonly (JobCopy | null)[]): number {
  const characters = copies.reduce((sum, copy) => sum + (copy === null ? 0 : sizeOf(copy)), 0);
  const fitting = Math.floor((copies.length * readAtOnce.characters) / Math.max(1, characters));
  return Math.max(1, Math.min(readAtOnce.jobs, 2 * copies.length, fitting));
}

const sizeOf = ({ job, attempts }: JobCopy): number =>
  attempts.reduce(
    (sum, { result }) => sum + result.output.length + result.error.length,
    (job.payload?.length ?? 0) + job.result.output.length,
  );

const sizeOfDefinition = ({ definition: { body, state }, parts }: DefinitionCopy): number =>
  parts.reduce((sum, part) => sum + part.length, (body?.length ?? 0) + state.length);

/** Parts may have come or gone since the definition was listed. */
const withCount = (definition: Definition, count: number): Definition =>
  definition.window === null ? definition : { ...definition, window: { ...definition.window, count } };
