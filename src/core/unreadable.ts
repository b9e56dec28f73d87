/**
 * Records that nobody can read. One text names each of them: that of a job is its id, that of any other says what it was and under
 * what it lay, such as `definition:trigger//nightly` or `queue:mail`.
 */
import { isJobId, type JobId } from './id.ts';

/** A job's id, or a kind and a name. */
export type UnreadableId = string;

/** Of records that are no jobs, each with how people are told of it. */
const named = {
  /** By `ownerOf` its key. */
  definition: 'record of definition',
  /** Of the journal, by its number. */
  entry: 'journal entry',
  /** The settings of a queue, by its name. */
  queue: 'record of queue',
  /** What is set for a limit, by its name. */
  limit: 'record of limit',
  /** By its incarnation. */
  node: 'record of node',
  /** Of Redis: it was of another type than Hatstand gives it. By its name behind the prefix of the cluster. */
  key: 'Redis key',
} as const;

export type UnreadableKind = 'job' | keyof typeof named;

/** In characters. Longer than the longest name of anything. */
export const longestUnreadableId = 2_048;

const isNamed = (kind: string): kind is keyof typeof named => Object.hasOwn(named, kind);

export const unreadableId = (kind: Exclude<UnreadableKind, 'job'>, name: string): UnreadableId => `${kind}:${name}`;

/** `null`: nothing has this name. */
export function readUnreadableId(
  id: UnreadableId,
): { readonly kind: 'job'; readonly name: JobId } | { readonly kind: keyof typeof named; readonly name: string } | null {
  if (isJobId(id)) return { kind: 'job', name: id };
  const at = id.indexOf(':');
  const kind = id.slice(0, Math.max(0, at));
  return isNamed(kind) && id.length <= longestUnreadableId ? { kind, name: id.slice(at + 1) } : null;
}

/** For a sentence: "The … cannot be read". */
export function unreadableText(id: UnreadableId): string {
  const read = readUnreadableId(id);
  return read === null || read.kind === 'job' ? `record of job ${id}` : `${named[read.kind]} ${read.name}`;
}

/** Digits of the longest id of a job. */
const digits = 19;

/** By these texts they are ordered: jobs by their numbers, then all others by name. */
export const unreadablePlace = (id: UnreadableId): string => (isJobId(id) ? id.padStart(digits, '0') : id);
export const unreadableAt = (place: string): UnreadableId => (/^\d+$/.test(place) ? place.replace(/^0+(?=\d)/, '') : place);
