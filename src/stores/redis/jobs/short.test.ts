/** The short way of usual batches (short.lua) beside the long one, and alone. */
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts';
import type { Job, NewJob } from '../../../core/job.ts';
import { cancelMoves, settleMoves } from '../../../core/transitions.ts';
import type { JobStore } from '../../../ports/store/jobs.ts';
import type { NodeStore } from '../../../ports/store/nodes.ts';
import type { QueueStore } from '../../../ports/store/queues.ts';
import { asked, failure, minute, node, refOf, result, retrying } from '../../conformance/subject.ts';
import { makeSearcher } from '../../searcher.ts';
import { type Driver, openDriver, type Script } from '../driver/driver.ts';
import { prefixOf, tagOf } from '../format/keys.ts';
import { noWord } from '../format/words.ts';
import { makeCalls, type Sender } from '../frame/calls.ts';
import { makeNodePort } from '../nodes/port.ts';
import { makeQueuePort } from '../queues/port.ts';
import { makeJobPort } from './port.ts';

type Change = (source: string) => string;
const asItIs: Change = (source) => source;
/** Finds all usual and leaves it to the rest of the script nevertheless. */
const longWay: Change = (source) => source.replace(firstWrites, `do break end\n${firstWrites}`);
const shortWayOnly: Change = (source) => `${source.slice(0, source.indexOf(ifAnswered) + ifAnswered.length)}\nerror('not usual')\nend`;
/** Lines of short.lua. */
const firstWrites = "local puts,moved,replies,held,ended,isReady={},{},{},0,'',false";
const ifAnswered = 'if answer then return answer end';

/** Runs scripts of usual batches with another text. */
function changing(driver: Driver, change: Change): Pick<Driver, 'run'> {
  const changed = new Map<Script, Script>();
  function changedOf(script: Script): Script {
    const known = changed.get(script) ?? { ...script, source: change(script.source) };
    changed.set(script, known);
    if (change !== asItIs && known.source === script.source) throw new Error(`${script.name} has no short way`);
    return known;
  }
  return { run: (script, keys, args) => driver.run(script.name.startsWith('jobs/short ') ? changedOf(script) : script, keys, args) };
}

/** One batch: each part is a call, all are made within one turn. */
interface Step {
  readonly settle: { readonly attempt: number; readonly outcome: 'succeeded' | 'quiet' | 'long' | 'failed' } | null;
  readonly push: NewJob | null;
  readonly claim: { readonly slots: number; readonly worker: string; readonly named: boolean; readonly again: boolean } | null;
  /** Asked for before: what makes later batches unusual. */
  readonly before: 'cancel' | 'limit' | 'unlimit' | 'drain' | 'resume' | null;
}

/** Attempts from this one on are remembered after their end. */
const most = 2;
const usualClaim = { slots: 1, worker: 'w', named: false, again: false };
const outputs = { succeeded: result('done'), quiet: result(''), long: result('long'.repeat(1_000)), failed: failure('broken') };

/** A cluster and the store that works on it. */
class Side {
  readonly prefix: string;
  /** All that was answered and told. */
  readonly heard: unknown[] = [];
  readonly #sender: Sender = { serverId: 0, node: noWord, ahead: 0 };
  readonly #given: Job[] = [];
  readonly #jobs: JobStore;
  readonly #nodes: NodeStore;
  readonly #queues: QueueStore;
  #operation = 0;

  constructor(driver: Pick<Driver, 'run'>, cluster: string) {
    this.prefix = prefixOf(cluster);
    const calls = makeCalls(driver, this.prefix, this.#sender, (hints) => this.heard.push(hints));
    this.#jobs = makeJobPort(calls, makeSearcher(), { pushed: () => {}, unreadable: () => {} });
    this.#nodes = makeNodePort(
      calls,
      this.#sender,
      () => {},
      () => {},
    );
    this.#queues = makeQueuePort(calls, () => {});
  }

  async join(): Promise<void> {
    await this.#nodes.join(node('node', { serverId: 7 }), 100_000 * minute);
  }

