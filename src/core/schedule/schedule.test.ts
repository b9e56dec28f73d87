import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestDuration } from '../duration.ts';
import { HatstandError } from '../errors.ts';
import { firstTick, mostCharacters, nextAfter, parseSchedule, readSchedule, type Schedule, timeTriggerTypes } from './schedule.ts';

const now = Date.UTC(2026, 5, 15, 12, 0, 0, 250);
const second = Math.ceil(now / 1_000) * 1_000;
const made = (type: string, text: string, timeZone?: string): Schedule =>
  parseSchedule(type, text, { now, identity: 'tenant/a', timeZone });

const fault = (type: string, text: string, timeZone?: string): unknown => {
  try {
    return made(type, text, timeZone);
  } catch (error) {
    if (!(error instanceof HatstandError)) throw error;
    return [error.code, error.details, error.message];
  }
};

describe('@at and @in', () => {
  it.each([
    ['@at', '2026-06-15T12:00:01Z', Date.UTC(2026, 5, 15, 12, 0, 1)],
    ['@at', '2026-06-15T14:00:00+02:00', Date.UTC(2026, 5, 15, 12)],
    ['@at', ' 2026-06-15T12:00:00.001Z ', Date.UTC(2026, 5, 15, 12, 0, 1)],
    ['@at', '2001-01-01T00:00:00Z', Date.UTC(2001, 0, 1)],
    ['@at', '9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['@in', '10m', second + 600_000],
    ['@in', '1h30m', second + 5_400_000],
    ['@in', '1.5h', second + 5_400_000],
    ['@in', '1d', second + 86_400_000],
    ['@in', '+2s', second + 2_000],
    ['@in', '0', second],
    ['@in', '500ms', second],
    ['@in', '800ms', second + 1_000],
    ['@in', '300µs', second],
  ])('%s %s is one moment, never before what was said', (type, text, at) => {
    expect(made(type, text)).toEqual({ kind: 'once', at });
  });

  it('fires at its moment, once', () => {
    const schedule = made('@in', '2s');
    expect(nextAfter(schedule, now)).toBe(second + 2_000);
    expect(nextAfter(schedule, second + 1_999)).toBe(second + 2_000);
    expect(nextAfter(schedule, second + 2_000)).toBe(null);
  });

  it('is due for the first time at its moment also when that is past', () => {
    const schedule = made('@at', '2001-01-01T00:00:00Z');
    expect(nextAfter(schedule, now)).toBe(null);
    expect(firstTick(schedule, now)).toBe(Date.UTC(2001, 0, 1));
    expect(firstTick(made('@every', '1m'), now)).toBe(second + 60_000);
  });

  it.each([
    ['@at', 'garbage', 0],
    ['@at', '', 0],
    ['@at', '2026-02-30T00:00:00Z', 0],
    ['@at', '  2026-13-01T00:00:00Z', 2],
    ['@in', 'garbage', 0],
    ['@in', '', 0],
    ['@in', '-5s', 0],
    ['@in', '10', 0],
    ['@in', '1h30', 2],
    ['@in', '1h 30m', 2],
    ['@in', '99999d', 0],
    ['@in', `${longestDuration + 1_000}ms`, 0],
  ])('%s refuses %j at %i', (type, text, position) => {
    expect(fault(type, text)).toEqual(['malformed_trigger', { field: 'arguments', position }, expect.any(String)]);
  });

  it('refuses a time without an offset where another zone is given, since it would be read as UTC', () => {
    expect(fault('@at', '2026-06-15T12:00:00', 'Europe/Berlin')).toEqual([
      'malformed_trigger',
      expect.anything(),
      expect.stringContaining('offset'),
    ]);
    expect(made('@at', '2026-06-15T12:00:00+02:00', 'Europe/Berlin')).toEqual({ kind: 'once', at: Date.UTC(2026, 5, 15, 10) });
    expect(made('@at', '2026-06-15T12:00:00', 'UTC')).toEqual({ kind: 'once', at: Date.UTC(2026, 5, 15, 12) });
  });
});

describe('@every', () => {
  it('fires at whole intervals from when it was made', () => {
    const schedule = made('@every', '90s');
    expect(schedule).toEqual({ kind: 'interval', every: 90_000, from: second });
    expect(nextAfter(schedule, 0)).toBe(second + 90_000);
    expect(nextAfter(schedule, second + 90_000)).toBe(second + 180_000);
    expect(nextAfter(schedule, second + 90_000 * 1_000_000 - 1)).toBe(second + 90_000 * 1_000_000);
    expect(made('@cron', '@every 90s')).toEqual(schedule);
    expect(made('@cron', 'TZ=Europe/Berlin @every 90s')).toEqual(schedule);
  });

  it.each(['', '1', '0s', '999ms', '1500ms', '1.5s', '-1m', '1m1ms', 'x', '4000d'])('refuses %j', (text) => {
    expect(fault('@every', text)).toEqual(['malformed_trigger', expect.anything(), expect.any(String)]);
  });

  it('takes fractions that come to whole seconds', () => {
    expect(made('@every', '0.5m')).toMatchObject({ every: 30_000 });
    expect(made('@every', '1.1s0.9s')).toMatchObject({ every: 2_000 });
    expect(made('@every', '1000ms')).toMatchObject({ every: 1_000 });
  });
});

describe('@cron and the periods', () => {
  it('keeps the expression, its zone, and what it does at changes of the clocks', () => {
    expect(made('@cron', '30 2 * * *')).toEqual({ kind: 'cron', cron: '0 30 2 * * *', timeZone: 'UTC', gap: 'once', fold: 'first' });
    expect(made('@cron', '*/5 * * * *', 'Europe/Berlin')).toEqual({
      ...{ kind: 'cron', cron: '0 */5 * * * *', timeZone: 'Europe/Berlin', gap: 'skip', fold: 'both' },
    });
    expect(made('@cron', 'TZ=Europe/Berlin @daily', 'Europe/Berlin')).toMatchObject({ timeZone: 'Europe/Berlin' });
    const chosen = parseSchedule('@cron', '30 2 * * *', { now, identity: '', daylight: { fold: 'last' } });
    expect(chosen).toMatchObject({ gap: 'once', fold: 'last' });
  });

  it('keeps the slot of a period as an expression', () => {
    expect(made('@weekly', 'on mon before 1am', 'Europe/Berlin')).toMatchObject({
      ...{ kind: 'cron', cron: expect.stringMatching(/^\d+ \d+ 0 \* \* 1$/), timeZone: 'Europe/Berlin', gap: 'once', fold: 'first' },
    });
    expect(made('@hourly', '')).toMatchObject({ cron: expect.stringMatching(/^\d+ \d+ \* \* \* \*$/), gap: 'skip', fold: 'both' });
  });

  it('fires every third second', () => {
    const schedule = made('@cron', '*/3 * * * * *');
    const ticks = Array.from({ length: 15 }, (_, at) => nextAfter(schedule, second + (at + 3) * 1_000));
    expect(new Set(ticks).size).toBe(6);
  });

  it('refuses two zones, a zone that nobody knows, and a text that is too long', () => {
    expect(fault('@cron', 'TZ=Asia/Tokyo @daily', 'Europe/Berlin')).toEqual([
      'malformed_trigger',
      expect.anything(),
      expect.stringContaining('Asia/Tokyo'),
    ]);
    expect(fault('@cron', '@daily', 'Europe/Berln')).toEqual([
      'malformed_trigger',
      { field: 'timeZone' },
      expect.stringContaining('did you mean Europe/Berlin?'),
    ]);
    expect(fault('@daily', '', 'x'.repeat(100_000))).toEqual(['malformed_trigger', { field: 'timeZone' }, expect.any(String)]);
    expect(fault('@cron', '0'.repeat(mostCharacters + 1))).toEqual(['malformed_trigger', expect.anything(), expect.any(String)]);
  });

  it('refuses types that are none', () => {
    expect(fault('@dayly', '')).toEqual(['unknown_trigger', { field: 'type' }, expect.stringContaining('did you mean @daily?')]);
    expect(fault('@event', 'x')).toEqual(['unknown_trigger', { field: 'type' }, expect.any(String)]);
  });
});

/** Schedules of all kinds. */
const zone = fc.constantFrom(
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'Asia/Kathmandu',
);
const field = (least: number, most: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    fc.integer({ min: least, max: most }).map(String),
    fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: 1, max: most })).map(([first, step]) => `${first}/${step}`),
  );
