/** How an entry of the journal lies in its columns. */
import type { JournalEntry } from '../../../../ports/store/journal.ts';
import { type MovedVerb, verbCode, verbOf } from '../codes.ts';
import type { TapeReader } from '../tape.ts';

/** What `readEntry` reads; for an insert its number, its time and `entryBody`. */
export const entryColumns = 'seq, at, body';

/** Jobs that one verb has moved, one after the other. */
export interface MovedJobs {
  readonly verb: MovedVerb;
  readonly ids: readonly string[];
}

/** `[[verb, [id, …]], …]`, the verb as its code. Ids are digits, so nothing needs escaping. */
export function entryBody(moved: readonly MovedJobs[]): string {
  return `[${moved.map(({ verb, ids }) => `[${verbCode(verb)},["${ids.join('","')}"]]`).join(',')}]`;
}

export function readEntry(tape: TapeReader): JournalEntry {
  const seq = tape.number();
  const at = tape.number();
  const moved = JSON.parse(tape.text()) as readonly (readonly [code: number, ids: readonly string[]])[];
  return { seq, at, moved: moved.map(([code, ids]) => ({ verb: verbOf(code), ids })) };
}
