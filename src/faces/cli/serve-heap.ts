/**
 * V8 lets the young generation grow to some 100 MB under load and hardly gives it back. Beyond a few megabytes that buys a
 * server no speed, so it keeps its first size while the modules load and may then grow up to about 8 MB.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const enough = 8 * 1024 * 1024;
const lookEvery = 100;

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
  return () => {
    grow(2);
    const timer = setInterval(() => {
      if (youngBytes() < enough) return;
      grow(1);
      clearInterval(timer);
    }, lookEvery).unref();
  };
}
