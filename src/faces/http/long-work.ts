/**
 * Work on the main loop that may be long in all: it goes in short pieces, and others have their turn between them. However many
 * requests bring such work at once, it takes a small part of each turn of the loop.
 */
import type { Millis } from '../../core/duration.ts';

/** What all pieces of one turn may take together, and one more piece. */
const perTurn: Millis = 4;

interface Work {
  /** Does a piece, and answers whether there are more. */
  readonly piece: () => boolean;
  resolve(): void;
  reject(error: unknown): void;
}

const waiting: Work[] = [];
let isTurnComing = false;

/** The first piece is done at once, so what is short waits for nothing. Rejects with what a piece throws. */
export async function inPieces(piece: () => boolean): Promise<void> {
  if (!piece()) return;
  await new Promise<void>((resolve, reject) => {
    waiting.push({ piece, resolve, reject });
    comeAgain();
  });
}

function comeAgain(): void {
  if (isTurnComing) return;
  isTurnComing = true;
  setImmediate(tick);
}

/** One turn: a piece of each in turn, until the turn's time is over. */
function tick(): void {
  isTurnComing = false;
  const until = performance.now() + perTurn;
  for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) {
    doPiece(work);
    if (performance.now() >= until) break;
  }
  if (waiting.length > 0) comeAgain();
}

function doPiece(work: Work): void {
  try {
    if (work.piece()) waiting.push(work);
    else work.resolve();
  } catch (error) {
    work.reject(error);
  }
}
