/**
 * Pieces of answers cost about a microsecond each, however short they are, and a web app may send one for each byte: in one turn of the
 * event loop only so many are taken of all answers together, so that others have their turn.
 */

/** A millisecond or two. An answer of 64 MiB has fewer when a socket reads it. */
const perTurn = 2_048;

let taken = 0;
let waiting: (() => void)[] = [];

/** Counts a piece. Answers whether its answer is to be paused now; then `resume` is called in a later turn. */
export function isOverPace(resume: () => void): boolean {
  taken += 1;
  if (taken <= perTurn) return false;
  if (waiting.push(resume) === 1) setImmediate(nextTurn);
  return true;
}

function nextTurn(): void {
  const all = waiting;
  waiting = [];
  taken = 0;
  for (const resume of all) resume();
}
