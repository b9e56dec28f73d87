/** The call of the journal. */
import type { JournalStore } from '../../../ports/store/journal.ts';
import { readEntry } from '../file/rows/entry.ts';
import type { CallsOf } from './call.ts';
import { args, number, readable } from './codec.ts';

export const journalCalls = {
  entries: { thread: 'reader', args: args(number, number), answer: readable(readEntry) },
} satisfies CallsOf<JournalStore>;
