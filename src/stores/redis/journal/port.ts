/** The journal of the store's port. */
import { messageOf } from '../../../core/errors.ts';
import { isJobId, type JobId } from '../../../core/id.ts';
import { type JobVerb, jobVerbs } from '../../../core/job.ts';
import { unreadableId } from '../../../core/unreadable.ts';
import type { DefinedNote, FiredNote, JournalEntry, JournalStore } from '../../../ports/store/journal.ts';
import type { Found } from '../../set-aside.ts';
import type { Reply } from '../driver/driver.ts';
import { plainId } from '../format/ids.ts';
import { ownerOfWord } from '../format/owner.ts';
import { asList } from '../format/reply-reader.ts';
import { textOf, timeOf, wholeOf } from '../format/words.ts';
import type { Calls } from '../frame/calls.ts';

/** @param found hears of entries that cannot be read */
export function makeJournalPort(calls: Calls, found: Found): JournalStore {
  return { entries: (after, limit) => calls.look('journal.entries', [String(after), String(limit)], (reply) => readEntries(reply, found)) };
}

/** A number and fields, each with its text (entry.lua). One that cannot be read stands in its place as one that did nothing. */
function readEntries(reply: Reply, found: Found): readonly JournalEntry[] {
  return asList(reply).rest((each) => {
    const [entry, fields] = [each.list(), new Map<string, string>()];
    const [, number] = entry.text().split('-');
    const texts = entry.list();
    while (texts.more) fields.set(texts.text(), texts.text());
    const seq = Number(number);
    try {
      return { seq, ...entryOf(fields) };
    } catch (error) {
      found({ id: unreadableId('entry', String(seq)), reason: messageOf(error) });
      return { seq, at: 0, defined: [], fired: [], moved: [] };
    }
  });
}

/** Throws for what makes none. */
function entryOf(fields: ReadonlyMap<string, string>): Omit<JournalEntry, 'seq'> {
  const words = (field: string): readonly string[] => wordsIn(fields.get(field) ?? '', ' ');
  return {
    at: timeOf(fields.get('at')),
    defined: inGroups(words('defined'), 2).map(readDefined),
    fired: inGroups(words('fired'), 5).map(readFired),
    moved: wordsIn(fields.get('moved') ?? '', ';').map(readMoved),
  };
}

const wordsIn = (text: string, between: string): readonly string[] => (text === '' ? [] : text.split(between));

const inGroups = (words: readonly string[], length: number): readonly (readonly string[])[] =>
  Array.from({ length: words.length / length }, (_, at) => words.slice(at * length, (at + 1) * length));

const readDefined = ([word = '', version]: readonly string[]): DefinedNote => ({ owner: ownerOfWord(word), version: wholeOf(version) });

const readFired = ([word = '', version, tick, overlap, note = '']: readonly string[]): FiredNote => ({
  ...{ owner: ownerOfWord(word), version: wholeOf(version) },
  ...{ tick: timeOf(tick), overlap: overlap === '1', note: textOf(note) },
});

const journalVerbs: readonly (JobVerb | 'push')[] = ['push', ...jobVerbs];

function idOf(padded: string): JobId {
  const id = plainId(padded);
  if (isJobId(id)) return id;
  throw new Error(`an id was expected, not ${JSON.stringify(id.slice(0, 64))}`);
}

function readMoved(text: string): JournalEntry['moved'][number] {
  const [word, ...ids] = text.split(' ');
  const verb = journalVerbs.find((known) => known === word);
  if (verb === undefined) throw new Error(`no verb is called ${JSON.stringify(word?.slice(0, 64))}`);
  return { verb, ids: ids.map(idOf) };
}
