import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inSteps, inTurn } from './long-work.ts';

/** Time passes as the tests say: a machine with other work would hold up a piece for longer than it is meant to take. */
let now = 0;
beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => now));
afterEach(() => void vi.restoreAllMocks());

/** Works for so many milliseconds. */
function keepBusy(millis: number): void {
  now += millis;
}

describe('long work', () => {
  it('is done at once when it is short', async () => {
    let pieces = 0;
    const done = inSteps(() => ++pieces < 1);
    expect(pieces).toBe(1);
    await done;
  });

  it('of which much has begun in a turn begins in a later one', async () => {
    const begun: number[] = [];
    let turns = 0;
    const over = new AbortController();
    const others = (async () => {
      for (; !over.signal.aborted; turns++) await turn();
    })();
    const works = [1, 2, 3, 4].map((n) => {
      let pieces = 2;
      return inSteps(() => {
        if (pieces === 2) begun.push(n);
        keepBusy(3);
        return --pieces > 0;
      });
    });
    expect(begun).toEqual([1, 2]);
    await Promise.all(works);
    over.abort();
    await others;
    expect(begun).toEqual([1, 2, 3, 4]);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('goes round: no work waits until another has ended, and others have their turn', async () => {
    const order: string[] = [];
    const work = (name: string, pieces: number): Promise<void> =>
      inSteps(() => {
        order.push(name);
        keepBusy(5);
        return --pieces > 0;
      });
    const over = new AbortController();
    let turns = 0;
    const others = (async () => {
      for (; !over.signal.aborted; turns++) await turn();
    })();
    await Promise.all([work('a', 4), work('b', 4), work('c', 2)]);
    over.abort();
    await others;
    expect(order).toEqual(['a', 'a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'b']);
    expect(turns).toBeGreaterThanOrEqual(7);
  });

  it('that many ask for at once does not hold up one turn', async () => {
    let turns = 0;
    const over = new AbortController();
    const others = (async () => {
      for (; !over.signal.aborted; turns++) await turn();
    })();
    const given = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        inTurn(() => {
          keepBusy(5);
          return n;
        }),
      ),
    );
    over.abort();
    await others;
    expect(given).toEqual([1, 2, 3, 4]);
    expect(turns).toBeGreaterThanOrEqual(3);
    await expect(
      inTurn(() => {
        throw new Error('not today');
      }),
    ).rejects.toThrow('not today');
  });

  it('whose steps are long leaves others as much time as a turn of it takes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    let steps = 0;
    const work = inTurn(() => {
      keepBusy(20);
      steps += 1;
    });
    const more = inTurn(() => {
      steps += 1;
    });
    for (let turns = 0; turns < 10; turns++) await turn();
    expect([steps, vi.getTimerCount()]).toEqual([1, 1]);
    vi.advanceTimersByTime(19);
    expect(steps).toBe(1);
    vi.advanceTimersByTime(1);
    expect(steps).toBe(2);
    vi.useRealTimers();
    await Promise.all([work, more]);
  });

  it('rejects with what a step throws, and the others go on', async () => {
    let pieces = 3;
    const sound = inSteps(() => --pieces > 0);
    const failing = inSteps(() => {
      if (pieces < 2) throw new Error('no more');
      return true;
    });
    await expect(failing).rejects.toThrow('no more');
    await sound;
    expect(pieces).toBe(0);
  });
});
