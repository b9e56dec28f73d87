import { describe, expect, it } from 'vitest';
import { noResult } from '../../../core/job.ts';
import { keptResult, readResult } from './result.ts';

describe('a result', () => {
  it('of before there were causes is read', () => {
    expect(readResult('[500,1,"no"]\nout\nput', null)).toEqual({
      ...noResult,
      statusCode: 500,
      outputCut: true,
      error: 'no',
      output: 'out\nput',
    });
  });

  it('without a cause is written as it was before', () => {
    expect(keptResult({ ...noResult, statusCode: 200, output: 'x' })).toEqual({ kind: 'one', texts: ['[200,0,""]\nx'] });
  });

  it('with a cause or a stack is read as it was written', () => {
    for (const failure of [
      { cause: 'refused', stack: '' } as const,
      { cause: null, stack: 'at "]]\n' },
      { cause: 'thrown', stack: 'x' } as const,
    ]) {
      const result = { ...noResult, ...failure };
      const { kind, texts } = keptResult(result);
      expect(kind).toBe('one');
      expect(readResult(texts.join(''), null)).toEqual(result);
    }
  });
});
