import { describe, expect, it } from 'vitest';
import { relativeTime, runningTime, shortDuration, zoneTime } from './times.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const ago = (seconds: number): string => new Date(now - seconds * 1_000).toISOString();
const day = 86_400;

describe('relativeTime', () => {
  it.each([
    [0.9, 'now'],
    [1, '1 second ago'],
    [59, '59 seconds ago'],
    [60, '1 minute ago'],
    [3 * 60 + 59, '3 minutes ago'],
    [7_199, '1 hour ago'],
    [2 * day, '2 days ago'],
    [7 * day, '1 week ago'],
    [45 * day, '1 month ago'],
    [800 * day, '2 years ago'],
    [-90, '1 minute from now'],
  ])('calls %d seconds ago %j', (seconds, expected) => {
    expect(relativeTime(ago(seconds), now)).toBe(expected);
  });

  it('is empty for what has not happened', () => {
    expect(relativeTime(null, now)).toBe('');
  });
});

describe('runningTime', () => {
  it('counts to the end, or until now, and is empty before the start', () => {
    expect(runningTime(ago(2), ago(0.5), now)).toBe('1.5s');
    expect(runningTime(ago(61), null, now)).toBe('1m1s');
    expect(runningTime(null, null, now)).toBe('');
    expect(runningTime(ago(-1), null, now)).toBe('0s');
  });
});

describe('shortDuration', () => {
  it.each([
    ['1m3s412ms', '1m3s'],
    ['5m7ms', '5m'],
    ['412ms', '412ms'],
    ['0s', '0s'],
    ['2h', '2h'],
  ])('makes of %s %s', (text, short) => {
    expect(shortDuration(text)).toBe(short);
  });
});

describe('zoneTime', () => {
  it.each([
    ['2026-03-30T06:30:00Z', 'Europe/Berlin', 'Mon 2026-03-30 08:30 Europe/Berlin'],
    ['2026-03-29T22:00:05Z', 'Europe/Berlin', 'Mon 2026-03-30 00:00:05 Europe/Berlin'],
    ['2026-01-01T00:00:00Z', 'Nowhere/Else', '2026-01-01T00:00:00Z'],
    ['soon', 'UTC', 'soon'],
  ])('%s in %s', (time, zone, shown) => {
    expect(zoneTime(time, zone)).toBe(shown);
  });
});
