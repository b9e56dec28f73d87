/** Requests that are sound and bring, or ask for, as much as they may: on many connections, and again and again. */
import type { Attack, Target } from '../attack.ts';
import { scaled } from '../scale.ts';
import { type Request, send, sendMany } from '../sending.ts';

const connections = scaled(4, 16);
const jobs = scaled(2_000, 10_000);

const bodyOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const each = <T>(make: (n: number) => T): readonly T[] => Array.from({ length: jobs }, (_, n) => make(n));

/** What is kept by the first one is kept once. */
function repeated(name: string, make: () => Request, comes: RegExp): Attack {
  return {
    name,
    comes,
    async play({ server }, came) {
      const request = make();
      for (const answer of await sendMany(server.address, connections, () => request)) came.add(answer.came);
    },
  };
}

/** What they asked for is worked on when they are gone. */
function left(name: string, requestOf: (target: Target) => Request): Attack {
  return {
    name,
    comes: /^(200|201|503|cut off)$/,
    async play(target, came) {
      const leave = new AbortController();
      const request = { ...requestOf(target), signal: leave.signal };
      const asked = sendMany(target.server.address, scaled(12, 50), () => request);
      // Who is answered behind them has been read after them.
      await send(target.server.address, { path: '/livez' });
      leave.abort();
      for (const answer of await asked) came.add(answer.came);
    },
  };
}

export const manyAttacks: readonly Attack[] = [
  repeated(
    'many jobs under their keys, again and again',
    () => ({
      method: 'POST',
      path: '/v1/jobs',
      body: bodyOf(each((n) => ({ worker: 'nobody', idempotencyKey: `many-${n}`, payload: n }))),
    }),
    /^(200|503)$/,
  ),
  repeated(
    'a batch of many jobs, again and again',
    () => ({ method: 'POST', path: '/v1/batches', body: bodyOf({ id: 'many', jobs: each((n) => ({ worker: 'nobody', payload: n })) }) }),
    /^(200|201|503)$/,
  ),
  repeated('lists of 500 jobs on many connections', () => ({ path: '/v1/jobs?limit=500' }), /^200$/),
  left('a large job, whose clients leave', ({ large }) => ({ path: `/v1/jobs/${large[0]}` })),
  left('waits for a large job, whose clients leave', ({ large }) => ({ path: `/v1/jobs/${large[0]}/wait?timeout=1s` })),
  left('many jobs, whose clients leave', () => ({
    method: 'POST',
    path: '/v1/jobs',
    body: bodyOf(each((n) => ({ worker: 'nobody', idempotencyKey: `left-${n}`, payload: n }))),
  })),
];
