import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HatstandError } from '../errors.ts';
import { type Period, parsePhrase, periods } from './phrase.ts';
import { nextAfter, parseSchedule } from './schedule.ts';
import { hashOf, slotOf } from './slot.ts';

const days = Array.from({ length: 28 }, (_, at) => at + 1);
const week = [0, 1, 2, 3, 4, 5, 6];
const all = { days, weekdays: week, from: 0, until: 24 };

describe('a phrase', () => {
  it.each([
    ['@weekly', '', all],
    ['@monthly', '', all],
    ['@daily', '   ', all],
    ['@monthly', 'on the 1', { ...all, days: [1] }],
    ['@monthly', 'on the 1,16', { ...all, days: [1, 16] }],
    ['@monthly', 'on the 1-3,5-7,9-11', { ...all, days: [1, 2, 3, 5, 6, 7, 9, 10, 11] }],
    ['@monthly', 'on the 29-31', { ...all, days: [29, 30, 31] }],
    ['@monthly', 'on the 1-3,2', { ...all, days: [1, 2, 3] }],
    ['@weekly', 'on monday', { ...all, weekdays: [1] }],
    ['@weekly', 'on mon,wed,fri', { ...all, weekdays: [1, 3, 5] }],
    ['@weekly', 'on wed-fri', { ...all, weekdays: [3, 4, 5] }],
    ['@weekly', 'on fri-mon', { ...all, weekdays: [5, 6, 0, 1] }],
    ['@weekly', 'on weekday', { ...all, weekdays: [1, 2, 3, 4, 5] }],
    ['@weekly', 'on weekend', { ...all, weekdays: [0, 6] }],
    ['@weekly', 'on weekday,saturday', { ...all, weekdays: [1, 2, 3, 4, 5, 6] }],
    ['@daily', 'before 5am', { ...all, until: 5 }],
    ['@daily', 'after 10pm', { ...all, from: 22 }],
    ['@daily', 'between 8am and 6pm', { ...all, from: 8, until: 18 }],
    ['@daily', 'between 12am and 12pm', { ...all, until: 12 }],
    ['@daily', 'after 12pm before 12am', { ...all, from: 12 }],
    ['@weekly', 'on monday before 9am', { ...all, weekdays: [1], until: 9 }],
    ['@weekly', 'before 9am  on  monday', { ...all, weekdays: [1], until: 9 }],
    ['@weekly', 'on monday on tue before 9am before 8am', { ...all, weekdays: [2], until: 8 }],
    ['@hourly', 'between 8am and 6pm', { ...all, from: 8, until: 18 }],
  ] as const)('%s %j', (period, text, phrase) => {
    expect(parsePhrase(period, text)).toEqual(phrase);
  });

  it.each([
    ['@daily', 'on monday', 0],
    ['@daily', 'on the 1-5', 0],
    ['@hourly', 'on monday', 0],
    ['@weekly', 'xyz', 0],
    ['@weekly', 'on', 2],
    ['@weekly', 'on xyz', 3],
    ['@weekly', 'on mon,', 7],
    ['@weekly', 'on mon-', 7],
    ['@weekly', 'on -mon', 3],
    ['@weekly', 'on mon-weekend', 7],
    ['@weekly', 'on mon-mon', 3],
    ['@weekly', 'on Monday', 3],
    ['@weekly', 'on the monday', 3],
    ['@weekly', 'on the 1-15', 3],
    ['@weekly', 'on monday,', 10],
    ['@daily', 'after', 5],
    ['@daily', 'after xyz', 6],
    ['@daily', 'before', 6],
    ['@daily', 'before xyz', 7],
    ['@daily', 'before 13pm', 7],
    ['@daily', 'before 0am', 7],
    ['@daily', 'before 5', 7],
    ['@daily', 'between 8am and 8am', 12],
    ['@weekly', 'between 9pm and 3am', 12],
    ['@monthly', 'on the', 6],
    ['@monthly', 'on the xyz', 7],
    ['@monthly', 'on 1-', 3],
    ['@monthly', 'on 1-5', 3],
    ['@monthly', 'on monday', 3],
    ['@monthly', 'on the 5-1', 7],
    ['@monthly', 'on the 5-5', 7],
    ['@monthly', 'on the 0', 7],
    ['@monthly', 'on the 1,32', 9],
    ['@monthly', 'on the constructor', 7],
    ['@weekly', 'on constructor', 3],
  ] as const)('%s refuses %j at %i', (period, text, position) => {
    expect(() => parsePhrase(period, text)).toThrow(
      expect.objectContaining({
        code: 'malformed_trigger',
        message: expect.stringMatching(/[^?.][.?]$/),
        details: { field: 'arguments', position },
      }),
    );
  });

  it('is read or refused whatever it is', () => {
    const words = fc.constantFrom(
      'on',
      'the',
      'before',
      'after',
      'between',
      'and',
      '8am',
      '12pm',
      '1-5',
      '1,2',
      'mon',
      'fri-mon',
      'weekday',
      ',',
      '-',
      'x',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...periods), text, (period, any) => {
        try {
          const { from, until, days: some, weekdays } = parsePhrase(period, any);
          expect(from < until && some.length > 0 && weekdays.length > 0).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(HatstandError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a slot', () => {
  const slot = (period: Period, text: string, identity = 'tenant/report'): readonly string[] =>
    slotOf(period, parsePhrase(period, text), identity).split(' ');
  const identities = Array.from({ length: 2_000 }, (_, at) => `tenant/trigger-${at}`);

  it('lies within the hours and days of its phrase', () => {
    for (const identity of identities) {
      const [second, minute, hour, day, month, weekday] = slot('@monthly', 'on the 3-7 between 8am and 4pm', identity);
      expect(Number(second) < 60 && Number(minute) < 60).toBe(true);
      expect(Number(hour) >= 8 && Number(hour) < 16).toBe(true);
      expect(Number(day) >= 3 && Number(day) <= 7).toBe(true);
      expect([month, weekday]).toEqual(['*', '*']);
      const [, , early, , , working] = slot('@weekly', 'on weekday before 5am', identity);
      expect(Number(early) < 5 && Number(working) >= 1 && Number(working) <= 5).toBe(true);
      const [, , late, ...rest] = slot('@daily', 'after 4pm', identity);
      expect(Number(late) >= 16 && Number(late) < 24).toBe(true);
      expect(rest).toEqual(['*', '*', '*']);
    }
  });

  it.each([
    ['@monthly', 'on the 3-7 between 8am and 4pm', 28 * 86_400, 31 * 86_400],
    ['@weekly', 'on weekday before 5am', 7 * 86_400, 7 * 86_400],
    ['@daily', 'after 4pm', 86_400, 86_400],
    ['@hourly', '', 3_600, 3_600],
  ] as const)('%s %s comes again after that time', (type, text, least, most) => {
    const schedule = parseSchedule(type, text, { now: 0, identity: 'a' });
    const first = nextAfter(schedule, Date.UTC(2026, 0, 1)) ?? 0;
    const apart = ((nextAfter(schedule, first) ?? 0) - first) / 1_000;
    expect(apart).toBeGreaterThanOrEqual(least);
    expect(apart).toBeLessThanOrEqual(most);
  });

  it('is the same for the same trigger, for ever', () => {
    expect(hashOf('')).toBe(0xab3e7c0b);
    expect(slot('@monthly', '').join(' ')).toBe('45 32 8 23 * *');
    expect(slot('@daily', 'between 8am and 9am').slice(0, 2)).toEqual(slot('@daily', '').slice(0, 2));
  });

  it('spreads triggers over its time', () => {
    const perHour = Array.from({ length: 24 }, () => 0);
    for (const identity of identities) {
      const hour = Number(slot('@daily', '', identity)[2]);
      perHour[hour] = (perHour[hour] ?? 0) + 1;
    }
    expect(Math.min(...perHour)).toBeGreaterThan(50);
    expect(Math.max(...perHour)).toBeLessThan(120);
  });

  it('of an hourly trigger keeps to the hours of its phrase', () => {
    expect(slot('@hourly', 'between 8am and 6pm')[2]).toBe('8-17');
    expect(slot('@hourly', 'between 8am and 9am')[2]).toBe('8');
    expect(slot('@hourly', '')[2]).toBe('*');
  });
});
