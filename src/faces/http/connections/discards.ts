/**
 * What clients still send behind a refusal is read and thrown away, so that they hear of it. All of them together have so many bytes
 * read at a time, since whoever sends hundreds of megabytes would else have the server do nothing but read them.
 */
import type { Millis } from '../../../core/duration.ts';

/** About 200 MB a second: a tenth of a processor. */
const perTurn = 2 * 1024 * 1024;
const turnEvery: Millis = 10;
/** What a socket has read when it can be told to wait. */
const leastRead = 64 * 1024;

export interface Discards {
  /** Counts bytes that were read. `false`: no more of this turn; `goOn` is called when there may be. */
  take(bytes: number, goOn: () => void): boolean;
}

export function makeDiscards(): Discards {
  const waiting: (() => void)[] = [];
  let left = perTurn;
  let isAsked = false;

  function turn(): void {
    isAsked = false;
    left = perTurn;
    for (const goOn of waiting.splice(0, perTurn / leastRead)) goOn();
    if (waiting.length > 0) ask();
  }

  function ask(): void {
    if (isAsked) return;
    isAsked = true;
    setTimeout(turn, turnEvery).unref();
  }

  return {
    take(bytes, goOn) {
      left -= bytes;
      ask();
      if (left > 0) return true;
      waiting.push(goOn);
      return false;
    },
  };
}
