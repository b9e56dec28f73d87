/** What one large piece of work costs others in the same process. */
import { setTimeout as pause } from 'node:timers/promises';

export interface Beside {
  /** Of the work. */
  readonly millis: number;
  /** The longest that a call of somebody else took meanwhile. */
  readonly longest: number;
  /** By how much the process's resident memory grew at its most, since this began. */
  readonly bytes: number;
}

const restBetween = 2;

/** Does the work while somebody else makes one small call after another, which are made before it a few times, too. */
export async function besideOthers(work: () => Promise<unknown>, others: readonly (() => Promise<unknown>)[]): Promise<Beside> {
  for (let i = 0; i < 200; i++) for (const call of others) await call();
  const before = process.memoryUsage.rss();
  const over = new AbortController();
  let [longest, most] = [0, before];
  const beside = async (): Promise<void> => {
    while (!over.signal.aborted) {
      for (const call of others) {
        const since = performance.now();
        await call();
        longest = Math.max(longest, performance.now() - since);
        most = Math.max(most, process.memoryUsage.rss());
      }
      await pause(restBetween);
    }
  };
  const other = beside();
  const since = performance.now();
  await work();
  const millis = performance.now() - since;
  over.abort();
  await other;
  return { millis, longest, bytes: Math.max(most, process.memoryUsage.rss()) - before };
}
