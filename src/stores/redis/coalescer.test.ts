import { describe, expect, it } from 'vitest';
import { type Call, Coalescer } from './coalescer.ts';
import type { Reply } from './driver/driver.ts';

/** Batches as they leave, each with what answers it. */
interface Left {
  readonly names: readonly string[];
  answer(): void;
  fail(error: Error): void;
}

function makeCoalescer(maxCalls: number) {
  const left: Left[] = [];
  const told: string[] = [];
  const send = (batch: readonly Call[]): Promise<readonly Reply[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Reply[]>();
    const names = batch.map(({ name }) => name);
    left.push({ names, answer: () => resolve(names), fail: reject });
    return promise;
  };
  const coalescer = new Coalescer<Call>(send, { maxCalls, maxSize: 100, maxInFlight: 2 });
  const add = (name: string, rank = 0, size = 1): void =>
    coalescer.add({
      name,
      rank,
      size,
      answer: (reply) => void told.push(String(reply)),
      reject: (error) => void told.push(`${name}: ${error instanceof Error ? error.message : error}`),
    });
  return { coalescer, left, told, add };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Coalescer', () => {
  it('sends the calls of a turn together, the lower rank first', async () => {
    const { left, add } = makeCoalescer(9);
    add('claim', 2);
    add('push', 1);
    await Promise.resolve().then(() => add('settle', 0));
    expect(left).toEqual([]);
    await turn();
    expect(left.map(({ names }) => names)).toEqual([['settle', 'push', 'claim']]);
  });

  it('sends a full batch within the turn, and holds back what is more than may be under way', async () => {
    const { left, add } = makeCoalescer(3);
    for (const name of 'abcdefghij') add(name);
    expect(left.map(({ names }) => names.join(''))).toEqual(['abc', 'def']);
    await turn();
    expect(left).toHaveLength(2);
    left[0]?.answer();
    await turn();
    expect(left.map(({ names }) => names.join(''))).toEqual(['abc', 'def', 'ghi']);
  });

  it('lets a call that is larger than a batch travel alone', async () => {
    const { left, add } = makeCoalescer(9);
    add('small');
    add('large', 0, 1_000);
    await turn();
    expect(left.map(({ names }) => names)).toEqual([['small'], ['large']]);
  });

  it('tells each call of a batch its answer, or that the batch failed, and rests', async () => {
    const { coalescer, left, told, add } = makeCoalescer(2);
    for (const name of 'abcd') add(name);
    left[1]?.fail(new Error('gone'));
    left[0]?.answer();
    await coalescer.drained();
    expect(new Set(told)).toEqual(new Set(['a', 'b', 'c: gone', 'd: gone']));
  });
});
