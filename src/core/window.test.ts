import { describe, expect, it } from 'vitest';
import { fitsWindow, windowAfter, windowWith } from './window.ts';

const most = { parts: 2, characters: 10 };

describe('fitsWindow', () => {
  it.each([
    ['the first part', null, 0, 10, true],
    ['a part that fills it', { count: 1 }, 4, 6, true],
    ['a character too many', { count: 1 }, 4, 7, false],
    ['a part too many', { count: 2 }, 2, 1, false],
  ] as const)('%s', (_, window, characters, length, fits) => {
    expect(fitsWindow(window, characters, { text: 'x'.repeat(length), most })).toBe(fits);
  });
});

describe('windowWith', () => {
  const open = { openedAt: 100, closesAt: 150, count: 1, dropped: 0 };
  const gather = (maxWait: number | null, now: number) =>
    windowWith({ window: open, firedAt: null }, { wait: 50, maxWait }, true, now).closesAt;

  it('moves the closing with each part, but not beyond the longest wait', () => {
    expect([gather(200, 140), gather(70, 140)]).toEqual([190, 170]);
  });

  it('leaves the closing of one that does not move, or has closed', () => {
    expect([gather(null, 140), gather(200, 150)]).toEqual([150, 150]);
  });

  it('closes after the newest firing', () => {
    expect(windowWith({ window: null, firedAt: 500 }, { wait: 50, maxWait: null }, true, 100).closesAt).toBe(501);
  });
});

describe('windowAfter', () => {
  const window = { openedAt: 100, closesAt: 150, count: 1, dropped: 0 };

  it('is nothing once collected, and waits for the end of a job that is in the way', () => {
    expect(windowAfter(window, { tick: 150, next: 300, collects: true, overlap: false })).toBe(null);
    expect(windowAfter(window, { tick: 150, next: 300, collects: true, overlap: true })).toEqual({ ...window, closesAt: null });
  });

  it('closes again with the next tick when it has closed and is not collected', () => {
    expect(windowAfter(window, { tick: 150, next: 300, collects: false, overlap: false })).toEqual({ ...window, closesAt: 300 });
    expect(windowAfter(window, { tick: 149, next: 300, collects: false, overlap: false })).toEqual(window);
  });
});
