import { describe, expect, it } from 'vitest';
import { makeThrift } from './thrift.ts';

const megabyte = 1024 * 1024;

/** What its process has, second by second, and what became of it: `s` for a second in which it saves. */
function play(residents: (at: number, saved: number) => number, seconds: number): string {
  let isSaving = false;
  /** Seconds by now. */
  let saved = 0;
  const thrift = makeThrift({
    save() {
      isSaving = true;
    },
    spend() {
      isSaving = false;
    },
  });
  let told = '';
  for (let at = 0; at < seconds; at++) {
    thrift.tick(residents(at, saved) * megabyte);
    told += isSaving ? 's' : '.';
    if (isSaving) saved += 1;
  }
  return told;
}

const savings = (told: string): readonly number[] => [...told.matchAll(/s+/g)].map(({ index }) => index);

describe('a process', () => {
  it('saves nothing while its memory stays where it was', () => {
    expect(play((at) => 200 + (at % 40), 1_000)).not.toContain('s');
  });

  it('saves for ten seconds when its memory has risen, and not again when that has helped', () => {
    const told = play((at, saved) => (at < 5 ? 200 : saved > 0 ? 220 : 300), 1_000);
    expect(told).toBe(`.....${'s'.repeat(10)}${'.'.repeat(985)}`);
  });

  it('saves again when its memory rises above what was left', () => {
    const rises = (to: number): readonly number[] =>
      savings(play((at, saved) => (at === 0 ? 200 : saved === 0 ? 250 : at < 50 ? 240 : to), 100));
    expect(rises(285)).toEqual([1]);
    expect(rises(295)).toEqual([1, 50, 80]);
  });

  it('tries again ever more seldom while saving does not help', () => {
    const begun = savings(play((at) => (at === 0 ? 200 : 300), 2_000));
    const pauses = begun.slice(1).map((at, before) => at - (begun[before] ?? 0) - 10);
    expect(pauses.slice(0, 7)).toEqual([20, 40, 80, 160, 320, 320, 320]);
  });

  it('has a peak given back that had not ended when it saved', () => {
    const told = play((at, saved) => (at === 0 ? 200 : saved > 10 ? 210 : 400), 1_000);
    expect(savings(told)).toEqual([1, 31]);
  });
});
