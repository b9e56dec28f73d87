/**
 * Work on the main loop that may be long in all: it goes in short steps, and others have their turn between them. However many
 * requests bring such work at once, it takes a small part of each turn of the loop; when steps cannot be short, half of its time.
 */
import type { Millis } from '../../core/duration.ts';

/** What all steps of one turn may take together, beside the last of them. */
const perTurn: Millis = 4;
/** A turn that takes longer had a step that cannot be short. */
const longTurn: Millis = 2 * perTurn;

interface Work {
  /** Does a step, and answers whether there are more. */
  readonly step: () => boolean;
  resolve(): void;
  reject(error: unknown): void;
}

const waiting: Work[] = [];
let isTurnComing = false;
/** What the first steps of work that goes on have taken since the last turn. */
let begun: Millis = 0;

/**
 * The first step is done at once, so what is short waits for nothing, unless much that is long has begun in this turn already. Rejects
 * with what a step throws.
 */
export async function inSteps(step: () => boolean): Promise<void> {
  if (begun < perTurn) {
    const before = performance.now();
    if (!step()) return;
    begun += performance.now() - before;
  }
  await new Promise<void>((resolve, reject) => {
    waiting.push({ step, resolve, reject });
    comeAgain();
  });
}

/** What the work gives, in a turn of its own: for work that is short, and that many may ask for at once. */
export async function inTurn<T>(work: () => T): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const step = (): boolean => {
      resolve(work());
      return false;
    };
    waiting.push({ step, resolve: () => undefined, reject });
    comeAgain();
  });
}

function comeAgain(): void {
  if (isTurnComing) return;
  isTurnComing = true;
  setImmediate(tick);
}

/** One turn: a step of each in turn, until the turn's time is over. */
function tick(): void {
  begun = 0;
  const began = performance.now();
  for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) {
    doStep(work);
    if (performance.now() >= began + perTurn) break;
  }
  const took = performance.now() - began;
  // Behind what those do at once who have waited for it.
  if (took > longTurn) setImmediate(() => setTimeout(goOn, performance.now() - began));
  else setImmediate(goOn);
}

/**
 * One who asks for little goes through some turns of the loop: if each were as long as the longest step, it would wait for many of them. So a
 * turn with such a step is followed by as much time for others.
 */
function goOn(): void {
  if (waiting.length > 0) tick();
  else isTurnComing = false;
}

function doStep(work: Work): void {
  try {
    if (work.step()) waiting.push(work);
    else work.resolve();
  } catch (error) {
    work.reject(error);
  }
}
