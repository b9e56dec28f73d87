/** The call of the journal. */
import type { JournalEntry, JournalStore } from '../../../ports/store/journal.ts';
import { readEntry } from '../file/rows/entry.ts';
import { type Row, writeRow } from '../file/tape.ts';
import type { CallsOf } from './call.ts';
import { args, type Codec, list, number } from './codec.ts';

const entry: Codec<Row, JournalEntry> = { write: writeRow, read: readEntry };

export const journalCalls = {
  entries: { thread: 'reader', args: args(number, number), answer: list(entry) },
} satisfies CallsOf<JournalStore>;
