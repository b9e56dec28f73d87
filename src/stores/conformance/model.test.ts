import type fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noResult } from '../../core/job.ts';
import type { Store } from '../../ports/store/store.ts';
import { openMemory } from '../memory/index.ts';
import { type Alterations, altered } from './altered.ts';
import { callByCall, type History, turnByTurn } from './model.commands.ts';
import { compareHistories, storeModel } from './model.suite.ts';
import type { Opened } from './subject.ts';
import { storeTurns } from './turns.suite.ts';

/** A memory store whose clock runs on a little at every look, under another server id. */
function openDrifting(flawed: (store: Store) => Alterations = () => ({})): Opened {
  let time = Date.UTC(2030, 5, 5);
  let looks = 0;
  const now = (): number => {
    looks += 1;
    time += (looks * 7) % 5;
    return time + 0.3;
  };
  const whole = openMemory({ clock: { now }, serverId: 513 });
  const advance = async (by: number): Promise<void> => {
    time += by;
  };
  return { store: altered(whole, flawed(whole)), advance, close: () => whole.close() };
}

/** Does calls that are made at once in the order of their ranks: each waits for as many microtasks as its rank. */
const ranked = (store: Store, adds = 1, takes = 2): Alterations => ({
  jobs: {
    push: (jobs) => after(adds).then(() => store.jobs.push(jobs)),
    claim: (request) => after(takes).then(() => store.jobs.claim(request)),
  },
});

async function after(microtasks: number): Promise<void> {
  for (let i = 1; i < microtasks; i++) await null;
}

storeModel('the memory store', async () => openDrifting(), 300);
storeTurns('the memory store', async () => openDrifting(ranked), 100);

async function expectDifference(flawed: (store: Store) => Alterations, histories: fc.Arbitrary<History>): Promise<void> {
  const all = { histories, runs: 2_000, firstIsEnough: true };
  await expect(compareHistories(async () => openDrifting(flawed), all)).rejects.toThrow('The store differs');
}

type Flaws = readonly [does: string, flawed: (store: Store) => Alterations][];

/** Plants each flaw in a store, and says at the end how many were noticed. */
function noticesAll(flaws: Flaws, histories: fc.Arbitrary<History>): void {
  const noticed: string[] = [];
  it.each(flaws)(
    'notices a store that %s',
    async (does, flawed) => {
      await expectDifference(flawed, histories);
      noticed.push(does);
    },
    120_000,
  );
  it(`notices ${flaws.length} of ${flaws.length} flaws`, () => expect(noticed).toEqual(flaws.map(([does]) => does)));
}

describe('the model', () => {
  const flaws: Flaws = [
    [
      'settles under a stale fence',
      (store) => ({
        jobs: {
          settle: async (ref, moves, effects) =>
            store.jobs.settle({ id: ref.id, fence: (await store.jobs.get(ref.id))?.fence ?? '0' }, moves, effects),
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
    ['forgets the effects of a settle', (store) => ({ jobs: { settle: (ref, moves) => store.jobs.settle(ref, moves) } })],
    [
      'forgets messages before they are acknowledged',
      (store) => ({ nodes: { renew: (incarnation, ttl, _, load) => store.nodes.renew(incarnation, ttl, 1e9, load) } }),
    ],
    [
      'ends a job that is being stopped',
      (store) => ({ jobs: { change: (id, moves) => store.jobs.change(id, { ...moves, running: ended }) } }),
    ],
    ['lets a draining node claim', () => ({ nodes: { steer: async () => [] } })],
    ['keeps what a forgotten node held', () => ({ nodes: { forget: async () => ({ kind: 'missing' }) } })],
    ['ignores idempotency', (store) => ({ jobs: { push: (jobs) => store.jobs.push(jobs.map((job) => ({ ...job, idempotency: null }))) } })],
    ['ignores the lane', (store) => ({ jobs: { push: (jobs) => store.jobs.push(jobs.map((job) => ({ ...job, manual: false }))) } })],
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
