/** The store under test: a fresh one for each test, and short words for what tests do with it. */
import { afterEach, beforeEach } from 'vitest';
import type { FailureCause } from '../../core/cause.ts';
import type { Millis } from '../../core/duration.ts';
import type { JobId } from '../../core/id.ts';
import {
  type Attempt,
  type AttemptRef,
  type Job,
  type JobResult,
  type JobState,
  jobStates,
  type NewJob,
  noResult,
} from '../../core/job.ts';
import { type NewNode, type NodeRecord, noLoad } from '../../core/node.ts';
import type { StateCounts } from '../../core/queue.ts';
import type { LogLine, NewLine } from '../../core/report.ts';
import { settleMoves } from '../../core/transitions.ts';
import type { Unique } from '../../core/unique.ts';
import type { Claim, ClaimRequest, JobQuery, KeptJob, LogPage, Pushed, Report, Reported, Settled, Want } from '../../ports/store/jobs.ts';
import type { JournalEntry } from '../../ports/store/journal.ts';
import type { Hint, Store } from '../../ports/store/store.ts';

export interface Opened {
  readonly store: Store;
  /** Lets the store's clock run ahead. What passes by itself meanwhile must be far less than ten seconds. */
  advance(by: Millis): Promise<void>;
  /** Lets the wall clock step, of a store that has one beside a monotonic clock. */
  step?(by: Millis): Promise<void>;
  close(): Promise<void>;
}

/** Opens a store with nothing in it. */
export type Open = () => Promise<Opened>;

/** Units in which tests measure: real time that passes beside an advanced clock is far less than one. */
export const second: Millis = 1_000;
export const minute: Millis = 60_000;
export const ttl: Millis = 60 * second;
export const gap: Millis = 15 * second;

export const all: JobQuery = { filter: [], match: null, order: 'oldest', from: null, limit: 100_000, brief: false, lookAt: null };

export const noJobs = Object.fromEntries(jobStates.map((state) => [state, 0])) as StateCounts;

/** A complete job for worker `w` in queue `q`. */
export function asked(otherwise: Partial<NewJob> = {}): NewJob {
  return {
    domain: '',
    queue: 'q',
    worker: 'w',
    name: '',
    comment: '',
    manual: false,
    priority: 0,
    payload: null,
    url: '',
    headers: null,
    options: { timeout: null, retry: { attempts: 1, backoff: minute, maxBackoff: 60 * minute }, onLost: 'retry', rules: 'v1' },
    start: null,
    owner: '',
    limit: '',
    about: null,
    idempotency: null,
    ...otherwise,
  };
}

export const retrying = (attempts: number): Pick<NewJob, 'options'> => {
  const { options } = asked();
  return { options: { ...options, retry: { ...options.retry, attempts } } };
};

/** The only one of its scope. */
export const unique = (until: Unique['until'], scope: Unique['scope'] = 'worker', attempts = 1): Pick<NewJob, 'options'> => ({
  options: { ...retrying(attempts).options, unique: { scope, until } },
});

/** A node that is called as its incarnation and serves no HTTP. */
export const node = (incarnation: string, otherwise: Partial<NewNode> = {}): NewNode => ({
  ...{ incarnation, name: incarnation, version: '1', address: '', serves: [], link: null, serverId: null },
  ...otherwise,
});

export const result = (output: string): JobResult => ({ ...noResult, statusCode: 200, output });
export const failure = (error: string, cause: FailureCause = 'answer'): JobResult => {
  return { ...noResult, statusCode: 500, error, cause, stack: `at ${error}` };
};

/** The n-th line of an attempt. */
export const line = (number: number, text = `line ${number}`, otherwise: Partial<NewLine> = {}): NewLine => ({
  ...{ number, ago: 0, level: 'info', text, fields: null },
  ...otherwise,
});

export const anyQueue = (slots: number, worker = 'w'): Want => ({ worker, queues: 'any', slots });
export const refOf = ({ id, fence }: AttemptRef): AttemptRef => ({ id, fence });

/** The element that a test relies on. */
export function only<T>(items: readonly T[]): T {
  const [item, ...others] = items;
  if (item === undefined || others.length > 0) throw new Error(`expected exactly one, got ${items.length}`);
  return item;
}

/** Jobs of which none was refused. */
export function kept(pushed: readonly Pushed[]): readonly KeptJob[] {
  return pushed.map((each) => {
    if (!('id' in each)) throw new Error(`a job was refused: ${each.kind}`);
    return each;
  });
}

/** Entries of the journal behind a number, as many as there are on a page. */
export const entriesOf = async (store: Store, after = 0, limit = 100_000): Promise<readonly JournalEntry[]> =>
  (await store.journal.entries(after, limit)).entries;

/** All earlier attempts of a job, newest first. */
export async function attemptsOf(store: Store, id: JobId): Promise<readonly Attempt[]> {
  const { attempts, more } = await store.jobs.attempts(id, { before: null, limit: 1_000, output: 1_000_000 });
  if (more) throw new Error(`job ${id} has more attempts than fit on a page`);
  return attempts;
}

export class Subject {
  #opened: Opened | null = null;
  #operations = 0;
  readonly #joined = new Set<string>();

