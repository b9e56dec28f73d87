import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyLog, logText, progressOf, reportLimits, surplusOf, tellLines } from './report.ts';

const numbered = (...numbers: readonly number[]) => numbers.map((number) => ({ number }));

describe('a line', () => {
  it('is kept as it was told when it is short', () => {
    expect(logText('warn', 'text', '{"a":1}')).toEqual({ level: 'warn', text: 'text', fields: '{"a":1}' });
    expect(logText('debug', '', null)).toEqual({ level: 'debug', text: '', fields: null });
  });

  it('is cut when it is long, and says so', () => {
    const { text } = logText('info', 'x'.repeat(100_000), null);
    const [, shown = '', rest] = /^(x+) … and (\d+) more characters$/.exec(text) ?? [];
    expect(shown.length + Number(rest)).toBe(100_000);
  });

  it('goes without its fields when they are long, and says so', () => {
    expect(logText('info', 'a', `"${'x'.repeat(9_000)}"`)).toEqual({
      ...{ level: 'info', fields: null },
      text: 'a … without its fields of 9002 characters',
    });
  });

  it('has no more characters than are kept, and no halves of any, whatever it was', () => {
    const long = fc
      .tuple(fc.string({ unit: 'binary' }), fc.nat(40_000))
      .map(([text, times]) => text.repeat(Math.min(times, 40_000 / (text.length + 1))));
    fc.assert(
      fc.property(long, fc.option(long), (text, fields) => {
        const kept = logText('info', text, fields);
        expect(kept.text.length).toBeLessThanOrEqual(reportLimits.text);
        expect(kept.fields?.length ?? 0).toBeLessThanOrEqual(reportLimits.fields);
        expect(kept.text.isWellFormed() && (kept.fields ?? '').isWellFormed()).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is told', () => {
  it('is new once, and what was passed over is counted', () => {
    const first = tellLines(emptyLog, '5', numbered(1, 2));
    expect(first).toEqual({ head: { told: { fence: '5', number: 2 }, dropped: 0 }, lines: numbered(1, 2) });
    expect(tellLines(first.head, '5', numbered(1, 2))).toEqual({ head: first.head, lines: [] });
    const next = tellLines(first.head, '5', numbered(2, 4, 7));
    expect(next).toEqual({ head: { told: { fence: '5', number: 7 }, dropped: 3 }, lines: numbered(4, 7) });
    expect(tellLines(next.head, '6', numbered(1))).toEqual({ head: { told: { fence: '6', number: 1 }, dropped: 3 }, lines: numbered(1) });
  });

  it('is dropped from the oldest on, in lines and in characters', () => {
    const { keptLines, keptCharacters } = reportLimits;
    expect(surplusOf([1, 1, 1], keptLines, keptCharacters)).toEqual({ lines: 0, size: 0 });
    expect(surplusOf([5, 6, 7], keptLines + 2, 100)).toEqual({ lines: 2, size: 11 });
    expect(surplusOf([5, 6, 7], 10, keptCharacters + 6)).toEqual({ lines: 2, size: 11 });
  });
});

it('progress is that of the attempt that the record shows', () => {
  const progress = { fence: '7', at: 1, value: '0.5' };
  expect(progressOf({ fence: '7', startedAt: 1 }, progress)).toBe(progress);
  expect(progressOf({ fence: '7', startedAt: null }, progress)).toBeNull();
  expect(progressOf({ fence: '8', startedAt: 1 }, progress)).toBeNull();
  expect(progressOf({ fence: '8', startedAt: 1 }, null)).toBeNull();
});
