import { expect, it } from 'vitest';
import { restartKeeping } from '../../core/transitions.ts';
import type { Clock } from '../../ports/clock.ts';
import { asked, kept, only } from '../../stores/conformance/subject.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { systemClock } from '../../system/clock.ts';
import { makeWaiters } from '../waiters.ts';
import { makeWait } from './wait.ts';

/** Delays pass at once; of the time that they would have taken, this one knows. */
function hurrying(): Clock {
  let passed = 0;
  return {
    now: systemClock.now,
    monotonic: () => passed,
    soon: () => undefined,
    after(delay, call) {
      const next = setImmediate(() => {
        passed += delay;
        call();
      });
      return () => clearImmediate(next);
    },
  };
}

it('a job is read once however long it is waited for', async () => {
  const store = openMemory();
  const { id } = only(kept(await store.jobs.push([asked({ payload: '"large"' })])));
  let reads = 0;
  const counting = {
    ...store.jobs,
    get: (asked: string) => {
      reads += 1;
      return store.jobs.get(asked);
    },
  };
  const wait = makeWait({ store: { jobs: counting }, waiters: makeWaiters(), clock: hurrying() });
  expect(await wait(id, 60_000)).toMatchObject({ state: 'queued', payload: '"large"' });
  expect(reads).toBe(1);
  await store.jobs.change(id, { queued: { kind: 'end', verb: 'cancel', to: 'canceled', result: null, reason: '' } });
  expect(await wait(id, 60_000)).toMatchObject({ state: 'canceled' });
  expect(reads).toBe(2);
});

it('a job that is gone, or whose end nobody told of, is found at the next look', async () => {
  const store = openMemory();
  const jobs = kept(await store.jobs.push([asked(), asked()]));
  const wait = makeWait({ store, waiters: makeWaiters(), clock: hurrying() });
  const [ends, goes] = jobs.map(({ id }) => wait(id, 600_000));
  await store.jobs.change(jobs[0]?.id ?? '', { queued: { kind: 'end', verb: 'cancel', to: 'canceled', result: null, reason: '' } });
  await store.jobs.remove(jobs[1]?.id ?? '', ['queued']);
  expect(await ends).toMatchObject({ state: 'canceled' });
  expect(await goes).toBeNull();
});

it('ends when its signal is aborted, also between two looks', async () => {
  const store = openMemory();
  const { id } = only(kept(await store.jobs.push([asked()])));
  const aborting = new AbortController();
  const jobs = {
    ...store.jobs,
    list: (query: Parameters<typeof store.jobs.list>[0]) => {
      aborting.abort();
      return store.jobs.list(query);
    },
  };
  const clock = hurrying();
  const wait = makeWait({ store: { jobs }, waiters: makeWaiters(), clock });
  expect(await wait(id, 600_000, aborting.signal)).toMatchObject({ state: 'queued' });
  expect(clock.monotonic()).toBeLessThan(600_000);
});

it('waits before it reads the job, and waits on for one that was restarted meanwhile', async () => {
  const store = openMemory();
  const { id } = only(kept(await store.jobs.push([asked()])));
  const cancel = () =>
    store.jobs.change(id, { queued: { kind: 'end', verb: 'cancel', to: 'canceled', result: null, reason: '' } }).then(() => undefined);
  await cancel();
  const wait = makeWait({ store, waiters: makeWaiters(), clock: hurrying() });
  let [taken, given] = [0, 0];
  const restarted = await wait(id, 60_000, undefined, async () => {
    taken += 1;
    await store.jobs.change(id, restartKeeping(0));
    return () => {
      given += 1;
    };
  });
  // The turn of its answer is the one that it keeps.
  expect([restarted?.state, taken, given]).toEqual(['queued', 2, 1]);
  await cancel();
  const takeAndKeep = async (): Promise<() => void> => {
    await cancel();
    return () => expect.fail('the turn was given away');
  };
  expect(await wait(id, 60_000, undefined, takeAndKeep)).toMatchObject({ state: 'canceled' });
});
