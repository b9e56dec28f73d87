import { describe, expect, it } from 'vitest';
import { aboutText } from '../core/about.ts';
import type { Job } from '../core/job.ts';
import { createJob } from '../core/transitions.ts';
import { asked } from '../stores/conformance/subject.ts';
import { silent } from '../system/silent.ts';
import { makeHeld } from './held.ts';
import { makeTaskFencer } from './task-fencer.ts';

const [ttl, renewEvery] = [6_000, 1_500];

/** Attempts of a job, of a task, and of one that may do without the store for a minute; answers those that were told to end. */
function fencing() {
  const held = makeHeld();
  const told: string[] = [];
  const hold = (name: string, handOver: (() => void) | null, maxDetached: number | null): void => {
    const about = aboutText({ task: { pause: null, stalledAfter: null, maxDetached } });
    const job: Job = { ...createJob(asked({ name, about }), name, 0, 0), fence: '1' };
    held.add({ job, handOver, stop: (reason) => void told.push(`${name} ${reason}`), isRunning: () => !told.includes(`${name} lost`) });
  };
  hold('1', null, null);
  hold('2', () => undefined, null);
  hold('3', () => undefined, 60_000);
  let age = 0;
  const others = { areAway: true, said: false };
  const fencer = makeTaskFencer({
    ...{ held, log: silent, ttl, renewEvery, lease: { age: () => age } },
    others: {
      allAway: () => others.areAway,
      sayAway(isAway) {
        others.said = isAway;
      },
    },
  });
  return {
    told,
    fencer,
    others,
    async at(millis: number) {
      age = millis;
      await fencer.tick();
      return [...told];
    },
  };
}

describe('the fencer of tasks', () => {
  it('leaves all alone while the lease is renewed', async () => {
    expect(await fencing().at(4_499)).toEqual([]);
  });

  it('ends tasks before their lease may, but for those that may do without the store; jobs go on', async () => {
    const { at } = fencing();
    expect(await at(4_500)).toEqual(['2 lost']);
    expect(await at(59_999)).toEqual(['2 lost']);
    expect(await at(60_000)).toEqual(['2 lost', '3 lost']);
  });

  it('ends those too, a little later, when another node hears of the store', async () => {
    const { at, others } = fencing();
    others.areAway = false;
    expect(await at(5_399)).toEqual(['2 lost']);
    expect(await at(5_400)).toEqual(['2 lost', '3 lost']);
  });

  it('leaves them alone for a while when the store is back for another node, and ends them when it is not for this one', async () => {
    const { at, others } = fencing();
    expect(await at(30_000)).toEqual(['2 lost']);
    others.areAway = false;
    expect(await at(32_999)).toEqual(['2 lost']);
    expect(await at(33_000)).toEqual(['2 lost', '3 lost']);
  });

  it('tells the others that a renewal is missing, and that the store is back', async () => {
    const { at, others } = fencing();
    await at(2_250);
    expect(others.said).toBe(false);
    await at(2_251);
    expect(others.said).toBe(true);
    await at(10);
    expect(others.said).toBe(false);
  });

  it('says that nobody knows what is held once two renewals are missing', async () => {
    const { at, fencer } = fencing();
    await at(3_000);
    expect(fencer.isDetached()).toBe(false);
    await at(3_001);
    expect(fencer.isDetached()).toBe(true);
  });
});
