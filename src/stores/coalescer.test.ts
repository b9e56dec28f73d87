import { describe, expect, it } from 'vitest';
import { Coalescer, type CoalescerBounds } from './coalescer.ts';

interface NamedCall {
  readonly name: string;
  readonly rank: number;
  readonly size: number;
  reject(error: unknown): void;
}

/** Batches as they leave, each with what answers it. */
interface Left {
  readonly names: string;
  answer(): void;
  fail(error: Error): void;
}

function makeCoalescer(otherwise: Partial<CoalescerBounds> = {}) {
  const left: Left[] = [];
  const told: string[] = [];
  const send = (batch: readonly NamedCall[]): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    left.push({ names: batch.map(({ name }) => name).join(' '), answer: () => resolve('done'), fail: reject });
    return promise;
  };
  const answer = (batch: readonly NamedCall[], reply: string): void => {
    for (const { name } of batch) told.push(`${name}: ${reply}`);
  };
  const bounds = { maxCalls: 9, maxSize: 100, maxInFlight: 2, fairCalls: 9, maxFullInFlight: 2, worthLeaving: 9, ...otherwise };
  const coalescer = new Coalescer<NamedCall, string>({ send, answer }, bounds);
  const add = (name: string, rank = 0, size = 1): void =>
    coalescer.add({ name, rank, size, reject: (error) => void told.push(`${name}: ${error instanceof Error ? error.message : error}`) });
  return { coalescer, left, told, add, names: () => left.map(({ names }) => names) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Coalescer', () => {
  it('refuses a call that is too large for any way, and sends the others', async () => {
    const { left, told, add } = makeCoalescer({ maxSize: Number.POSITIVE_INFINITY });
    add('a', 0, 64 * 1024 * 1024);
    add('b', 0, 64 * 1024 * 1024 + 1);
    add('c');
    await turn();
    expect(left.map(({ names }) => names)).toEqual(['a c']);
    expect(told).toEqual([expect.stringMatching(/^b: One call may bring the store 67108864 bytes, not 67108865\./)]);
  });

  it('sends the calls of a turn together, the lower rank first', async () => {
    const { left, names, add } = makeCoalescer();
    add('claim', 2);
    add('push', 1);
    await Promise.resolve().then(() => add('settle', 0));
    expect(left).toEqual([]);
    await turn();
    expect(names()).toEqual(['settle push claim']);
  });

  it('sends a full batch within the turn, and holds back what is more than may be under way', async () => {
    const { left, names, add } = makeCoalescer({ maxCalls: 3, fairCalls: 3 });
    for (const name of 'abcdefghij') add(name);
    expect(names()).toEqual(['a b c', 'd e f']);
    await turn();
    expect(left).toHaveLength(2);
    left[0]?.answer();
    await turn();
    expect(names()).toEqual(['a b c', 'd e f', 'g h i']);
  });

  it('lets more batches be under way when many calls wait', async () => {
    const { names, add } = makeCoalescer({ maxInFlight: 1, fairCalls: 2, maxFullInFlight: 3 });
    for (const calls of ['a', 'b', 'cd', 'ef']) {
      for (const name of calls) add(name);
      await turn();
    }
    expect(names()).toEqual(['a', 'b c d', 'e f']);
  });

  it('leaves before an answer is read when that is worth it, and after it when not', async () => {
    for (const [worthLeaving, toldFirst] of [
      [1, 0],
      [2, 1],
    ] as const) {
      const { left, told, add } = makeCoalescer({ maxInFlight: 1, maxFullInFlight: 1, worthLeaving });
      add('a');
      await turn();
      add('b');
      const toldBefore = new Promise((resolve) => {
        const push = left.push.bind(left);
        left.push = (...batches) => {
          resolve(told.length);
          return push(...batches);
        };
      });
      left[0]?.answer();
      expect(await toldBefore).toBe(toldFirst);
    }
  });

  it('lets a call that is larger than a batch travel alone', async () => {
    const { names, add } = makeCoalescer();
    add('small');
    add('large', 0, 1_000);
    await turn();
    expect(names()).toEqual(['small', 'large']);
  });

  it('tells each call of a batch its answer, or that the batch failed, and rests', async () => {
    const { coalescer, left, told, add } = makeCoalescer({ maxCalls: 2, fairCalls: 2 });
    for (const name of 'abcd') add(name);
    left[1]?.fail(new Error('gone'));
    left[0]?.answer();
    await coalescer.drained();
    expect(new Set(told)).toEqual(new Set(['a: done', 'b: done', 'c: gone', 'd: gone']));
  });

  it('rejects what has not been sent when it is told that nothing can be', async () => {
    const { coalescer, left, told, add } = makeCoalescer({ maxInFlight: 1, maxFullInFlight: 1 });
    add('sent');
    await turn();
    add('waits');
    coalescer.fail(new Error('closed'));
    left[0]?.answer();
    await coalescer.drained();
    expect(told).toEqual(['waits: closed', 'sent: done']);
  });
});