const cron = fc.tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)).map((fields) => fields.join(' '));
const schedules = fc.oneof(
  fc.tuple(cron, zone).map(([text, timeZone]) => made('@cron', text, timeZone)),
  fc.integer({ min: 1, max: 1e6 }).map((length) => made('@every', `${length}s`)),
  fc.integer({ min: 0, max: 1e8 }).map((length) => made('@in', `${length}ms`)),
  fc.tuple(fc.constantFrom('@hourly', '@daily', '@weekly', '@monthly'), zone).map(([type, timeZone]) => made(type, '', timeZone)),
);
const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });

describe('every schedule', () => {
  it('goes through JSON unchanged', () => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        expect(readSchedule(JSON.parse(JSON.stringify(schedule)))).toEqual(schedule);
      }),
    );
  });

  it('fires at whole seconds strictly later, and at none between', () => {
    fc.assert(
      fc.property(schedules, moment, fc.double({ min: 0, max: 1, noNaN: true }), (schedule, after, share) => {
        const next = nextAfter(schedule, after);
        expect(next === null ? schedule.kind === 'once' : next % 1_000 === 0 && next > after).toBe(true);
        if (next !== null) expect(nextAfter(schedule, after + Math.floor(share * (next - 1 - after)))).toBe(next);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -1,
    Date.UTC(9999, 11, 31, 23, 59, 59),
    Number.MAX_SAFE_INTEGER,
  ])('answers also after %d', (instant) => {
    for (const schedule of [made('@cron', '* * * * * *', 'Europe/Berlin'), made('@every', '1s'), made('@in', '1s')]) {
      const next = nextAfter(schedule, instant);
      expect(next === null || next > instant).toBe(true);
    }
  });

  it('is read or refused whatever its arguments are', () => {
    const type = fc.oneof(fc.constantFrom(...timeTriggerTypes), fc.string());
    fc.assert(
      fc.property(type, fc.string({ unit: 'binary' }), fc.option(fc.string(), { nil: undefined }), (any, text, timeZone) => {
        const answer = fault(any, text, timeZone);
        expect(Array.isArray(answer) || readSchedule(answer)).toBeTruthy();
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    null,
    [],
    'x',
    {},
    { kind: 'once', at: 1.5 },
    { kind: 'once', at: -1_000 },
    { kind: 'interval', every: 0, from: 0 },
    { kind: 'interval', every: 1_500, from: 0 },
    { kind: 'cron', cron: '* * * * *', timeZone: 'UTC', gap: 'skip', fold: 'both' },
    { kind: 'cron', cron: 'TZ=UTC * * * * * *', timeZone: 'UTC', gap: 'skip', fold: 'both' },
    { kind: 'cron', cron: '0 0 0 30 2 *', timeZone: 'UTC', gap: 'skip', fold: 'both' },
    { kind: 'cron', cron: '* * * * * *', timeZone: 'x', gap: 'skip', fold: 'both' },
    { kind: 'cron', cron: '* * * * * *', timeZone: 'UTC', gap: 'both', fold: 'both' },
    { kind: 'cron', cron: '* * * * * *', timeZone: 'UTC', gap: 'skip' },
  ])('is not read from %j', (kept) => {
    expect(() => readSchedule(kept)).toThrow(expect.objectContaining({ code: 'malformed_trigger' }));
  });
});
