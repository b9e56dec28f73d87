/** A server for tests: the real app on a free port of 127.0.0.1, over a memory store that the test moves jobs in. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { request } from 'undici';
import { type Job, noResult } from '../../core/job.ts';
import { jobLimits } from '../../core/new-job.ts';
import type { Outcome } from '../../core/outcome.ts';
import { settleMoves } from '../../core/transitions.ts';
import { makeApi } from '../../engine/api/api.ts';
import { makeClusterKey } from '../../engine/api/cluster-key.ts';
import { makeFeed } from '../../engine/api/feed.ts';
import { makeClockCheck } from '../../engine/clock-check.ts';
import { makeHeld } from '../../engine/held.ts';
import { makeLifecycle } from '../../engine/lifecycle.ts';
import { makePolls } from '../../engine/polls.ts';
import { makeRules } from '../../engine/rules.ts';
import { makeServedElsewhere } from '../../engine/served-elsewhere.ts';
import { makeServing } from '../../engine/serving.ts';
import { makeTaskKeepers } from '../../engine/task-keepers.ts';
import { makeWaiters } from '../../engine/waiters.ts';
import { makeWatching } from '../../engine/watching.ts';
import type { Store } from '../../ports/store/store.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { systemClock } from '../../system/clock.ts';
import { silent } from '../../system/silent.ts';
import { makeApp } from './app.ts';
import type { HttpOptions } from './options.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; text and bytes as they are, as JSON too unless the headers say otherwise. */
  readonly body?: object | string | Buffer;
}

export interface TestServer {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly url: string;
  readonly port: number;
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  /** Pushes through HQ's API; answers the new id. */
  push(fields?: object): Promise<string>;
  /** Starts the next HTTP job's attempt. */
  start(): Promise<Job>;
  settle(job: Job, outcome: Outcome): Promise<void>;
  close(): Promise<void>;
}

const defaults: HttpOptions = {
  token: null,
  allowedHosts: [],
  listenHost: '127.0.0.1',
  uiBasename: '/ui',
  hq: { queues: 8192, dispatchers: 2, maxWorkers: 3, listDefaultLimit: 0 },
  payloadBytes: 64 * 1024,
  onAccess: null,
};

export const succeeded = (output = ''): Outcome => ({ kind: 'succeeded', result: { ...noResult, statusCode: 200, output } });
export const failed = (statusCode: number | null, error: string): Outcome => ({
  kind: 'failed',
  result: { ...noResult, statusCode, error },
});

export async function openServer(options: Partial<HttpOptions> = {}, store: Store = openMemory()): Promise<TestServer> {
  const common = { store, clock: systemClock, log: silent };
  const held = makeHeld();
  const secret = (): string => randomBytes(16).toString('base64url');
  const feed = makeFeed({ ...common, lifecycleOf: makeLifecycle(store) });
  const served = makeServedElsewhere(systemClock, () => undefined);
  const polls = makePolls({ ...common, served, mayClaim: () => true });
  store.onHint((hint) => {
    feed.wake(hint.kind === 'told' ? 'published' : 'lifecycle');
    if (hint.kind === 'ready') polls.wake(hint.workers);
  });
  const app = makeApp(
    makeApi({
      ...common,
      clockCheck: makeClockCheck(common),
      waiters: makeWaiters(),
      held,
      ...makeWatching({ held, clock: systemClock, send: () => false }),
      rules: makeRules(common),
      feed,
      serving: makeServing({ ...common, serves: (line) => line.worker === 'http' || served.serves(line) }),
      polls,
      served,
      random: () => 0.5,
      keep: jobLimits.historyOutput,
      build: { version: '1.2.3', commit: 'abc' },
      wake: () => undefined,
      wakeFirer: () => undefined,
      fireAt: () => Promise.resolve(0),
      tellNodes: () => Promise.resolve(),
      keepers: makeTaskKeepers({
        ...common,
        now: Date.now,
        isDetached: () => false,
        isThisNode: () => false,
        leaveToOthers: () => undefined,
      }),
      linksHere: { incarnation: () => 'web.1', linked: () => ['web.2'] },
      secret,
      key: makeClusterKey({ store, clock: systemClock, secret }),
      running: () => 0,
      hasJoined: () => true,
      isStopping: () => false,
    }),
    { ...defaults, ...options },
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  let operation = 0;

  async function ask(method: string, path: string, { headers = {}, body }: Asked = {}): Promise<Answer> {
    const sent = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const typed = sent === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const answer = await request(url + path, { method, headers: typed, body: sent ?? null });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      get json() {
        return JSON.parse(text) as Record<string, unknown>;
      },
    };
  }

  return {
    app,
    store,
    url,
    port,
    ask,
    async push(fields = {}) {
      const { json, status, text } = await ask('POST', '/job', { body: { url: 'http://127.0.0.1:9/', ...fields } });
      if (status !== 200) throw new Error(text);
      return String(json['id']);
    },
    async start() {
      operation += 1;
      const want = { worker: 'http', queues: 'any', slots: 1 } as const;
      const { jobs } = await store.jobs.claim({ operation: `o${operation}`, holder: 'test', wants: () => [want], attemptTtl: 60_000 });
      if (jobs[0] === undefined) throw new Error('no job is ready');
      return jobs[0];
    },
    async settle(job, outcome) {
      const settled = await store.jobs.settle(job, settleMoves(job, outcome, 0.5));
      if (settled === 'lost') throw new Error('the fence did not hold');
    },
    async close() {
      await app.close();
      await store.close();
    },
  };
}
