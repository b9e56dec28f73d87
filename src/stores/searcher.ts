/**
 * Searches by regular expressions from clients, for all stores. The expressions are compiled and tried in a thread of their
 * own, so that the most hostile one holds up nothing but others of its kind: these have turns, and the one that took least so
 * far is next. The thread starts when it is first needed, and ends when it has been idle for a while.
 */
import type { Worker } from 'node:worker_threads';
import type { Millis } from '../core/duration.ts';
import { type ErrorCode, HatstandError } from '../core/errors.ts';
import type { PatternMatch } from '../ports/store/jobs.ts';
import { type Looked, plainPartOf, planText } from './match.ts';
import { checkLength } from './pattern.ts';
import { startThread } from './thread.ts';

export interface LookRequest {
  readonly match: PatternMatch;
  readonly jobs: readonly Looked[];
}

export type LookAnswer =
  | { readonly kind: 'ready' }
  /** Of the jobs from the first on. */
  | { readonly kind: 'looked'; readonly hits: readonly boolean[] }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly details: HatstandError['details'] };

/** The expressions of one page. */
export interface Search {
  /**
   * Whether the jobs match, from the first one on. Fewer answers than jobs: as many as are enough have matched, or the time
   * of the page is up.
   */
  look(jobs: readonly Looked[], enough: number): Promise<readonly boolean[]>;
}

export interface Searcher {
  /**
   * Rejects with `invalid_filter` for an expression that is none, that compiles to too much, or takes too long or too much
   * memory for one job; that may also turn out in `look`. Both reject with the signal's reason once it aborts.
   */
  begin(match: PatternMatch, signal: AbortSignal | undefined): Promise<Search>;
  /** What waits is refused, what is under way ends. */
  close(): Promise<void>;
}

/** A page whose expressions have taken longer ends where it is. */
const pageTime: Millis = 5_000;
/** One job may take as many ticks. They are counted, so that a process that was held up itself blames nobody. */
const jobTicks = 10;
const tick: Millis = 100;
/** A thread without work for so long ends. */
const idleTime: Millis = 30_000;
/** Characters and jobs that travel to the thread at once. */
const travelLength = 256 * 1024;
const travelJobs = 500;
/** Megabytes of the thread's heap: some compiled expressions with what they remember. */
const heap = { youngMegabytes: 16, oldMegabytes: 192 };

/** A request that waits or is under way. */
interface Asked extends LookRequest {
  readonly search: Spending;
  resolve(hits: readonly boolean[]): void;
  reject(error: unknown): void;
}

interface Spending {
  spent: Millis;
}

export function makeSearcher(): Searcher {
  const lane = makeLane();

  return {
    async begin(match, signal) {
      const { name, term } = match;
      if (name !== null) checkLength(name, 'name');
      if (term !== null) checkLength(term, 'term');
      const plain = plainPartOf(match);
      if (plain.name === name && plain.term === term) {
        const plan = planText(match);
        return { look: async (jobs) => jobs.map(plan.matches) };
      }
      const end = performance.now() + pageTime;
      const search: Spending = { spent: 0 };
      const ask = (jobs: readonly Looked[]): Promise<readonly boolean[]> => lane.ask(search, { match, jobs }, signal);
      await ask([]);
      return {
        async look(jobs, enough) {
          const hits: boolean[] = [];
          for (let matching = 0; hits.length < jobs.length && matching < enough; ) {
            const more = await ask(travelling(jobs, hits.length));
            hits.push(...more);
            matching += more.filter(Boolean).length;
            if (performance.now() > end) break;
          }
          return hits;
        },
      };
    },
    close: lane.close,
  };
}

/** As many from that one on as travel together, with nothing but what is looked at. */
function travelling(jobs: readonly Looked[], from: number): readonly Looked[] {
  const together: Looked[] = [];
  let length = 0;
  for (let at = from; at < jobs.length && together.length < travelJobs && length < travelLength; at++) {
    const job = jobs[at];
    if (job === undefined) break;
    const { state, name, comment, url } = job;
    together.push({ state, name, comment, url });
    length += name.length + comment.length + url.length;
  }
  return together;
}

interface Lane {
  ask(search: Spending, request: LookRequest, signal: AbortSignal | undefined): Promise<readonly boolean[]>;
  close(): Promise<void>;
}

