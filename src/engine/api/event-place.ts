/**
 * Where a reader of events stands, as one text: what the server sends with each event, and gets back from who has seen it. It names the
 * entry and its time, so that a store that was rewound, or is another one, is noticed.
 */
import { HatstandError } from '../../core/errors.ts';
import type { JournalPlace } from '../../ports/store/journal.ts';

export interface EventPlace extends JournalPlace {
  /** Of the event in its entry; `null`: all of the entry was seen. */
  readonly number: number | null;
}

/** For example `1042.0.m9x2k1.7hq2…`. */
export const placeText = ({ store, seq, at, number }: EventPlace): string => `${seq}.${number ?? ''}.${at.toString(36)}.${store}`;

const pattern = /^(\d{1,15})\.(\d{0,7})\.([0-9a-z]{1,11})\.([0-9A-Za-z-]{1,64})$/;

/** Throws `invalid_cursor` for what is none. */
export function readPlace(text: string): EventPlace {
  const [, seq, number, at, store] = pattern.exec(text) ?? [];
  if (seq !== undefined && at !== undefined && store !== undefined) {
    return { store, seq: Number(seq), at: Number.parseInt(at, 36), number: number === '' ? null : Number(number) };
  }
  throw new HatstandError(
    'invalid_cursor',
    `The id of an event was expected, as the server sent it, not ${JSON.stringify(text.slice(0, 160))}. Leave it out to follow from now on.`,
    { field: 'after' },
  );
}
