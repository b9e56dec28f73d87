/** How long to wait before the next try: at once, then longer and longer up to a second, never in step with others. */
import { setTimeout } from 'node:timers/promises';
import type { Millis } from '../../../core/duration.ts';

const first: Millis = 50;
const longest: Millis = 1_000;

/** `tries`: how many failed so far. */
export function pauseAfter(tries: number): Millis {
  if (tries === 0) return 0;
  return Math.min(longest, first * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
}

/** Resolves early when the signal is aborted. */
export async function pause(time: Millis, signal?: AbortSignal): Promise<void> {
  await setTimeout(time, undefined, signal === undefined ? {} : { signal }).catch(() => {});
}
