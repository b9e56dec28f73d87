/** What many may ask for at once is done a few at a time, in each round of the event loop: others have their turn in between. */
import type { Walk } from '../../core/walk.ts';

/** Together about as long as a few requests of others may take. */
const perRound = 4;

export interface Turns {
  /** Calls it in this order, behind what is ready to be read. */
  wait(begin: () => void): void;
}

/** @param soon of the clock */
export function makeTurns(soon: (call: () => void) => void): Turns {
  const waiting: (() => void)[] = [];
  let isAsked = false;

  function round(): void {
    isAsked = false;
    for (const begin of waiting.splice(0, perRound)) begin();
    if (waiting.length > 0) ask();
  }

  function ask(): void {
    if (isAsked) return;
    isAsked = true;
    soon(round);
  }

  return {
    wait(begin) {
      waiting.push(begin);
      ask();
    },
  };
}

/** What the work gives; it goes on in a turn of its own behind each of its pauses. */
export async function inTurns<T>(turns: Turns, walk: Walk<T>): Promise<T> {
  let step = walk.next();
  while (step.done !== true) {
    await new Promise<void>((resolve) => turns.wait(resolve));
    step = walk.next();
  }
  return step.value;
}
