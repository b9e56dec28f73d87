/** What a word that is unknown was probably meant to be. */

/** Two words begin alike when they share this many letters and two thirds of the shorter one: `retries` and `retry`. */
const leastShared = 4;

/**
 * The known word that was probably meant: at most a third of its letters off, else the one that shares the longest
 * beginning; `null`: none. Capitals do not count.
 */
export function nearest(word: string, known: Iterable<string>): string | null {
  const written = word.toLowerCase();
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  let alike: string | null = null;
  let longest = 0;
  for (const candidate of known) {
    const meant = candidate.toLowerCase();
    const off = distance(written, meant);
    const letters = Math.max(written.length, meant.length);
    if (off < least && off < letters && off <= Math.max(1, Math.floor(letters / 3))) {
      best = candidate;
      least = off;
    }
    const shared = sharedBeginning(written, meant);
    if (
      shared > longest &&
      (shared === meant.length || (shared >= leastShared && 3 * shared >= 2 * Math.min(written.length, meant.length)))
    ) {
      alike = candidate;
      longest = shared;
    }
  }
  return best ?? alike;
}

/** `; did you mean retry?`, to be put behind what was wrong; empty when nothing is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const meant = nearest(word, known);
  return meant === null ? '' : `; did you mean ${meant}?`;
}

function sharedBeginning(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** Optimal string alignment: letters added, dropped, changed, or two neighbours swapped. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 16) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const change = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, change, swap));
    }
  }
  return at(a.length, b.length);
}