  async run(step: Step): Promise<void> {
    this.#sender.ahead += minute;
    this.heard.push(await this.#prepare(step.before));
    this.#sender.ahead += minute;
    this.heard.push(await Promise.all([this.#settle(step), step.push === null ? null : this.#jobs.push([step.push]), this.#claim(step)]));
  }

  #prepare(before: Step['before']): Promise<unknown> {
    if (before === 'cancel') return this.#jobs.change(this.#given.at(-1)?.id ?? '1', cancelMoves);
    if (before === 'limit' || before === 'unlimit') return this.#queues.configure('q', { concurrency: before === 'limit' ? 1 : null });
    if (before === 'drain') return this.#nodes.steer('node', 'draining');
    return before === 'resume' ? this.#nodes.steer('node', 'active') : Promise.resolve(null);
  }

  #settle({ settle }: Step): Promise<unknown> {
    const at = (settle?.attempt ?? 0) % Math.max(1, this.#given.length);
    const job = this.#given[at];
    if (settle === null || job === undefined) return Promise.resolve(null);
    // Otherwise it is ended once more.
    if (at < most) this.#given.splice(at, 1);
    const kind = settle.outcome === 'failed' ? 'failed' : 'succeeded';
    return this.#jobs.settle(refOf(job), settleMoves(job, { kind, result: outputs[settle.outcome] }, 0));
  }

  async #claim({ claim }: Step): Promise<unknown> {
    if (claim === null) return null;
    if (!claim.again) this.#operation += 1;
    const wants = () => [{ worker: claim.worker, slots: claim.slots, queues: claim.named ? ['q'] : ('any' as const) }];
    const { jobs, nextIn } = await this.#jobs.claim({ operation: String(this.#operation), holder: 'node', wants, attemptTtl: null });
    this.#given.unshift(...jobs);
    // Real time passes beside the minutes.
    return [jobs, nextIn === null ? null : Math.ceil(nextIn / minute)];
  }
}

/** All that lies in Redis but for numbers of turns: of a row, the order counts. */
async function dump(redis: Redis, prefix: string): Promise<readonly unknown[]> {
  const keys = (await redis.keys(`${prefix.replaceAll(/[{}]/g, '?')}*`)).toSorted();
  return Promise.all(keys.map(async (key) => [key.slice(prefix.length), await contentOf(redis, key)]));
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'hash': {
      const { turn, ...fields } = await redis.hgetall(key);
      return Object.entries(fields).toSorted();
    }
    case 'zset':
      return key.includes(':row:') ? redis.zrange(key, '0', '-1') : redis.zrange(key, '0', '-1', 'WITHSCORES');
    case 'list':
      return redis.lrange(key, 0, -1);
    default:
      return redis.xrange(key, '-', '+');
  }
}

/** Times, fences and ids become their ranks, so that what was done a little later is the same. */
function withRanks(shown: unknown): string {
  const text = JSON.stringify(shown, null, 1);
  const numbers = [...new Set(text.match(/\d{12,}/g))].toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const ranks = new Map(numbers.map((number, at) => [number, at]));
  return text.replaceAll(/\d{12,}/g, (number) => `#${ranks.get(number)}`);
}

const usually = <T>(usual: T, others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const push: fc.Arbitrary<NewJob> = fc
  .record({
    worker: usually('w', ['v']),
    queue: usually('q', ['r']),
    manual: usually(false, [true]),
    priority: usually(0, [1, -1]),
    start: usually(null, [{ delay: 2.5 * minute }]),
    payload: usually('{}', ['long'.repeat(1_000)]),
    attempts: fc.constantFrom(1, 1, 2, 3),
  })
  .map(({ attempts, ...job }) => asked({ ...job, ...retrying(attempts) }));

const step: fc.Arbitrary<Step> = fc.record({
  settle: fc.option(
    fc.record({
      attempt: usually(0, [1, 2]),
      outcome: fc.constantFrom('quiet', 'quiet', 'quiet', 'failed', 'failed', 'succeeded', 'long'),
    }),
    { freq: 3 },
  ),
  push: fc.option(push, { freq: 2 }),
  claim: fc.option(
    fc.record({
      slots: fc.constantFrom(1, 1, 2, 3, 100),
      worker: usually('w', ['v']),
      named: usually(false, [true]),
      again: usually(false, [true]),
    }),
    { freq: 4 },
  ),
  before: usually<Step['before']>(null, ['cancel', 'limit', 'unlimit', 'unlimit', 'drain', 'resume', 'resume']),
});

describe('the short way of usual batches', () => {
  let server: RedisServer;
  let redis: Redis;
  let driver: Driver;
  let clusters = 0;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.port, '127.0.0.1');
    driver = await openDriver({ url: server.url, tag: tagOf('usual') });
  });

  afterAll(async () => {
    redis.disconnect();
    await driver.close();
    await server.stop();
  });

  async function ranThrough(history: readonly Step[], change: Change): Promise<string> {
    clusters += 1;
    const side = new Side(changing(driver, change), `usual-${clusters}`);
    await side.join();
    for (const each of history) await side.run(each);
    return withRanks([side.heard, await dump(redis, side.prefix)]);
  }

  it('answers, tells and leaves behind what the long one does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }), async (history) => {
        const [short, long] = await Promise.all([ranThrough(history, asItIs), ranThrough(history, longWay)]);
        expect(short).toBe(long);
      }),
      { numRuns: 60, endOnFailure: false },
    );
  }, 120_000);

  it('does a plain life without the long one', async () => {
    const nothing: Step = { settle: null, push: null, claim: null, before: null };
    const job = asked({ payload: '{}', ...retrying(2) });
    const end = { attempt: 0, outcome: 'quiet' } as const;
    const retry = { attempt: 0, outcome: 'failed' } as const;
    // The first job of a line is not usual.
    await new Side(changing(driver, asItIs), 'usual-alone').run({ ...nothing, push: job });
    const side = new Side(changing(driver, shortWayOnly), 'usual-alone');
    await side.join();
    for (const each of [
      { ...nothing, claim: usualClaim },
      { ...nothing, push: job },
      { ...nothing, push: job },
      { ...nothing, settle: end, claim: { ...usualClaim, slots: 3 } },
      { ...nothing, settle: end, push: job, claim: usualClaim },
      { ...nothing, settle: end },
      { ...nothing, settle: retry },
    ]) {
      await side.run(each);
    }
    expect(await redis.hget(`${side.prefix}counts`, 'w/q')).toBe('1 0 0 0 3 0 0 0');
  });
});
