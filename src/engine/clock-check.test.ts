import { describe, expect, it } from 'vitest';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { makeClockCheck } from './clock-check.ts';

const hour = 3_600_000;
const start = 1_700_000_000_000;

/** A machine whose clocks do as they are told, and a store with a clock of its own. */
function stage({ shared }: { readonly shared: boolean }) {
  const here = { wall: start, monotonic: 0 };
  const there = { now: start, ahead: 0, sweepsIn: 0 };
  let trip = 0;
  const takes = (time: number): void => {
    trip = time;
  };
  const pass = (by: number): void => {
    here.wall += by;
    here.monotonic += by;
    there.now += by;
  };
  const store: Store = {
    ...altered(openMemory(), {
      upkeep: {
        async time() {
          pass(trip / 2);
          const answer = { ...there };
          pass(trip / 2);
          return answer;
        },
      },
    }),
    shared,
  };
  const told: unknown[] = [];
  const log = {
    ...silent,
    warn: (name: string, fields?: Readonly<Record<string, unknown>>) => void told.push([name, fields?.['seconds']]),
  };
  const clock = { now: () => here.wall, monotonic: () => here.monotonic, after: () => () => undefined, soon: () => undefined };
  const check = makeClockCheck({ store, clock, log });
  return { here, there, pass, told, check, takes };
}

describe('the check of the clocks', () => {
  it('tells a step of the store’s clock once, and says by how much', async () => {
    const { there, pass, told, check } = stage({ shared: false });
    await check.tick();
    for (const by of [hour, -hour]) {
      pass(2_000);
      there.now += by;
      await check.tick();
      await check.tick();
    }
    expect(told).toEqual([
      ['clock.stepped', 3_600],
      ['clock.stepped', -3_600],
    ]);
  });

  it('takes no slow answer and no long sleep of this process for a step', async () => {
    const { pass, told, check, takes } = stage({ shared: true });
    await check.tick();
    for (const trip of [20_000, 10, 30_000]) {
      takes(trip);
      pass(60_000);
      await check.tick();
    }
    expect(told).toEqual([]);
  });

  it('tells ids that are ahead of the clock, once until it has caught up, and the doctor how to mend it', async () => {
    const { there, told, check } = stage({ shared: false });
    there.ahead = 3 * 365 * 24 * hour;
    await check.tick();
    await check.tick();
    const [warning] = await check.warnings();
    expect(warning).toMatch(/1095 days behind the time in its newest ids .*timedatectl set-ntp true.*nothing is to be done/);
    there.ahead = 0;
    expect(await check.warnings()).toEqual([]);
    there.ahead = 90_000;
    await check.tick();
    expect(told).toEqual([
      ['clock.behind', 94_608_000],
      ['clock.behind', 90],
    ]);
  });

  it('tells that nothing is removed for its age after a leap, once, and the doctor for how long', async () => {
    const { there, told, check } = stage({ shared: false });
    there.sweepsIn = hour;
    await check.tick();
    await check.tick();
    expect(await check.warnings()).toEqual([
      expect.stringMatching(/nothing is removed for its age for 60 minutes more.*set it before that/),
    ]);
    there.sweepsIn = 0;
    expect(await check.warnings()).toEqual([]);
    expect(told).toEqual([['sweep.held', 3_600]]);
  });

  it('tells a store on another machine whose clock differs', async () => {
    const { there, told, check } = stage({ shared: true });
    there.now -= 2 * hour;
    await check.tick();
    expect(await check.warnings()).toEqual([expect.stringContaining("2 hours behind that of this node's machine")]);
    expect(told).toEqual([['clock.differs', -7_200]]);
  });

  it('gives the time of the store, also between two looks', async () => {
    const { here, there, pass, check } = stage({ shared: true });
    here.wall += hour;
    expect(check.now()).toBe(start + hour);
    await check.tick();
    pass(1_500);
    expect(check.now()).toBe(there.now);
  });
});
