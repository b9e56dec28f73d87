import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KeptTime, noTime, StoreTime } from './store-time.ts';

const hour = 3_600_000;
const start = 1_700_000_000_000;

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

/** What a store keeps in a transaction. */
const keptBy = ({ now, ahead, micros, leaptAt }: StoreTime): KeptTime => ({ now, ahead, micros, leaptAt });

describe('the time of a store', () => {
  it('is one as long as the wall clock does not step', () => {
    const clock = clocks();
    const time = new StoreTime(clock.read(), noTime);
    clock.pass(1_500.75);
    clock.step(-40);
    expect(time.tick(clock.read())).toBe(0);
    expect([time.now, time.steady, time.ahead, time.micros]).toEqual([start + 1_500, start + 1_500, 0, (start + 1_500.75) * 1_000]);
  });

  it.each([hour, -hour])('shows what the wall clock shows after a step of %i, and intervals go on', (by) => {
    const clock = clocks();
    const time = new StoreTime(clock.read(), noTime);
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
    const behind = new StoreTime(clock.read(), { ...noTime, now: start + hour, ahead: 7, micros: (start + hour) * 1_000 });
    expect([behind.now, behind.steady, behind.orderAhead]).toEqual([start, start + hour + 7, hour]);
    const later = new StoreTime(clock.read(), { ...noTime, now: start - hour, ahead: 7 });
    expect([later.now, later.steady, later.orderAhead]).toEqual([start, start + 7, 0]);
  });

  it('is not believed for an hour after a leap of more than a day, unless it goes back', () => {
    const clock = clocks();
    const time = new StoreTime(clock.read(), { ...noTime, now: start - 30 * hour });
    const believed = (step: number, pass: number): boolean => {
      clock.step(step);
      time.tick(clock.read());
      clock.pass(pass);
      time.tick(clock.read());
      return time.believedIn === 0;
    };
    expect(believed(0, hour - 1)).toBe(false);
    expect(believed(0, 1)).toBe(true);
    expect(believed(23 * hour, 0)).toBe(true);
    expect(believed(9_000 * hour, hour / 2)).toBe(false);
    expect(believed(-9_000 * hour, 0)).toBe(true);
    expect(new StoreTime(clock.read(), noTime).believedIn).toBe(0);
  });

  it('never goes back in what orders and in intervals, and is within a tenth of a second of the wall clock', () => {
    const change = fc.record({ pass: fc.integer({ min: 0, max: 10_000 }), step: fc.integer({ min: -hour, max: hour }) });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const clock = clocks();
        const time = new StoreTime(clock.read(), noTime);
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

  it('counts a step once, whenever it is kept and however often the store is opened', () => {
    const life = fc.record({
      step: fc.constantFrom(0, -2 * hour, -30 * hour, 2 * hour),
      stepClosed: fc.constantFrom(0, -hour, -30 * hour),
      isKept: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(life, { maxLength: 8 }), (lives) => {
        const clock = clocks();
        let kept = keptBy(new StoreTime(clock.read(), noTime));
        for (const { step, stepClosed, isKept } of lives) {
          clock.step(stepClosed);
          const time = new StoreTime(clock.read(), kept);
          const before = time.steady;
          // A step forward that was not kept is time that has passed.
          if (isKept) expect(before).toBe(kept.now + kept.ahead);
          if (isKept) kept = keptBy(time);
          clock.step(isKept ? step : Math.min(0, step));
          time.tick(clock.read());
          expect(time.steady).toBe(before);
          if (isKept) kept = keptBy(time);
        }
        expect(kept.now + kept.ahead).toBe(start);
      }),
    );
  });

  it('is not believed for an hour after a leap, however often the store is opened, unless it goes back', () => {
    const clock = clocks();
    let kept = keptBy(new StoreTime(clock.read(), noTime));
    const open = (): boolean => {
      const time = new StoreTime(clock.read(), kept);
      kept = keptBy(time);
      return time.believedIn === 0;
    };
    clock.step(1_000 * hour);
    expect(open()).toBe(false);
    clock.pass(hour / 2);
    expect(open()).toBe(false);
    clock.pass(hour / 2 - 1);
    expect(open()).toBe(false);
    clock.pass(1);
    expect(open()).toBe(true);
    clock.step(30 * hour);
    expect([open(), open()]).toEqual([false, false]);
    clock.step(-30 * hour);
    expect([open(), open()]).toEqual([true, true]);
  });
});
