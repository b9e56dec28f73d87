/** The load that every contestant gets in the same way. */
import { setTimeout as pause } from 'node:timers/promises';

export const burst = 1_000;

/** Adds in bursts: a thousand at once, the next when all of them are kept. */
export async function addInBursts(jobs: number, add: (n: number) => unknown): Promise<void> {
  for (let done = 0; done < jobs; done += burst) {
    await Promise.all(Array.from({ length: Math.min(burst, jobs - done) }, (_, i) => add(done + i)));
  }
}

/** Adds in bulk: a thousand in one call, the next when all of them are kept. */
export async function addInBulk(jobs: number, add: (batch: readonly number[]) => Promise<unknown>): Promise<void> {
  for (let done = 0; done < jobs; done += burst) {
    await add(Array.from({ length: Math.min(burst, jobs - done) }, (_, i) => done + i));
  }
}

/** One at a time with pauses; answers the milliseconds from the call to the start of the handler. */
export async function pushToStart(samples: number, push: (started: () => void) => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < samples; i++) {
    await pause(5 + (i % 7));
    const { promise, resolve } = Promise.withResolvers<number>();
    const since = performance.now();
    const kept = push(() => resolve(performance.now() - since));
    times.push(await promise);
    await kept;
  }
  return times;
}