/** The thread and those who wait for it: one request is under way at a time. */
function makeLane(): Lane {
  let waiting: Asked[] = [];
  let current: Asked | null = null;
  let thread: Worker | null = null;
  let isReady = false;
  let isClosed = false;
  let began = 0;
  let watch: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;

  function start(): Worker {
    const started = startThread('./searcher-thread', import.meta.url, { name: 'hatstand-search', data: null, ...heap });
    isReady = false;
    started.on('message', (answer: LookAnswer) => {
      if (thread === started) take(answer);
    });
    started.on('error', (error) => lose(started, failureOf(error)));
    started.on('exit', () => lose(started, new HatstandError('store_unavailable', 'The thread that searches ended unexpectedly.')));
    return started;
  }

  function take(answer: LookAnswer): void {
    if (answer.kind === 'ready') {
      isReady = true;
      if (current !== null) send(current);
      return;
    }
    const asked = settle();
    if (answer.kind === 'looked') asked?.resolve(answer.hits);
    else asked?.reject(new HatstandError(answer.code, answer.message, answer.details));
    next();
  }

  /** The thread and what it was at are given up; those who wait get another one. */
  function lose(lost: Worker, error: HatstandError): void {
    if (thread !== lost) return;
    thread = null;
    void lost.terminate();
    settle()?.reject(error);
    next();
  }

  function settle(): Asked | null {
    clearInterval(watch);
    const asked = current;
    current = null;
    if (asked !== null) asked.search.spent += performance.now() - began;
    return asked;
  }

  function next(): void {
    if (current !== null || isClosed) return;
    clearTimeout(idle);
    const asked = leastSpent(waiting);
    if (asked === null) {
      // It keeps no process from ending.
      thread?.unref();
      idle = setTimeout(rest, idleTime).unref();
      return;
    }
    waiting = waiting.filter((each) => each !== asked);
    current = asked;
    began = performance.now();
    thread ??= start();
    thread.ref();
    if (isReady) send(asked);
  }

  function send({ match, jobs }: Asked): void {
    const busy = thread;
    if (busy === null) return;
    busy.postMessage({ match, jobs } satisfies LookRequest);
    let left = jobTicks;
    watch = setInterval(() => {
      left -= 1;
      if (left <= 0) lose(busy, tooSlow());
    }, tick);
  }

  function rest(): void {
    const rested = thread;
    thread = null;
    void rested?.terminate();
  }

  return {
    ask(search, { match, jobs }, signal) {
      return new Promise((resolve, reject) => {
        if (isClosed) throw new HatstandError('store_unavailable', 'The store is closed.');
        signal?.throwIfAborted();
        const leave = (): void => {
          waiting = waiting.filter((each) => each !== asked);
          reject(signal?.reason);
        };
        const stay = (): void => signal?.removeEventListener('abort', leave);
        const asked: Asked = {
          ...{ search, match, jobs },
          resolve(hits) {
            stay();
            resolve(hits);
          },
          reject(error) {
            stay();
            reject(error);
          },
        };
        signal?.addEventListener('abort', leave, { once: true });
        waiting.push(asked);
        next();
      });
    },
    async close() {
      isClosed = true;
      clearTimeout(idle);
      const given = [...waiting, settle()];
      waiting = [];
      for (const asked of given) asked?.reject(new HatstandError('store_unavailable', 'The store is closed.'));
      const closing = thread;
      thread = null;
      await closing?.terminate();
    },
  };
}

/** The first of those that took least. */
function leastSpent(waiting: readonly Asked[]): Asked | null {
  return waiting.reduce<Asked | null>((least, each) => (least === null || each.search.spent < least.search.spent ? each : least), null);
}

const tooSlow = (): HatstandError =>
  new HatstandError(
    'invalid_filter',
    `The expression takes more than ${(jobTicks * tick) / 1_000} s for one job. Make it simpler: fewer repetitions and alternatives, or plain text.`,
  );

const failureOf = (error: Error): HatstandError =>
  'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new HatstandError(
        'invalid_filter',
        'The expression takes too much memory. Make it simpler: fewer repetitions and alternatives, or plain text.',
      )
    : new HatstandError('store_unavailable', `The thread that searches failed: ${error.message}`);
