import { describe, expect, it } from 'vitest';
import { noResult } from '../../core/job.ts';
import type { Store } from '../../ports/store.ts';
import { openMemory } from '../memory/index.ts';
import { compareHistories, storeModel } from './model.suite.ts';
import type { Opened } from './subject.ts';

/** A memory store whose clock runs on a little at every look, under another server id. */
function openDrifting(flawed: (store: Store) => Partial<Store> = () => ({})): Opened {
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
  return { store: { ...whole, ...flawed(whole) }, advance, close: () => whole.close() };
}

storeModel('the memory store', async () => openDrifting(), 300);

describe('the model', () => {
  const flaws: readonly [string, (store: Store) => Partial<Store>][] = [
    [
      'settles under a stale fence',
      (store) => ({
        settle: async (ref, moves, effects) => store.settle({ id: ref.id, fence: (await store.get(ref.id))?.fence ?? '0' }, moves, effects),
      }),
    ],
    [
      'starts more when a claim is repeated',
      (store) => {
        let claims = 0;
        return { claim: (request) => store.claim({ ...request, operation: `${claims++}` }) };
      },
    ],
    ['hands a pending claim back', (store) => ({ reconcile: (incarnation, held) => store.reconcile(incarnation, held, []) })],
    ['buries at once after a gap', (store) => ({ bury: (ttl) => store.bury(ttl, Number.POSITIVE_INFINITY) })],
    ['buries too early', (store) => ({ bury: (ttl, gap) => store.bury(ttl / 2, gap) })],
    ['forgets the effects of a settle', (store) => ({ settle: (ref, moves) => store.settle(ref, moves) })],
    [
      'forgets messages before they are acknowledged',
      (store) => ({ renew: (incarnation, ttl, _, load) => store.renew(incarnation, ttl, 1e9, load) }),
    ],
    ['ends a job that is being stopped', (store) => ({ change: (id, moves) => store.change(id, { ...moves, running: ended }) })],
    ['lets a draining node claim', () => ({ steer: async () => [] })],
    ['keeps what a forgotten node held', () => ({ forget: async () => ({ kind: 'missing' }) })],
    ['ignores idempotency', (store) => ({ push: (jobs) => store.push(jobs.map((job) => ({ ...job, idempotency: null }))) })],
    ['ignores the lane', (store) => ({ push: (jobs) => store.push(jobs.map((job) => ({ ...job, manual: false }))) })],
    ['starts what is not due', (store) => ({ push: (jobs) => store.push(jobs.map((job) => ({ ...job, start: null }))) })],
  ];
  const ended = { kind: 'end', verb: 'cancel', to: 'canceled', result: noResult, reason: '' } as const;

  it.each(flaws)(
    'notices a store that %s',
    async (_, flawed) => {
      await expect(compareHistories(async () => openDrifting(flawed), 2_000, true)).rejects.toThrow('Property failed');
    },
    120_000,
  );
});
