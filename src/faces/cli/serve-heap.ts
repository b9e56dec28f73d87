/**
 * How a server's memory stays near what it uses. V8 by itself lets garbage gather and keeps what a peak took, which suits a
 * program that has a machine for itself. These settings are the whole process's, threads of stores included.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Millis } from '../../core/duration.ts';
import { makeThrift } from './thrift.ts';

/**
 * V8 lets the young generation grow to some 100 MB under load and hardly gives it back. Beyond a few megabytes that buys a
 * server no speed, so it keeps its first size while the modules load and may then grow up to about this.
 */
const enough = 8 * 1024 * 1024;
const youngEvery: Millis = 100;
const thriftEvery: Millis = 1_000;

const grow = (factor: 1 | 2): void => setFlagsFromString(`--semi-space-growth-factor=${factor}`);
const youngBytes = (): number => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? enough;

/**
 * Of what was large and is old, V8 lets garbage gather until there is four times as much as what lives. Half as much again costs
 * a busy server little, and one that has many large bodies and answers some hundred megabytes less.
 */
export const boundOldHeap = (): void => setFlagsFromString('--heap-growing-percent=50');

/** Keeps the young generation as small as it is, until the returned function is called. */
export function holdYoungHeap(): () => void {
  grow(1);
  return letYoungHeapGrow;
}

/** While it grows, until it is large enough. */
let growing: NodeJS.Timeout | null = null;

/** Who asks again while it grows asks for nothing new. */
function letYoungHeapGrow(): void {
  grow(2);
  growing ??= setInterval(endGrowth, youngEvery).unref();
}

function endGrowth(): void {
  if (growing === null || youngBytes() < enough) return;
  grow(1);
  clearInterval(growing);
  growing = null;
}

/** From now on what a peak took is given back some seconds behind it. */
export function giveBackHeap(): void {
  const thrift = makeThrift({
    save: () => setFlagsFromString('--memory-saver-mode'),
    spend() {
      setFlagsFromString('--no-memory-saver-mode');
      // It was made as small as can be.
      letYoungHeapGrow();
    },
  });
  setInterval(() => thrift.tick(process.memoryUsage.rss()), thriftEvery).unref();
}
