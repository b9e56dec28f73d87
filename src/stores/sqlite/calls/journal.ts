/** The calls of the journal. */
import { type NewEvent, sizeOfEvent, writeEvent } from '../../../core/event.ts';
import type { Cause, JournalPlace, JournalStore } from '../../../ports/store/journal.ts';
import { sizeOfPublish } from '../../size.ts';
import { readEntry } from '../file/rows/entry.ts';
import type { NewJobRow } from '../file/rows/new-job.ts';
import type { CallsOf } from './call.ts';
import { args, type Codec, fields, flag, list, nullable, number, numberOrNull, readable, text, variants, word } from './codec.ts';
import { part } from './definitions.ts';
import { newJob } from './new-job.ts';

/** A number alone is a place in whichever store it is. */
const place: Codec<JournalPlace | number, PlaceAsked> = {
  write(cells, after) {
    if (typeof after === 'number') cells.push(null, after, 0);
    else cells.push(after.store, after.seq, after.at);
  },
  read: (tape) => ({ store: tape.textOrNull(), seq: tape.number(), at: tape.number() }),
};

/** `store` `null`: this one. */
export interface PlaceAsked extends Omit<JournalPlace, 'store'> {
  readonly store: string | null;
}

/** An event on its way into the file: the writer looks at its domain and key alone. */
export interface EventRow {
  readonly domain: string;
  readonly key: string | null;
  readonly size: number;
  readonly written: string;
}

const event: Codec<NewEvent, EventRow> = {
  write: (cells, asked) => void cells.push(asked.domain, asked.key, sizeOfEvent(asked), writeEvent(asked)),
  read: (tape) => ({ domain: tape.text(), key: tape.textOrNull(), size: tape.number(), written: tape.text() }),
};

/** A cause on its way: `part` `null`, then it is a job, which is a row that the writer does not look at. */
export interface CauseRow {
  readonly event: number | null;
  readonly part: ReturnType<typeof part.read> | null;
  readonly job: NewJobRow | null;
}

const cause: Codec<Cause, CauseRow> = {
  write(cells, asked) {
    cells.push(asked.event, 'job' in asked ? 1 : 0);
    if ('job' in asked) newJob.write(cells, asked.job);
    else part.write(cells, asked.part);
  },
  read(tape) {
    const [event, isJob] = [tape.numberOrNull(), tape.flag()];
    return isJob ? { event, part: null, job: newJob.read(tape) } : { event, part: part.read(tape), job: null };
  },
};

const pushed = { id: text, createdAt: number };
const limited = { key: text, wait: number };
const dangling = { awaited: text };

export const journalCalls = {
  entries: {
    thread: 'reader',
    args: args(place, number),
    answer: fields({
      entries: readable(readEntry),
      gap: nullable(word(['swept', 'rewound'])),
      newest: fields({ store: text, seq: number, at: number }),
    }),
  },
  publish: {
    thread: 'writer',
    size: sizeOfPublish,
    args: args(
      fields({
        events: list(event),
        causes: list(cause),
        rules: numberOrNull,
        follow: nullable(fields({ name: text, from: number, to: number, waits: flag })),
      }),
    ),
    answer: variants({
      published: {
        events: list(fields({ kind: word(['told', 'known']), seq: number, number })),
        causes: list(
          variants({
            ...{ pushed, replayed: pushed, conflict: pushed, duplicate: pushed, closed: {}, limited, dangling },
            ...{ gathered: {}, dropped: {}, missing: {}, known: {} },
          }),
        ),
      },
      stale: { version: number },
      moved: { at: number },
      closed: { queue: text },
    }),
  },
} satisfies CallsOf<JournalStore>;
