/** The journal of the store's port. */
import { messageOf } from '../../../core/errors.ts';
import { type NewEvent, readEvents, sizeOfEvent, writeEvent } from '../../../core/event.ts';
import { isJobId, type JobId } from '../../../core/id.ts';
import { type JobVerb, jobVerbs } from '../../../core/job.ts';
import { unreadableId } from '../../../core/unreadable.ts';
import type {
  Cause,
  Caused,
  DefinedNote,
  FiredNote,
  Gap,
  JournalEntry,
  JournalPage,
  JournalPlace,
  JournalStore,
  Publish,
  Published,
  PublishedEvent,
} from '../../../ports/store/journal.ts';
import type { Found } from '../../set-aside.ts';
import { sizeOfPublish } from '../../size.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { writePart } from '../format/definition.ts';
import { plainId } from '../format/ids.ts';
import { rareExtras, writeNewJob } from '../format/new-job.ts';
import { ownerOfWord } from '../format/owner.ts';
import { asList, type ReplyReader } from '../format/reply-reader.ts';
import { noWord, numberWord, textOf, timeOf, wholeOf, wordOf } from '../format/words.ts';
import { type Calls, fewAtOnce } from '../frame/calls.ts';
import { readPushed } from '../frame/pushed.ts';

export interface JournalPortParts {
  /** Hears of entries that cannot be read. */
  readonly found: Found;
  /** Hears of the newest job of each publish. */
  pushed(id: JobId): void;
}

export function makeJournalPort(calls: Calls, { found, pushed }: JournalPortParts): JournalStore {
  return {
    entries(after, limit) {
      const args = [...placeWords(after), String(limit)];
      return calls.look('journal.entries', args, (reply) => readPage(reply, found), limit > fewAtOnce);
    },
    publish(step) {
      const write = (args: Argument[]): string => {
        const { events, causes, rules, follow } = step;
        if (follow === null) args.push(noWord, '', '', '0');
        else args.push(wordOf(follow.name), String(follow.from), String(follow.to), ...waitedFor(step));
        args.push(String(events.length), String(causes.length));
        for (const event of events) writeTold(args, event);
        for (const cause of causes) writeCause(args, cause);
        return numberWord(rules);
      };
      return calls.step(
        'journal.publish',
        { size: sizeOfPublish(step), also: ['owned', ...rareExtras(step.causes.flatMap((cause) => ('job' in cause ? cause.job : [])))] },
        write,
        (reply) => {
          const published = readPublished(reply);
          const made = published.kind === 'published' ? published.causes.flatMap((each) => (each.kind === 'pushed' ? each.id : [])) : [];
          const newest = made.at(-1);
          if (newest !== undefined) pushed(newest);
          return published;
        },
      );
    },
  };
}

/** A number alone is a place in whichever store it is. */
const placeWords = (after: JournalPlace | number): readonly string[] =>
  typeof after === 'number' ? [noWord, String(after), '0'] : [after.store, String(after.seq), String(after.at)];

/** Keys of different domains have nothing to do with one another. */
function writeTold(args: Argument[], event: NewEvent): void {
  const scope = event.key === null ? '' : JSON.stringify([event.domain, event.key]);
  args.push(scope, String(sizeOfEvent(event)), writeEvent(event));
}

/** How many queues, and each: while one of them is closed, nothing is done. */
function waitedFor({ causes, follow }: Publish): readonly string[] {
  const queues = follow?.waits === true ? new Set(causes.flatMap((cause) => ('job' in cause ? wordOf(cause.job.queue) : []))) : [];
  const words = [...queues];
  return [String(words.length), ...words];
}

function writeCause(args: Argument[], cause: Cause): void {
  args.push(numberWord(cause.event), 'job' in cause ? 'j' : 'p');
  if ('job' in cause) writeNewJob(args, cause.job);
  else writePart(args, cause.part);
}

function readPublished(reply: Reply): Published {
  const reader = asList(reply);
  const kind = reader.text();
  if (kind === 'stale') return { kind, version: Number(reader.text()) };
  if (kind === 'moved') return { kind, at: Number(reader.text()) };
  if (kind === 'closed') return { kind, queue: textOf(reader.text()) };
  const [seq, told] = [Number(reader.text()), reader.text()];
  const events = wordsIn(told, ' ').map((word) => readTold(word, seq));
  return { kind: 'published', events, causes: reader.rest(readCaused) };
}

function readTold(word: string, seq: number): PublishedEvent {
  if (word.startsWith('t')) return { kind: 'told', seq, number: Number(word.slice(1)) };
  const [entry = '', number] = word.slice(1).split('-');
  return { kind: 'known', seq: entry === '' ? seq : Number(entry), number: Number(number) };
}

function readCaused(reader: ReplyReader): Caused {
  const text = reader.text();
  if (text === 'gathered' || text === 'dropped' || text === 'missing' || text === 'known') return { kind: text };
  const [pushed] = readPushed(text);
  if (pushed === undefined) throw new Error(`what became of a cause was expected, not ${text}`);
  return pushed;
}

/** What is missing, the name of the store and its newest place, then the entries (entries.lua). */
function readPage(reply: Reply, found: Found): JournalPage {
  const reader = asList(reply);
  const gap = reader.text();
  const newest = { store: reader.text(), seq: Number(reader.text()), at: Number(reader.text()) };
  return { entries: readEntries(reader, found), gap: gap === '' ? null : (gap as Gap), newest };
}

/** A number and fields, each with its text (entry.lua). One that cannot be read stands in its place as one that did nothing. */
function readEntries(reader: ReplyReader, found: Found): readonly JournalEntry[] {
  return reader.rest((each) => {
    const [entry, fields] = [each.list(), new Map<string, string>()];
    const [, number] = entry.text().split('-');
    const texts = entry.list();
    while (texts.more) fields.set(texts.text(), texts.text());
    const seq = Number(number);
    try {
      return { seq, ...entryOf(fields) };
    } catch (error) {
      found({ id: unreadableId('entry', String(seq)), reason: messageOf(error) });
      return { seq, at: 0, defined: [], fired: [], moved: [], told: [] };
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
    told: readEvents(fields.get('told') ?? ''),
  };
}

const wordsIn = (text: string, between: string): readonly string[] => (text === '' ? [] : text.split(between));

const inGroups = (words: readonly string[], length: number): readonly (readonly string[])[] =>
  Array.from({ length: words.length / length }, (_, at) => words.slice(at * length, (at + 1) * length));

function readDefined([word = '', text = '']: readonly string[]): DefinedNote {
  const [version, note] = text.split('/');
  return { owner: ownerOfWord(word), version: wholeOf(version), ...(note === undefined ? {} : { note: textOf(note) }) };
}

const readFired = ([word = '', version, tick, overlap, note = '']: readonly string[]): FiredNote => ({
  ...{ owner: ownerOfWord(word), version: wholeOf(version) },
  ...{ tick: timeOf(tick), overlap: overlap === '1', putOff: overlap === 'off', note: textOf(note) },
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
