/** The upkeep of the store's port. Each noun's part of a verb lies with the noun. */
import { isJobId } from '../../../core/id.ts';
import type { PresentTime, Scrubbed, Swept, UnreadablePage, UnreadableRecord, UpkeepStore } from '../../../ports/store/upkeep.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { paddedId, plainId } from '../format/ids.ts';
import { writeLoseMoves } from '../format/moves.ts';
import { asList } from '../format/reply-reader.ts';
import { numberWord, textOf, wordOf } from '../format/words.ts';
import type { Calls } from '../frame/calls.ts';

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
      return calls.step('upkeep.scrub', {}, write, readScrubbed);
    },
    async setAside(id, reason) {
      if (!isJobId(id)) return false;
      const write = (args: Argument[]): string => {
        args.push(wordOf(reason.slice(0, longestReason)));
        return paddedId(id);
      };
      return calls.step('upkeep.setAside', {}, write, (reply) => reply === 1);
    },
    unreadable: (from, limit) =>
      calls.look('upkeep.unreadable', [from === null ? '-' : `[${paddedId(from)}`, String(limit)], readUnreadable),
    async discard(id) {
      if (!isJobId(id)) return false;
      return calls.step(
        'upkeep.discard',
        {},
        () => paddedId(id),
        (reply) => reply === 1,
      );
    },
    time: () => calls.look('upkeep.time', [], readTime),
  };
}

/** Characters of a reason. */
const longestReason = 1_024;

function readUnreadable(reply: Reply): UnreadablePage {
  const reader = asList(reply);
  const [total, next] = [reader.number(), reader.text()];
  const records = reader.rest((each) => readRecord(each.text(), each.text()));
  return { records, next: next === '' ? null : plainId(next), total };
}

function readRecord(id: string, text: string): UnreadableRecord {
  const end = text.indexOf('\n');
  const [at, reason = ''] = text.slice(0, end).split(' ');
  return { id: plainId(id), at: Number(at), reason: textOf(reason), raw: text.slice(end + 1) };
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
