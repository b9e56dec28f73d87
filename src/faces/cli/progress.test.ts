import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeProgress, type ProgressOptions } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is written while `steps` of a hundred are done, one every `millis`. */
function written(options: Pick<ProgressOptions, 'bar' | 'part'>, steps: number, millis: number): readonly string[] {
  const texts: string[] = [];
  const progress = makeProgress({ ...options, done: 'pushed', write: (text) => texts.push(text) });
  for (let step = 0; step < steps; step++) {
    vi.advanceTimersByTime(millis);
    progress.add(100);
  }
  progress.end();
  return texts;
}

describe('progress', () => {
  it('shows nothing of short work', () => {
    expect(written({ bar: true, part: () => 0.5 }, 4, 100)).toEqual([]);
  });

  it('draws a bar on a terminal and removes it', () => {
    const texts = written({ bar: true, part: () => 0.5 }, 20, 50);
    expect(texts[0]).toBe(`\r\u001b[K[${'#'.repeat(15)}${' '.repeat(15)}] 50 %  1,000 pushed, 2,000/s, 1 s left`);
    expect(texts.length).toBeLessThan(10);
    expect(texts.at(-1)).toBe('\r\u001b[K');
  });

  it('writes a line every ten seconds elsewhere', () => {
    expect(written({ bar: false, part: () => null }, 25, 1_000)).toEqual(['1,000 pushed, 100/s\n', '2,000 pushed, 100/s\n']);
  });
});
