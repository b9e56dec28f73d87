/** Records that nobody can read, which the store has set aside: the words are those of `/v1/unreadable`. */
import { HatstandError } from '../core/errors.ts';
import type { JobId } from '../core/id.ts';
import { readUnreadableId, unreadableText } from '../core/unreadable.ts';
import type { UnreadablePage as Page } from '../ports/store/upkeep.ts';
import { checked, type Kind, type OptionsOf, readAs, whole } from './option.ts';

export interface UnreadableOptions {
  /** Records on a page. Default: 100. */
  readonly limit?: number | undefined;
  /** Where the page begins: `next` of the page before. Default: the first. */
  readonly from?: string | undefined;
}

/** What a list tells of a record. */
export interface UnreadableSummary {
  /** The id of a job, or what it was and under what it lay, such as `queue:mail`. */
  readonly id: string;
  /** When it was set aside, in Unix milliseconds. */
  readonly at: number;
  /** What is wrong with it. */
  readonly reason: string;
}

export interface UnreadableRecord extends UnreadableSummary {
  /** All that was kept of it, as the store had it. Bytes that are no text stand in it as hexadecimal digits. */
  readonly raw: string;
}

export interface UnreadablePage {
  /** Jobs by id, then the others by name. */
  readonly records: readonly UnreadableSummary[];
  /** The `from` of the next page; `null`: this is the last one. */
  readonly next: string | null;
  /** Of all. */
  readonly total: number;
}

const name: Kind<string> = {
  expected: 'the id of a record that cannot be read, as the list has it',
  read: (value) => (typeof value === 'string' && readUnreadableId(value) !== null ? value : undefined),
};

export const unreadableOptions = {
  limit: { kind: whole(1, 1_000), default: '100' },
  from: { kind: name, default: 'the first' },
} as const satisfies OptionsOf<UnreadableOptions>;

/** Throws `invalid_request`. */
export function unreadableQuery(options: UnreadableOptions | undefined): { readonly from: string | null; readonly limit: number } {
  const { from = null, limit = 100 } = checked(options, unreadableOptions, 'unreadable');
  return { from, limit };
}

export const unreadableView = ({ records, next, total }: Page): UnreadablePage => ({
  records: records.map(({ id, at, reason }) => ({ id, at, reason })),
  next,
  total,
});

/** Throws `invalid_request` for what names no record. */
export const unreadableName = (id: unknown): string => readAs(name, id, 'id', 'raw');

/** Whether this names what is no job. */
export const isNoJob = (id: unknown): id is string => typeof id === 'string' && (readUnreadableId(id)?.kind ?? 'job') !== 'job';

/** What is thrown instead of answering that there is no such job. */
export const unreadableJob = (id: JobId, reason: string): HatstandError =>
  new HatstandError(
    'unreadable',
    `The ${unreadableText(id)} cannot be read and is set aside: ${reason}. raw("${id}") shows what is left of it, delete("${id}") removes it.`,
    { job: id, reason },
  );
