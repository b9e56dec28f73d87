/** The journal of the store's port. */
import type { JobVerb } from '../../../core/job.ts';
import type { DefinedNote, FiredNote, JournalEntry, JournalStore } from '../../../ports/store/journal.ts';
import type { Reply } from '../driver/driver.ts';
import { plainId } from '../format/ids.ts';
import { ownerOfWord } from '../format/owner.ts';
import { asList } from '../format/reply-reader.ts';
import { textOf } from '../format/words.ts';
import type { Calls } from '../frame/calls.ts';

export function makeJournalPort(calls: Calls): JournalStore {
  return { entries: (after, limit) => calls.look('journal.entries', [String(after), String(limit)], readEntries) };
}

/** A number and fields, each with its text (entry.lua). */
function readEntries(reply: Reply): readonly JournalEntry[] {
  return asList(reply).rest((each) => {
    const [entry, fields] = [each.list(), new Map<string, string>()];
    const [, seq] = entry.text().split('-');
    const texts = entry.list();
    while (texts.more) fields.set(texts.text(), texts.text());
    const words = (field: string): readonly string[] => wordsIn(fields.get(field) ?? '', ' ');
    return {
      seq: Number(seq),
      at: Number(fields.get('at')),
      defined: inGroups(words('defined'), 2).map(readDefined),
      fired: inGroups(words('fired'), 5).map(readFired),
      moved: wordsIn(fields.get('moved') ?? '', ';').map(readMoved),
    };
  });
}

const wordsIn = (text: string, between: string): readonly string[] => (text === '' ? [] : text.split(between));

const inGroups = (words: readonly string[], length: number): readonly (readonly string[])[] =>
  Array.from({ length: words.length / length }, (_, at) => words.slice(at * length, (at + 1) * length));

const readDefined = ([word = '', version]: readonly string[]): DefinedNote => ({ owner: ownerOfWord(word), version: Number(version) });

const readFired = ([word = '', version, tick, overlap, note = '']: readonly string[]): FiredNote => ({
  ...{ owner: ownerOfWord(word), version: Number(version) },
  ...{ tick: Number(tick), overlap: overlap === '1', note: textOf(note) },
});

function readMoved(text: string): JournalEntry['moved'][number] {
  const [verb, ...ids] = text.split(' ');
  return { verb: verb as JobVerb | 'push', ids: ids.map(plainId) };
}
