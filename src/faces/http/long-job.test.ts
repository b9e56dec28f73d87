import { describe, expect, it } from 'vitest';
import { written } from './long-job.ts';

const job = (payload: number, output = 0) => ({ payload: 'x'.repeat(payload), result: { output: 'x'.repeat(output) } });

describe('a job', () => {
  it('is written at once when it is short', () => {
    expect(written(job(1_000), () => 'text')).toBe('text');
  });

  it('is written in a turn of its own when it is long, however many are asked for at once', async () => {
    let turn = 0;
    let isOver: boolean = false;
    const count = (): void => {
      turn += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const write = (): number => {
      for (const until = performance.now() + 5; performance.now() < until; );
      return turn;
    };
    const turns = await Promise.all([job(100_000), job(0, 100_000), job(50_000, 50_000), job(100_000)].map((each) => written(each, write)));
    isOver = true;
    expect(new Set(turns).size).toBe(4);
  });
});
