/** How an entry of the journal lies in its columns. */

import { readEvents } from '../../../../core/event.ts';
import { type UnreadableId, unreadableId } from '../../../../core/unreadable.ts';
import type { DefinedNote, FiredNote, JournalEntry } from '../../../../ports/store/journal.ts';
import { definedCode, firedCode, type MovedVerb, verbCode, verbOf } from '../codes.ts';
import type { TapeReader } from '../tape.ts';

/** What `readEntry` reads; for an insert its number, its time, `entryBody`, and what is written of its events. */
export const entryColumns = 'seq, at, body, told';

/** Jobs that one verb has moved, one after the other. */
export interface MovedJobs {
  readonly verb: MovedVerb;
  readonly ids: readonly string[];
}

/**
 * `[[code, [item, …]], …]`. The code of a verb stands before ids of jobs; those of the definitions that were put and of the
 * firings stand before what the notes tell, in the order of their fields; `"off"` stands in the place of `overlap` for one that was put off.
 */
export function entryBody(moved: readonly MovedJobs[], defined: readonly DefinedNote[], fired: readonly FiredNote[]): string {
  // Ids are digits, so nothing needs escaping.
  const groups = moved.map(({ verb, ids }) => `[${verbCode(verb)},["${ids.join('","')}"]]`);
  if (defined.length > 0)
    groups.push(
      JSON.stringify([
        definedCode,
        defined.map(({ owner, version, note }) => (note === undefined ? [owner, version] : [owner, version, note])),
      ]),
    );
  if (fired.length > 0) {
    const notes = fired.map(({ owner, version, tick, overlap, putOff, note }) => [owner, version, tick, putOff ? 'off' : overlap, note]);
    groups.push(JSON.stringify([firedCode, notes]));
  }
  return `[${groups.join(',')}]`;
}

/** Cells of a row. */
const width = 4;
const entryName = (seq: string): UnreadableId => unreadableId('entry', seq);

/** One that cannot be read is noted, and stands in its place as one that did nothing; `null`: its number is none. */
export function readEntry(tape: TapeReader): JournalEntry | null {
  const found: { seq: number | null } = { seq: null };
  const entry = tape.record(width, entryName, () => {
    const seq = tape.number();
    found.seq = seq;
    const [at, body, told] = [tape.time(), tape.text(), tape.textOrNull()];
    return { seq, at, ...notesIn(body), told: told === null ? [] : readEvents(told) };
  });
  return entry ?? (found.seq === null ? null : { seq: found.seq, at: 0, defined: [], fired: [], moved: [], told: [] });
}

/** Throws for a text that makes no entry. */
function notesIn(body: string): Omit<JournalEntry, 'seq' | 'at' | 'told'> {
  const moved: MovedJobs[] = [];
  const defined: DefinedNote[] = [];
  const fired: FiredNote[] = [];
  for (const [code, items] of asList(JSON.parse(body)).map(asList)) {
    if (code === definedCode) defined.push(...asList(items).map(readDefined));
    else if (code === firedCode) fired.push(...asList(items).map(readFired));
    else moved.push({ verb: verbOf(asNumber(code)), ids: asList(items).map(asText) });
  }
  return { moved, defined, fired };
}

function readDefined(cells: unknown): DefinedNote {
  const [owner, version, note] = asList(cells);
  return { owner: asText(owner), version: asNumber(version), ...(note === undefined ? {} : { note: asText(note) }) };
}

function readFired(cells: unknown): FiredNote {
  const [owner, version, tick, overlap, note] = asList(cells);
  return {
    owner: asText(owner),
    version: asNumber(version),
    tick: asNumber(tick),
    overlap: overlap === true,
    putOff: overlap === 'off',
    note: asText(note),
  };
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : misread('a list', value));
const asText = (value: unknown): string => (typeof value === 'string' ? value : misread('a text', value));
const asNumber = (value: unknown): number => (typeof value === 'number' ? value : misread('a number', value));

function misread(expected: string, found: unknown): never {
  throw new Error(`${expected} was expected, not ${String(JSON.stringify(found)).slice(0, 64)}`);
}
