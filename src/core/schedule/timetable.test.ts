import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextAfter, parseSchedule, type Schedule } from './schedule.ts';
import { newestTick, newestTicks, oldestTicks } from './ticks.ts';
import { dueOf, mostCounted, nextTick, roundAt, type Timetable, timetableOf, usualMissed } from './timetable.ts';

const at = (hour: number, minute = 0, second = 0): number => Date.UTC(2026, 5, 15, hour, minute, second);
const cron = (text: string, timeZone = 'UTC'): Schedule => parseSchedule('@cron', text, { now: 0, identity: '', timeZone });
const hourly = cron('@hourly');

const timetable = (changes: Partial<Timetable> = {}): Timetable => ({
  ...{ schedule: hourly, missed: usualMissed, pausedUntil: null, skips: 0, endsAt: null, jitter: 0, identity: 'a' },
  ...changes,
});

describe('ticks', () => {
  it('are given from either end', () => {
    expect(oldestTicks(hourly, at(1), at(9), 3)).toEqual([at(1), at(2), at(3)]);
    expect(newestTicks(hourly, at(1), at(9), 3)).toEqual([at(7), at(8), at(9)]);
    expect(newestTicks(hourly, at(8), at(9), 3)).toEqual([at(8), at(9)]);
    expect(newestTick(hourly, at(1), at(9, 59, 59))).toBe(at(9));
    expect(newestTick(hourly, at(9, 1), at(9, 59))).toBe(null);
  });

  it('are the same from either end, whatever the schedule', () => {
    const schedules = [
      '*/7 * * * * *',
      '0 */5 1-3 * * *',
      '0 30 2 * * *',
      '0 0 0 1 * *',
      '0 0 0 29 2 *',
      '59 59 23 31 12 *',
      '*/5 0 12 * * MON',
    ].map((text) => cron(text, 'Europe/Berlin'));
    const length = fc.constantFrom(10, 1_000, 100_000, 10_000_000, 400_000_000).chain((most) => fc.integer({ min: 0, max: most }));
    fc.assert(
      fc.property(fc.constantFrom(...schedules), fc.integer({ min: 0, max: 2e9 }), length, (schedule, start, seconds) => {
        const [from, until] = [start * 1_000, (start + seconds) * 1_000];
        const all = oldestTicks(schedule, from, until, 3_000);
        fc.pre(all.length < 3_000);
        expect(newestTicks(schedule, from, until, 20)).toEqual(all.slice(-20));
        expect(newestTick(schedule, from, until)).toBe(all.at(-1) ?? null);
      }),
      { numRuns: 300 },
    );
  });

  it('are found among millions of them', () => {
    const [from, until] = [at(0) - 365 * 86_400_000, at(0)];
    expect(newestTicks(cron('* * * * * *'), from, until, 2)).toEqual([until - 1_000, until]);
    expect(newestTick(parseSchedule('@every', '1s', { now: 0, identity: '' }), from, until)).toBe(until);
  });
});

describe('a timetable', () => {
  it('is completed by what is usual', () => {
    expect(timetableOf(hourly, {}, 'a')).toEqual(timetable());
    expect(timetableOf(hourly, { missed: { policy: 'all' }, skips: 3, endsAt: at(9) }, 'a')).toEqual(
      timetable({ missed: { policy: 'all', most: 100, lateness: null }, skips: 3, endsAt: at(9) }),
    );
  });

  it.each([
    [{ missed: { most: 0 } }, 'missed.most'],
    [{ missed: { most: 1_001 } }, 'missed.most'],
    [{ missed: { lateness: -1 } }, 'missed.lateness'],
    [{ skips: 1.5 }, 'skips'],
    [{ jitter: 86_400_001 }, 'jitter'],
    [{ pausedUntil: Number.NaN }, 'pausedUntil'],
    [{ endsAt: Number.POSITIVE_INFINITY }, 'endsAt'],
  ])('refuses %o', (asked, field) => {
    expect(() => timetableOf(hourly, asked, 'a')).toThrow(expect.objectContaining({ code: 'invalid_request', details: { field } }));
  });
});

