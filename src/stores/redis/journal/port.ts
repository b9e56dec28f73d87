/** The journal of the store's port. */
import type { JobVerb } from '../../../core/job.ts';
import type { JournalEntry, JournalStore } from '../../../ports/store/journal.ts';
import type { Reply } from '../driver/driver.ts';
import { plainId } from '../format/ids.ts';
import { asList } from '../format/reply-reader.ts';
import type { Calls } from '../frame/calls.ts';

export function makeJournalPort(calls: Calls): JournalStore {
  return { entries: (after, limit) => calls.look('journal.entries', [String(after), String(limit)], readEntries) };
}

function readEntries(reply: Reply): readonly JournalEntry[] {
  return asList(reply).rest((each) => {
    const entry = each.list();
    const [, seq] = entry.text().split('-');
    return { seq: Number(seq), at: Number(entry.text()), moved: entry.text().split(';').map(readMoved) };
  });
}

function readMoved(text: string): JournalEntry['moved'][number] {
  const [verb, ...ids] = text.split(' ');
  return { verb: verb as JobVerb | 'push', ids: ids.map(plainId) };
}
