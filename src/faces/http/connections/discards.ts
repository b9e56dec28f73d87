/**
 * What clients still send behind a refusal is read and thrown away, so that they hear of it. All of them together have so many bytes
 * read at a time, since whoever sends hundreds of megabytes would else have the server do nothing but read them. Who waits for that
 * holds some memory, and it cannot be seen whether its client is still there: only so many wait.
 */
import type { Millis } from '../../../core/duration.ts';

/** About 200 MB a second: a tenth of a processor. */
const perTurn = 2 * 1024 * 1024;
const turnEvery: Millis = 10;
/** What a socket has read when it can be told to wait. */
const leastRead = 64 * 1024;
const mostWaiting = 100;

export interface Sender {
  /** More of it may be read. */
  goOn(): void;
  /** Too many wait behind it, which has waited the longest: it is given up. */
  end(): void;
}

export interface Discards {
  /** Counts bytes that were read. `false`: no more of this turn, its sender waits. */
  take(bytes: number, sender: Sender): boolean;
}

export function makeDiscards(): Discards {
  const waiting: Sender[] = [];
  let left = perTurn;
  let isAsked = false;

  function turn(): void {
    isAsked = false;
    left = perTurn;
    for (const sender of waiting.splice(0, perTurn / leastRead)) sender.goOn();
    if (waiting.length > 0) ask();
  }

  function ask(): void {
    if (isAsked) return;
    isAsked = true;
    setTimeout(turn, turnEvery).unref();
  }

  return {
    take(bytes, sender) {
      left -= bytes;
      ask();
      if (left > 0) return true;
      if (waiting.push(sender) > mostWaiting) waiting.shift()?.end();
      return false;
    },
  };
}
