/** How an entry of the journal lies in its columns. */

import { readEvents } from '../../../../core/event.ts';
import { isJson } from '../../../../core/record.ts';
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
 * firings stand before what the notes tell, in the order of their fields.
 */
export function entryBody(moved: readonly MovedJobs[], defined: readonly DefinedNote[], fired: readonly FiredNote[]): string {
  // Ids are digits, so nothing needs escaping.
  const groups = moved.map(({ verb, ids }) => `[${verbCode(verb)},["${ids.join('","')}"]]`);
  if (defined.length > 0) groups.push(JSON.stringify([definedCode, defined.map(({ owner, version }) => [owner, version])]));
  if (fired.length > 0) {
    const notes = fired.map(({ owner, version, tick, overlap, note }) => [owner, version, tick, overlap, note]);
    groups.push(JSON.stringify([firedCode, notes]));
  }
  return `[${groups.join(',')}]`;
}

type MovedGroup = readonly [code: number, ids: readonly string[]];
type DefinedGroup = readonly [code: typeof definedCode, notes: readonly (readonly [owner: string, version: number])[]];
type FiredGroup = readonly [code: typeof firedCode, notes: readonly FiredCells[]];
type FiredCells = readonly [owner: string, version: number, tick: number, overlap: boolean, note: string];
type Group = MovedGroup | DefinedGroup | FiredGroup;

const isDefined = (group: Group): group is DefinedGroup => group[0] === definedCode;
const isFired = (group: Group): group is FiredGroup => group[0] === firedCode;

export function readEntry(tape: TapeReader): JournalEntry {
  const [seq, at] = [tape.number(), tape.number()];
  const moved: MovedJobs[] = [];
  const defined: DefinedNote[] = [];
  const fired: FiredNote[] = [];
  const [body, told] = [tape.text(), tape.textOrNull()];
  // Of an entry that was damaged nothing is told but its number.
  for (const group of isJson(body) ? (JSON.parse(body) as readonly Group[]) : []) {
    if (isDefined(group)) defined.push(...group[1].map(([owner, version]) => ({ owner, version })));
    else if (isFired(group)) fired.push(...group[1].map(readFired));
    else moved.push({ verb: verbOf(group[0]), ids: group[1] });
  }
  return { seq, at, defined, fired, moved, told: told === null ? [] : readEvents(told) };
}

const readFired = ([owner, version, tick, overlap, note]: FiredCells): FiredNote => ({ owner, version, tick, overlap, note });
