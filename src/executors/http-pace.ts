/**
 * Pieces of answers cost about a microsecond each, however short they are, and a web app may send one for each byte; long ones cost by
 * their bytes. In one turn of the event loop only so many are taken of all answers together, so that others have their turn.
 */

/** A millisecond or two. */
const perTurn = 2_048;
/** Bytes that cost as much as a piece. */
const bytesOfPiece = 512;

let taken = 0;
let waiting: (() => void)[] = [];

/** Counts a piece of so many bytes. Answers whether its answer is to be paused now; then `resume` is called in a later turn. */
export function isOverPace(bytes: number, resume: () => void): boolean {
  taken += 1 + bytes / bytesOfPiece;
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