describe('a round', () => {
  it('fires the tick that is due, and tells the next', () => {
    expect(roundAt(timetable(), at(8), at(8, 0, 1), 100)).toEqual({ fire: [at(8)], leftOut: [], next: at(9), due: at(9), skips: 0 });
  });

  it('last: fires the newest of those that were missed, once', () => {
    expect(roundAt(timetable(), at(2), at(8, 30), 100)).toEqual({
      fire: [at(8)],
      leftOut: [{ why: 'missed', first: at(2), last: at(7), count: 6 }],
      ...{ next: at(9), due: at(9), skips: 0 },
    });
  });

  it('skip: fires none that is late', () => {
    const skip = timetable({ missed: { ...usualMissed, policy: 'skip' } });
    expect(roundAt(skip, at(2), at(8, 0, 59), 100).fire).toEqual([at(8)]);
    expect(roundAt(skip, at(2), at(8, 1, 1), 100)).toEqual({
      fire: [],
      leftOut: [{ why: 'late', first: at(2), last: at(8), count: 7 }],
      ...{ next: at(9), due: at(9), skips: 0 },
    });
    expect(roundAt(timetable({ missed: { policy: 'skip', most: 1, lateness: 3_600_000 } }), at(2), at(8, 30), 100).fire).toEqual([at(8)]);
  });

  it('last: fires none that is later than it may be', () => {
    const last = timetable({ missed: { ...usualMissed, lateness: 600_000 } });
    expect(roundAt(last, at(8), at(8, 10), 100).fire).toEqual([at(8)]);
    expect(roundAt(last, at(8), at(8, 10, 1), 100)).toMatchObject({ fire: [], leftOut: [{ why: 'late', count: 1 }], next: at(9) });
  });

  it('all: fires each, a slice in each round', () => {
    const all = timetable({ missed: { policy: 'all', most: 100, lateness: null } });
    const first = roundAt(all, at(2), at(8, 30), 3);
    expect(first).toEqual({ fire: [at(2), at(3), at(4)], leftOut: [], next: at(5), due: at(5), skips: 0 });
    const second = roundAt(all, first.next ?? 0, at(8, 31), 3);
    expect(second).toMatchObject({ fire: [at(5), at(6), at(7)], next: at(8) });
    expect(roundAt(all, second.next ?? 0, at(8, 32), 3)).toMatchObject({ fire: [at(8)], next: at(9) });
  });

  it('all: fires at most so many, the newest, and none that is too late', () => {
    const most = timetable({ missed: { policy: 'all', most: 3, lateness: null } });
    expect(roundAt(most, at(2), at(8, 30), 2)).toMatchObject({
      fire: [at(6), at(7)],
      leftOut: [{ why: 'missed', first: at(2), last: at(5), count: 4 }],
      next: at(8),
    });
    const late = timetable({ missed: { policy: 'all', most: 3, lateness: 5_400_000 } });
    expect(roundAt(late, at(2), at(8, 30), 9)).toMatchObject({ fire: [at(7), at(8)], leftOut: [{ why: 'late', last: at(6), count: 5 }] });
  });

  it('counts no more than it must of what it leaves out', () => {
    const seconds = timetable({ schedule: cron('* * * * * *') });
    expect(roundAt(seconds, at(2), at(8), 100).leftOut).toEqual([{ why: 'missed', first: at(2), last: at(8) - 1_000, count: mostCounted }]);
  });

  it('fires none in a pause, and misses none in it', () => {
    const paused = timetable({ pausedUntil: at(6), missed: { policy: 'all', most: 100, lateness: null } });
    expect(roundAt(paused, at(2), at(2, 0, 1), 100)).toMatchObject({ fire: [], leftOut: [{ why: 'paused', count: 1 }], next: at(6) });
    expect(roundAt(paused, at(2), at(8, 30), 100)).toMatchObject({
      fire: [at(6), at(7), at(8)],
      leftOut: [{ why: 'paused', first: at(2), last: at(5), count: 4 }],
    });
    expect(nextTick(paused, at(2))).toBe(at(6));
  });

  it('skips as many as it was told', () => {
    const skips = timetable({ skips: 2 });
    const first = roundAt(skips, at(2), at(2, 0, 1), 100);
    expect(first).toMatchObject({ fire: [], leftOut: [{ why: 'skipped', first: at(2), last: at(2), count: 1 }], next: at(3), skips: 1 });
    expect(roundAt({ ...skips, skips: 1 }, at(3), at(5, 30), 100)).toMatchObject({
      fire: [at(5)],
      leftOut: [{ why: 'skipped' }, { why: 'missed', count: 1 }],
      skips: 0,
    });
  });

  it('ends', () => {
    const ending = timetable({ endsAt: at(8) });
    expect(roundAt(ending, at(7), at(7, 0, 1), 100)).toMatchObject({ fire: [at(7)], next: at(8) });
    expect(roundAt(ending, at(8), at(8, 0, 1), 100)).toMatchObject({ fire: [at(8)], next: null, due: null });
    expect(roundAt(ending, at(7), at(12), 100)).toMatchObject({ fire: [at(8)], next: null });
    expect(roundAt(timetable({ endsAt: at(1) }), at(2), at(3), 100)).toMatchObject({ fire: [], next: null });
  });

  it('fires a moment once, however late', () => {
    const moment = timetable({ schedule: parseSchedule('@at', '2020-01-01T00:00:00Z', { now: 0, identity: '' }) });
    expect(roundAt(moment, Date.UTC(2020, 0, 1), at(8), 100)).toMatchObject({ fire: [Date.UTC(2020, 0, 1)], next: null });
  });

  it('with jitter is due a little later, always the same, and before the next tick', () => {
    const jittered = timetable({ jitter: 7_200_000 });
    const dues = Array.from({ length: 48 }, (_, hour) => dueOf(jittered, at(hour)));
    expect(dues.every((due, hour) => due >= at(hour) && due < at(hour + 1))).toBe(true);
    expect(new Set(dues.map((due) => due % 3_600_000)).size).toBeGreaterThan(40);
    expect(dueOf({ ...jittered, identity: 'b' }, at(8))).not.toBe(dueOf(jittered, at(8)));
    expect(roundAt(jittered, at(8), dueOf(jittered, at(8)), 100)).toMatchObject({
      fire: [at(8)],
      next: at(9),
      due: dueOf(jittered, at(9)),
    });
    expect(roundAt(jittered, at(7), dueOf(jittered, at(8)) - 1, 100)).toMatchObject({ fire: [at(7)], next: at(8) });
    expect(dueOf(timetable({ jitter: 60_000, schedule: parseSchedule('@in', '1s', { now: 0, identity: '' }) }), 1_000)).toBeLessThan(
      61_000,
    );
  });

  it('all: one after the other they fire each tick once, whenever they come', () => {
    const schedules = fc.constantFrom(
      cron('*/20 * * * * *'),
      hourly,
      cron('0 30 2 * * *', 'America/New_York'),
      cron('0 */15 0-3 * * *', 'Europe/Berlin'),
    );
    const waits = fc.array(fc.integer({ min: 0, max: 200_000_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(schedules, waits, fc.integer({ min: 1, max: 50 }), fc.constantFrom(0, 10_000), (schedule, late, slice, jitter) => {
        const whole = timetable({ schedule, jitter, missed: { policy: 'all', most: Number.MAX_SAFE_INTEGER, lateness: null } });
        let tick = nextAfter(schedule, Date.UTC(2026, 2, 1)) ?? 0;
        const [first, fired] = [tick, [] as number[]];
        for (const wait of late) {
          const round = roundAt(whole, tick, dueOf(whole, tick) + wait, slice);
          fired.push(...round.fire);
          expect(round.leftOut).toEqual([]);
          expect(round.next !== null && round.next > tick && (round.due ?? 0) >= round.next).toBe(true);
          tick = round.next ?? 0;
        }
        expect(fired).toEqual(oldestTicks(schedule, first, tick - 1, Number.MAX_SAFE_INTEGER));
      }),
      { numRuns: 100 },
    );
  });
});
