/** Clients that push at any live node, and repeat with the same key until they are told that the job is kept. */
import { setTimeout } from 'node:timers/promises';
import { ask } from '../scenarios/history.ts';
import { makeChanges } from '../support/changes.ts';
import type { Nodes } from './nodes.ts';

export interface Load {
  /** Ids of jobs that were acknowledged, by the key of their push. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Pushes that were answered otherwise, by status; 0: not answered. */
  readonly others: ReadonlyMap<number, number>;
  /** When pushes were acknowledged, of `performance.now()`. */
  readonly times: readonly number[];
  /** Resolves once `count` more are acknowledged than now. */
  more(count: number): Promise<void>;
  /** Resolves once it is true; looks at each answer to a push. Rejects when a push is answered as none may be. */
  seen(isTrue: () => boolean): Promise<void>;
  /** After the pushes under way, each of which is repeated until it is acknowledged. */
  stop(): Promise<void>;
  /** At once: nobody wants to know any more. */
  abandon(): void;
}

export interface LoadOptions {
  /** The web app. */
  readonly app: string;
  /** Default: 4. */
  readonly clients?: number;
  /** Milliseconds between two pushes of a client. Default: 40. */
  readonly every?: number;
}

const againAfter = 50;
/** Some jobs take longer, so that each fault finds some that run. */
const slowEvery = 8;

export function startLoad(nodes: Nodes, { app, clients = 4, every = 40 }: LoadOptions): Load {
  const acknowledged = new Map<string, string>();
  const others = new Map<number, number>();
  const times: number[] = [];
  const answered = makeChanges();
  let isOver = false;
  let isAbandoned = false;

  /** One push, until it is acknowledged. */
  async function push(key: string, url: string, first: number): Promise<void> {
    for (let tries = first; !isAbandoned; tries++) {
      const node = nodes.live[tries % Math.max(1, nodes.live.length)];
      const answer = node === undefined ? null : await ask(node.address, 'POST', '/v1/jobs', { url, idempotencyKey: key });
      if (answer !== null && (answer.status === 200 || answer.status === 201)) {
        acknowledged.set(key, answer.body.id);
        times.push(performance.now());
        answered.changed();
        return;
      }
      const status = answer?.status ?? 0;
      if (![0, 503, 507].includes(status)) throw new Error(`a push was answered ${status}: ${JSON.stringify(answer?.body)}`);
      others.set(status, (others.get(status) ?? 0) + 1);
      answered.changed();
      await setTimeout(againAfter);
    }
  }

  async function client(name: number): Promise<void> {
    for (let n = 0; !isOver; n++) {
      await push(`${name}-${n}`, app + (n % slowEvery === 0 ? '/slow' : '/work'), name + n);
      await setTimeout(every);
    }
  }

  const all = Promise.all(Array.from({ length: clients }, (_, name) => client(name)));
  all.catch(() => {});

  function seen(isTrue: () => boolean): Promise<void> {
    const done = answered.seen(isTrue);
    return Promise.race([done, all.then(() => done)]);
  }

  return {
    acknowledged,
    others,
    times,
    more(count) {
      const goal = acknowledged.size + count;
      return seen(() => acknowledged.size >= goal);
    },
    seen,
    async stop() {
      isOver = true;
      await all;
    },
    abandon() {
      isOver = true;
      isAbandoned = true;
    },
  };
}
