/** What windows have gathered. */

import { dueAt, type Part } from '../../../../core/definition.ts';
import { fitsWindow, windowWith } from '../../../../core/window.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { prepareRows } from '../../file/database.ts';
import type { State } from '../state.ts';
import type { DefinitionsTable } from './table.ts';

/** By the id of the definition's row. */
export interface Parts {
  add(definition: number, text: string): void;
  /** In the order in which they came. */
  texts(definition: number): readonly string[];
  remove(definition: number): void;
}

export function makeParts({ db }: State): Parts {
  const add = db.prepare('INSERT INTO parts (definition, text) VALUES (?, ?)');
  const texts = prepareRows(db, 'SELECT text FROM parts INDEXED BY parts_definition WHERE definition = ? ORDER BY seq');
  const remove = db.prepare('DELETE FROM parts WHERE definition = ?');
  return {
    add: (definition, text) => void add.run(definition, text),
    texts: (definition) => texts.all(definition).map(([text]) => String(text)),
    remove: (definition) => void remove.run(definition),
  };
}

export function makeGather({ clock, hints }: State, table: DefinitionsTable, parts: Parts): Pick<WriterHandlers['definitions'], 'gather'> {
  const gatherOne = (part: Part): 'gathered' | 'dropped' | 'missing' => {
    const kept = table.find(part);
    if (kept === null || kept.isRemoved) return 'missing';
    const fits = fitsWindow(kept.window, kept.characters, part);
    const window = windowWith(kept, part, fits, clock.now());
    const after = { ...kept, window, characters: kept.characters + (fits ? part.text.length : 0) };
    table.writeProgress(after);
    if (fits) parts.add(kept.id, part.text);
    if (isSooner(dueAt(after), dueAt(kept))) hints.defined();
    return fits ? 'gathered' : 'dropped';
  };
  return { gather: (asked) => asked.map(gatherOne) };
}

const isSooner = (a: number | null, b: number | null): boolean => a !== null && (b === null || a < b);
