/**
 * Work that may be long and is done step by step: it pauses after some of them, so that whoever does it can give others their turn.
 * Between two pauses it takes some milliseconds at most.
 */
export type Walk<T> = Generator<undefined, T, void>;

/** All that is left of it, without a pause. */
export function finish<T>(walk: Walk<T>): T {
  let step = walk.next();
  while (step.done !== true) step = walk.next();
  return step.value;
}
