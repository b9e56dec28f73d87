import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreTime } from './store-time.ts';

const hour = 3_600_000;
const start = 1_700_000_000_000;
const nothing = { now: 0, ahead: 0, micros: 0 };

/** Clocks that pass and step as they are told. */
function clocks(at = start) {
  let readings = { wall: at, monotonic: 5 };
  return {
    read: () => readings,
    pass(by: number) {
      readings = { wall: readings.wall + by, monotonic: readings.monotonic + by };
    },
    step(by: number) {
      readings = { ...readings, wall: readings.wall + by };
    },
  };
}

describe('the time of a store', () => {
  it('is one as long as the wall clock does not step', () => {
    const clock = clocks();
    const time = new StoreTime(clock.read(), nothing);
    clock.pass(1_500.75);
    clock.step(-40);
    expect(time.tick(clock.read())).toBe(0);
    expect([time.now, time.steady, time.ahead, time.micros]).toEqual([start + 1_500, start + 1_500, 0, (start + 1_500.75) * 1_000]);
  });

  it.each([hour, -hour])('shows what the wall clock shows after a step of %i, and intervals go on', (by) => {
    const clock = clocks();
    const time = new StoreTime(clock.read(), nothing);
    clock.pass(1_000);
    clock.step(by);
    expect(time.tick(clock.read())).toBe(by);
    expect([time.now, time.steady, time.ahead]).toEqual([start + 1_000 + by, start + 1_000, -by]);
    clock.pass(1_000);
    expect(time.tick(clock.read())).toBe(0);
    expect([time.now, time.steady]).toEqual([start + 2_000 + by, start + 2_000]);
  });

  it('takes a clock that is behind what was kept as one that has stepped back, and one ahead as time that has passed', () => {
    const clock = clocks();
    const behind = new StoreTime(clock.read(), { now: start + hour, ahead: 7, micros: (start + hour) * 1_000 });
    expect([behind.now, behind.steady, behind.orderAhead]).toEqual([start, start + hour + 7, hour]);
    const later = new StoreTime(clock.read(), { now: start - hour, ahead: 7, micros: 0 });
    expect([later.now, later.steady, later.orderAhead]).toEqual([start, start + 7, 0]);
  });

  it('is not believed for an hour after a leap of more than a day, unless it goes back', () => {
    const clock = clocks();
    const time = new StoreTime(clock.read(), { now: start - 30 * hour, ahead: 0, micros: 0 });
    const believed = (step: number, pass: number): boolean => {
      clock.step(step);
      time.tick(clock.read());
      clock.pass(pass);
      time.tick(clock.read());
      return time.isBelieved;
    };
    expect(believed(0, hour - 1)).toBe(false);
    expect(believed(0, 1)).toBe(true);
    expect(believed(23 * hour, 0)).toBe(true);
    expect(believed(9_000 * hour, hour / 2)).toBe(false);
    expect(believed(-9_000 * hour, 0)).toBe(true);
    expect(new StoreTime(clock.read(), nothing).isBelieved).toBe(true);
  });

  it('never goes back in what orders and in intervals, and is within a tenth of a second of the wall clock', () => {
    const change = fc.record({ pass: fc.integer({ min: 0, max: 10_000 }), step: fc.integer({ min: -hour, max: hour }) });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const clock = clocks();
        const time = new StoreTime(clock.read(), nothing);
        let before = { micros: time.micros, steady: time.steady };
        for (const { pass, step } of changes) {
          clock.pass(pass);
          clock.step(step);
          time.tick(clock.read());
          expect(Math.abs(time.now - clock.read().wall)).toBeLessThanOrEqual(101);
          expect(time.micros).toBeGreaterThan(before.micros);
          expect(time.steady - before.steady).toBe(pass);
          expect(time.steady - time.ahead).toBe(time.now);
          before = { micros: time.micros, steady: time.steady };
        }
      }),
    );
  });
});