  /** Opens one for each test of the surrounding `describe`. */
  constructor(open: Open) {
    beforeEach(async () => {
      this.#opened = await open();
      this.#joined.clear();
    });
    afterEach(async () => {
      await this.#opened?.close();
      this.#opened = null;
    });
  }

  get store(): Store {
    return this.#open.store;
  }

  get #open(): Opened {
    if (this.#opened === null) throw new Error('a store is open in tests only');
    return this.#opened;
  }

  advance(by: Millis): Promise<void> {
    return this.#open.advance(by);
  }

  async step(by: Millis): Promise<void> {
    if (this.#open.step === undefined) throw new Error('this store has no wall clock of its own');
    await this.#open.step(by);
    // A store notices at its next step, and those that happen by themselves are a second apart at most.
    await this.store.upkeep.time();
  }

  operation(): string {
    this.#operations += 1;
    return `operation-${this.#operations}`;
  }

  async push(otherwise: Partial<NewJob> = {}): Promise<Job> {
    return only(await this.pushAll([asked(otherwise)]));
  }

  async pushAll(jobs: readonly NewJob[]): Promise<readonly Job[]> {
    const pushed = await this.store.jobs.push(jobs);
    return Promise.all(kept(pushed).map(({ id }) => this.get(id)));
  }

  async get(id: JobId): Promise<Job> {
    const job = await this.store.jobs.get(id);
    if (job === null) throw new Error(`there is no job ${id}`);
    return job;
  }

  /** Entries of the journal behind a number. */
  entries(after = 0, limit = 100_000): Promise<readonly JournalEntry[]> {
    return entriesOf(this.store, after, limit);
  }

  /** All earlier attempts, newest first. */
  attempts(id: JobId): Promise<readonly Attempt[]> {
    return attemptsOf(this.store, id);
  }

  async stateOf(id: JobId): Promise<JobState> {
    return (await this.get(id)).state;
  }

  async join(incarnation = 'node', lease: Millis = ttl): Promise<void> {
    this.#joined.add(incarnation);
    await this.store.nodes.join(node(incarnation), lease);
  }

  renew(incarnation = 'node', ack = 0): ReturnType<Store['nodes']['renew']> {
    return this.store.nodes.renew(incarnation, ttl, ack, noLoad);
  }

  async nodeOf(incarnation: string): Promise<NodeRecord> {
    const record = (await this.store.nodes.list()).find((each) => each.incarnation === incarnation);
    if (record === undefined) throw new Error(`there is no node ${incarnation}`);
    return record;
  }

  /** A claim by a node, which joins before its first one. */
  async request(wants: readonly Want[], otherwise: Partial<ClaimRequest> = {}): Promise<Claim> {
    const request = { operation: this.operation(), holder: 'node', wants: () => wants, attemptTtl: null, ...otherwise };
    if (request.attemptTtl === null && !this.#joined.has(request.holder)) await this.join(request.holder, 100 * 60 * minute);
    return this.store.jobs.claim(request);
  }

  async claim(slots = 1, otherwise: Partial<ClaimRequest> = {}): Promise<readonly Job[]> {
    return (await this.request([anyQueue(slots)], otherwise)).jobs;
  }

  async claimOne(otherwise: Partial<ClaimRequest> = {}): Promise<Job> {
    return only(await this.claim(1, otherwise));
  }

  async running(otherwise: Partial<NewJob> = {}): Promise<Job> {
    await this.push(otherwise);
    return this.claimOne();
  }

  succeed(job: Job, output = 'done'): Promise<Settled> {
    return this.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'succeeded', result: result(output) }, 0.5));
  }

  fail(job: Job, error = 'broken', cause?: FailureCause): Promise<Settled> {
    return this.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'failed', result: failure(error, cause) }, 0.5));
  }

  release(job: Job): Promise<Settled> {
    return this.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'returned' }, 0.5));
  }

  /** Of an attempt, what is named; nothing else. */
  report(ref: AttemptRef, what: Partial<Report>): Promise<Reported> {
    return this.store.jobs.report(refOf(ref), { ttl: null, progress: null, lines: [], push: [], ...what });
  }

  /** The whole log of a job. */
  log(id: JobId): Promise<LogPage> {
    return this.store.jobs.lines(id, null, 100_000);
  }

  async linesOf(id: JobId): Promise<readonly LogLine[]> {
    return (await this.log(id)).lines;
  }

  /** Calls bury often enough for `time` to pass without a gap. */
  async buryFor(time: Millis): Promise<number> {
    let attempts = (await this.store.nodes.bury(ttl, gap)).attempts;
    for (let passed = 0; passed < time; passed += 10 * second) {
      await this.advance(10 * second);
      attempts += (await this.store.nodes.bury(ttl, gap)).attempts;
    }
    return attempts;
  }

  listAll(): Promise<readonly Job[]> {
    return this.store.jobs.list(all).then((page) => page.jobs);
  }

  /** Resolves at the first such hint that is given while the work is done or soon after. */
  async hintDuring(kind: Hint['kind'], work: () => Promise<unknown>): Promise<Hint> {
    const { promise, resolve } = Promise.withResolvers<Hint>();
    const forget = this.store.onHint((hint) => {
      if (hint.kind === kind) resolve(hint);
    });
    try {
      await work();
      return await promise;
    } finally {
      forget();
    }
  }
}
