/** The upkeep of the store's port. Each noun's part of a verb lies with the noun. */
import { latestTime } from '../../../core/time.ts';
import { readUnreadableId, type UnreadableKind, unreadableAt, unreadablePlace } from '../../../core/unreadable.ts';
import type { PresentTime, Scrubbed, Swept, UnreadablePage, UnreadableRecord, UpkeepStore } from '../../../ports/store/upkeep.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { paddedId } from '../format/ids.ts';
import { writeLoseMoves } from '../format/moves.ts';
import { ownerWord } from '../format/owner.ts';
import { asList } from '../format/reply-reader.ts';
import { numberWord, textOf, wordOf } from '../format/words.ts';
import { type Calls, fewAtOnce } from '../frame/calls.ts';

export function makeUpkeepPort(calls: Calls): UpkeepStore {
  return {
    sweep({ ended, journal, told, idempotency, output, limit }) {
      const write = (args: Argument[]): string => {
        args.push(String(journal), numberWord(told), ...[idempotency, output, limit].map(String));
        return numberWord(ended);
      };
      return calls.step('upkeep.sweep', {}, write, readSwept);
    },
    scrub(cursor, limit) {
      const write = (args: Argument[]): string => {
        args.push(String(limit));
        writeLoseMoves(args);
        return cursor ?? '';
      };
      // Jobs may wait for limits, or for others, of which nothing else is left.
      return calls.step('upkeep.scrub', { also: ['limits'] }, write, readScrubbed);
    },
    async setAside(id, reason) {
      const read = readUnreadableId(id);
      if (read === null) return false;
      const { kind, name } = read;
      if (kind === 'key') return false;
      const write = (args: Argument[]): string => {
        args.push(words[kind](name), wordOf(reason.slice(0, longestReason)));
        return kind;
      };
      return calls.step('upkeep.setAside', {}, write, (reply) => reply === 1);
    },
    unreadable: (from, limit) =>
      calls.look(
        'upkeep.unreadable',
        [from === null ? '-' : `[${unreadablePlace(from)}`, String(limit)],
        readUnreadable,
        limit > fewAtOnce,
      ),
    discard(id) {
      return calls.step(
        'upkeep.discard',
        {},
        () => unreadablePlace(id),
        (reply) => reply === 1,
      );
    },
    time: () => calls.look('upkeep.time', [], readTime),
  };
}

/** As what a record lies under its name. */
const words: Readonly<Record<Exclude<UnreadableKind, 'key'>, (name: string) => string>> = {
  job: paddedId,
  definition: ownerWord,
  entry: String,
  queue: wordOf,
  limit: wordOf,
  node: wordOf,
};

/** Characters of a reason. */
const longestReason = 1_024;

function readUnreadable(reply: Reply): UnreadablePage {
  const reader = asList(reply);
  const [total, next] = [reader.number(), reader.text()];
  const records = reader.rest((each) => readRecord(each.text(), each.text()));
  return { records, next: next === '' ? null : unreadableAt(next), total };
}

function readRecord(id: string, text: string): UnreadableRecord {
  const end = text.indexOf('\n');
  const [at, reason = ''] = text.slice(0, Math.max(0, end)).split(' ');
  // Somebody may have written here, too.
  return {
    id: unreadableAt(id),
    at: Math.abs(Number(at)) <= latestTime ? Number(at) : 0,
    reason: textOf(reason),
    raw: text.slice(end + 1),
  };
}

function readTime(reply: Reply): PresentTime {
  const reader = asList(reply);
  // It has one clock, and nothing to compare it with.
  return { now: reader.number(), ahead: reader.number(), sweepsIn: 0 };
}

function readScrubbed(reply: Reply): Scrubbed {
  const reader = asList(reply);
  const next = reader.text();
  const checked = reader.number();
  const repaired: Record<string, number> = {};
  while (reader.more) repaired[reader.text()] = reader.number();
  return { next: next === '' ? null : next, checked, repaired };
}

function readSwept(reply: Reply): Swept {
  const reader = asList(reply);
  return {
    jobs: reader.number(),
    entries: reader.number(),
    keys: reader.number(),
    definitions: reader.number(),
    outputs: reader.number(),
    more: reader.number() === 1,
  };
}
