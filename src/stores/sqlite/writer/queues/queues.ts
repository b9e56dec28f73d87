/** Queues: what their settings let through now, and how they stand. */
import { giveBack, nextToken, openQueue, type QueueSettings, type RateBucket, refill } from '../../../../core/queue.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { State } from '../state.ts';
import type { SetAside } from '../upkeep/unreadable.ts';
import { makeOldestWaiting } from './oldest.ts';
import { makeSettings } from './settings.ts';

export interface Queues {
  /** How many of `wanted` claims may begin now. */
  allowance(queue: string, wanted: number): number;
  /** `count` claims have begun. */
  began(queue: string, count: number): void;
  /** A claim has turned out to have sent nothing. */
  gaveBack(queue: string): void;
  /** Milliseconds until its rate limit lets the next one go; `null`: it has none, or something else holds the queue up. */
  nextToken(queue: string): number | null;
  readonly setAside: SetAside;
  readonly calls: WriterHandlers['queues'];
}

export function makeQueues(state: State): Queues {
  const { clock, counters, hints, undo } = state;
  const settingsOf = makeSettings(state);
  const buckets = new Map<string, RateBucket>();
  const oldestWaiting = makeOldestWaiting(state);

  const setBucket = (queue: string, bucket: RateBucket | undefined): void => {
    if (bucket === undefined) buckets.delete(queue);
    else buckets.set(queue, bucket);
  };
  /** Taken back when the transaction is. */
  const changeBucket = (queue: string, bucket: RateBucket | undefined): void => {
    const before = buckets.get(queue);
    undo.add(() => setBucket(queue, before));
    setBucket(queue, bucket);
  };
  const bucketOf = (queue: string, rate: NonNullable<QueueSettings['rate']>): RateBucket =>
    refill(buckets.get(queue), rate, clock.steady());

  return {
    allowance(queue, wanted) {
      const settings = settingsOf.get(queue);
      if (settings === undefined) return wanted;
      if (settings.paused) return 0;
      const { concurrency, rate } = settings;
      const free = concurrency === null ? wanted : Math.min(wanted, concurrency - counters.held(queue));
      return Math.max(0, rate === null ? free : Math.min(free, Math.floor(bucketOf(queue, rate).tokens)));
    },
    began(queue, count) {
      const rate = settingsOf.get(queue)?.rate ?? null;
      if (rate === null) return;
      const { tokens, at } = bucketOf(queue, rate);
      changeBucket(queue, { tokens: tokens - count, at });
    },
    gaveBack(queue) {
      const rate = settingsOf.get(queue)?.rate ?? null;
      if (rate === null) return;
      // Another job of the queue may have waited for it.
      if (bucketOf(queue, rate).tokens < 1) hints.readyAnyway();
      changeBucket(queue, giveBack(buckets.get(queue), rate, clock.steady()));
    },
    nextToken(queue) {
      const { paused, concurrency, rate } = settingsOf.get(queue) ?? openQueue;
      const hasRoom = !paused && (concurrency === null || counters.held(queue) < concurrency);
      return rate === null || !hasRoom ? null : nextToken(bucketOf(queue, rate), rate);
    },
    setAside(queue, reason) {
      const done = settingsOf.setAside(queue, reason);
      if (done) changeBucket(queue, undefined);
      return done;
    },
    calls: {
      configure(queue, change) {
        const before = settingsOf.get(queue) ?? openQueue;
        const after = { ...before, ...change };
        settingsOf.set(queue, after);
        if (after.rate?.max !== before.rate?.max || after.rate?.per !== before.rate?.per) changeBucket(queue, undefined);
        hints.readyAnyway();
        return after;
      },
      list() {
        const byQueue = Map.groupBy(counters.lines(), (line) => line.queue);
        const names = [...new Set([...byQueue.keys(), ...settingsOf.keys()])];
        return names.map((name) => {
          const lines = byQueue.get(name) ?? [];
          const counts = Array.from({ length: 8 }, (_, code) => lines.reduce((sum, line) => sum + (line.counts[code] ?? 0), 0));
          return { name, oldestWaiting: oldestWaiting(lines), ...(settingsOf.get(name) ?? openQueue), counts };
        });
      },
    },
  };
}
