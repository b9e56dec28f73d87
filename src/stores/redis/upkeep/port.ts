/** The upkeep of the store's port. Each noun's part of a verb lies with the noun. */
import type { PresentTime, Scrubbed, Swept, UpkeepStore } from '../../../ports/store/upkeep.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { writeLoseMoves } from '../format/moves.ts';
import { asList } from '../format/reply-reader.ts';
import { numberWord } from '../format/words.ts';
import type { Calls } from '../frame/calls.ts';

export function makeUpkeepPort(calls: Calls): UpkeepStore {
  return {
    sweep({ ended, journal, idempotency, output, limit }) {
      const write = (args: Argument[]): string => {
        args.push(...[journal, idempotency, output, limit].map(String));
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
    time: () => calls.look('upkeep.time', [], readTime),
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
