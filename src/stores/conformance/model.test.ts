import { describe, expect, it } from 'vitest';
import { withAfter } from '../../core/after.ts';
import { noResult } from '../../core/job.ts';
import type { Moves } from '../../core/transitions.ts';
import { notUnique } from '../../core/unique.ts';
import { callByCall, turnByTurn } from './model.commands.ts';
import { after, type Flaws, noticesAll, openDrifting, ranked } from './model.flaws.ts';
import { compareHistories, storeModel } from './model.suite.ts';
import { storeTurns } from './turns.suite.ts';

storeModel('the memory store', async () => openDrifting(), 300);
storeTurns('the memory store', async () => openDrifting(ranked), 100);

describe('the model', () => {
  const flaws: Flaws = [
    [
      'settles under a stale fence',
      (store) => ({
        jobs: {
          settle: async (ref, moves) => store.jobs.settle({ id: ref.id, fence: (await store.jobs.get(ref.id))?.fence ?? '0' }, moves),
        },
      }),
    ],
    [
      'starts more when a claim is repeated',
      (store) => {
        let claims = 0;
        return { jobs: { claim: (request) => store.jobs.claim({ ...request, operation: `${claims++}` }) } };
      },
    ],
    [
      'hands a pending claim back',
      (store) => ({ nodes: { reconcile: (incarnation, held) => store.nodes.reconcile(incarnation, held, []) } }),
    ],
    ['buries at once after a gap', (store) => ({ nodes: { bury: (ttl) => store.nodes.bury(ttl, Number.POSITIVE_INFINITY) } })],
    ['buries too early', (store) => ({ nodes: { bury: (ttl, gap) => store.nodes.bury(ttl / 2, gap) } })],
    [
      'forgets whose a job was that comes in',
      (store) => ({
        jobs: { restore: (copies) => store.jobs.restore(copies.map((copy) => ({ ...copy, job: { ...copy.job, owner: '' } }))) },
      }),
    ],
    [
      'pushes a unique job although there is one',
      (store) => ({
        jobs: {
          async push(jobs) {
            const pushed = await store.jobs.push(jobs);
            const again = jobs.filter((_, at) => pushed[at]?.kind === 'duplicate');
            await store.jobs.push(again.map((job) => ({ ...job, idempotency: null, options: notUnique(job.options) })));
            return pushed;
          },
        },
      }),
    ],
    [
      'starts what waits for others',
      (store) => ({
        jobs: { push: (jobs) => store.jobs.push(jobs.map((job) => ({ ...job, options: withAfter(job.options, null) }))) },
      }),
    ],
    [
      'starts what waits for a job that has failed',
      (store) => ({
        jobs: {
          push: (jobs) =>
            store.jobs.push(
              jobs.map((job) => {
                const { after } = job.options;
                return { ...job, options: withAfter(job.options, after && { ...after, onFailure: 'start' }) };
              }),
            ),
        },
      }),
    ],
    ['forgets the pushes of a report', (store) => ({ jobs: { report: (ref, what) => store.jobs.report(ref, { ...what, push: [] }) } })],
    [
      'forgets messages before they are acknowledged',
      (store) => ({ nodes: { renew: (incarnation, ttl, _, load) => store.nodes.renew(incarnation, ttl, 1e9, load) } }),
    ],
    [
      'forgets what a node serves when it renews',
      (store) => ({
        nodes: {
          renew: async (incarnation, ttl, ack, load, face) =>
            store.nodes.renew(incarnation, ttl, ack, load, face ?? { address: '', serves: [], link: null }),
        },
      }),
    ],
    [
      'ends a job that is being stopped',
      (store) => ({ jobs: { change: (id, moves) => store.jobs.change(id, { ...moves, running: ended }) } }),
    ],
    [
      'counts an attempt that was deferred',
      (store) => ({
        jobs: {
          settle: (ref, moves) => {
            const { running } = moves;
            const counted = running?.kind === 'defer' ? ({ ...running, kind: 'retry', verb: 'retry', keep: 16_384 } as const) : running;
            return store.jobs.settle(ref, counted === undefined ? moves : { ...moves, running: counted });
          },
        },
      }),
    ],
    [
      'forgets why an attempt failed',
      (store) => ({
        jobs: {
          settle: (ref, { running, ...others }) => {
            if (running?.kind !== 'end' || running.result === null) return store.jobs.settle(ref, { running, ...others } as Moves);
            return store.jobs.settle(ref, { ...others, running: { ...running, result: { ...running.result, cause: null } } });
          },
        },
      }),
    ],
    ['forgets lines', (store) => ({ jobs: { report: (ref, what) => store.jobs.report(ref, { ...what, lines: what.lines.slice(1) }) } })],
    [
      'keeps a report under a stale fence',
      (store) => ({
        jobs: {
          report: async (ref, what) => store.jobs.report({ id: ref.id, fence: (await store.jobs.get(ref.id))?.fence ?? '0' }, what),
        },
      }),
    ],
    [
      'forgets how far an attempt is',
      (store) => ({ jobs: { report: (ref, what) => store.jobs.report(ref, { ...what, progress: null }) } }),
    ],
    ['gives no other deadline', (store) => ({ jobs: { report: (ref, what) => store.jobs.report(ref, { ...what, ttl: null }) } })],
    ['lets a draining node claim', () => ({ nodes: { steer: async () => [] } })],
    ['keeps what a forgotten node held', () => ({ nodes: { forget: async () => ({ kind: 'missing' }) } })],
    ['ignores idempotency', (store) => ({ jobs: { push: (jobs) => store.jobs.push(jobs.map((job) => ({ ...job, idempotency: null }))) } })],
    [
      'takes jobs into a closed queue',
      (store) => ({
        jobs: {
          push: async (jobs) => {
            const closed = (await store.queues.list()).filter((queue) => queue.closed);
            for (const { name } of closed) await store.queues.configure(name, { closed: false });
            const pushed = await store.jobs.push(jobs);
            for (const { name } of closed) await store.queues.configure(name, { closed: true });
            return pushed;
          },
        },
      }),
    ],
    [
      'lets more through than a limit takes',
      (store) => ({
        limits: {
          configure: (name, { rate, ...settings }) =>
            store.limits.configure(name, { ...settings, rate: rate && { ...rate, max: rate.max + 1 } }),
          list: async () =>
            (await store.limits.list()).map(({ rate, ...limit }) => ({ ...limit, rate: rate && { ...rate, max: rate.max - 1 } })),
        },
      }),
    ],
    [
      'runs more than a limit takes',
      (store) => ({
        limits: {
          configure: (name, { concurrency, ...settings }) =>
            store.limits.configure(name, { ...settings, concurrency: concurrency === null ? null : concurrency + 1 }),
          list: async () =>
            (await store.limits.list()).map(({ concurrency, ...limit }) => ({
              ...limit,
              concurrency: concurrency === null ? null : concurrency - 1,
            })),
        },
      }),
    ],
    [
      'counts a job under its worker alone',
      (store) => ({ jobs: { push: (jobs) => store.jobs.push(jobs.map((job) => ({ ...job, limit: '' }))) } }),
    ],
    ['ignores the lane', (store) => ({ jobs: { push: (jobs) => store.jobs.push(jobs.map((job) => ({ ...job, manual: false }))) } })],
    ['purges what has just ended', (store) => ({ jobs: { purge: (ids) => store.jobs.purge(ids, Number.MAX_SAFE_INTEGER) } })],
    ['starts what is not due', (store) => ({ jobs: { push: (jobs) => store.jobs.push(jobs.map((job) => ({ ...job, start: null }))) } })],
  ];
  const ended = { kind: 'end', verb: 'cancel', to: 'canceled', result: noResult, reason: '' } as const;

  noticesAll(flaws, callByCall);

  it('fails when it has no time for all its histories, and says for how many it had', async () => {
    const hurried = { histories: callByCall, runs: 1_000_000, within: 100 };
    const differs = compareHistories(async () => openDrifting(), hurried);
    await expect(differs).rejects.toThrow(/^Only \d+ of 1000000 histories were compared within 100 ms/);
  });
});

describe('the model, in turns', () => {
  const flaws: Flaws = [
    ['does calls in the order in which they are made', () => ({})],
    ['takes before it adds', (store) => ranked(store, 2, 1)],
    [
      'adds before it frees',
      (store) => ({
        jobs: {
          ...ranked(store).jobs,
          push: (jobs) => store.jobs.push(jobs),
          settle: (...settle) => after(2).then(() => store.jobs.settle(...settle)),
        },
      }),
    ],
  ];

  noticesAll(flaws, turnByTurn);
});
