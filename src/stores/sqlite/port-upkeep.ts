/** The upkeep of the store's port, over the threads. */
import type { Swept, UpkeepStore } from '../../ports/store/upkeep.ts';
import { restoredKinds } from './restore.ts';
import { type TapeReader, writeList } from './tape.ts';
import type { Threads } from './threads.ts';

export function makeUpkeepPort(threads: Threads): UpkeepStore {
  return {
    sweep: ({ ended, journal, idempotency, limit }) =>
      threads.write('sweep', 0, (cells) => cells.push(ended, journal, idempotency, limit), readSwept),
    scrub: (cursor, limit) =>
      threads.write(
        'scrub',
        0,
        (cells) => cells.push(cursor, limit),
        (tape) => ({ next: tape.textOrNull(), checked: tape.number(), repaired: JSON.parse(tape.text()) as Record<string, number> }),
      ),
    restore(copies) {
      const texts = copies.map((copy) => JSON.stringify(copy));
      const size = texts.reduce((sum, text) => sum + text.length, 0);
      return threads.write(
        'restore',
        size,
        (cells) => writeList(cells, texts, (text) => cells.push(text)),
        (tape) => tape.list(() => restoredKinds[tape.number()] ?? 'exists'),
      );
    },
  };
}

function readSwept(tape: TapeReader): Swept {
  return { jobs: tape.number(), entries: tape.number(), keys: tape.number(), more: tape.flag() };
}
