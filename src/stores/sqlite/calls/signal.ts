/** Signals do not travel: a list is sent with the number of its signal, by which it can be ended (`searches.end`). */
import type { Codec } from './codec.ts';

/** Of lists without a signal. */
export const noSignal = 0;
/** Of one that has aborted already. */
export const aborted = -1;

const numbers = new WeakMap<AbortSignal, number>();
let lastNumber = noSignal;

export function numberOf(signal: AbortSignal): number {
  const known = numbers.get(signal);
  if (known !== undefined) return known;
  lastNumber += 1;
  numbers.set(signal, lastNumber);
  return lastNumber;
}

export const signalNumber: Codec<AbortSignal | undefined, number> = {
  write: (cells, signal) => void cells.push(signal === undefined ? noSignal : signal.aborted ? aborted : numberOf(signal)),
  read: (tape) => tape.number(),
};
