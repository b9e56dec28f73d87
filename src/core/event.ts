/** What somebody tells that has happened to a document, so that triggers fire. */

/** `NOTIFIED` reaches those who listen, and fires nothing. */
export const eventVerbs = ['CREATED', 'UPDATED', 'DELETED', 'NOTIFIED'] as const;
export type EventVerb = (typeof eventVerbs)[number];

export interface Event {
  /** The tenant; triggers of other domains do not fire. */
  readonly domain: string;
  /** Words of small letters, digits, `_` and `-` between dots, such as `io.cozy.files`. */
  readonly type: string;
  readonly verb: EventVerb;
  /** Of the document. */
  readonly id: string;
  /** The document as it is now, or was last: what `JSON.parse` gives; `null`: it is not told. */
  readonly doc: unknown;
  /** The document before an update; `null`: it is not known. */
  readonly old: unknown;
}

/** Types of what happens to jobs, triggers and nodes begin with this. Only rules that name it as well match them. */
export const lifecyclePrefix = 'hatstand.';

const typePattern = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
/** Characters of a type. */
export const longestType = 128;
export const isEventType = (type: string): boolean => type.length <= longestType && typePattern.test(type);
