/** What a follower of events wants to hear of: a type, or all types below one, and perhaps one document. */
import { HatstandError } from './errors.ts';
import { isEventType, lifecyclePrefix, type NewEvent } from './event.ts';

export interface Topic {
  /** A type, or with `isPrefix` the beginning of types up to a dot; `''`: all. */
  readonly type: string;
  readonly isPrefix: boolean;
  /** `null`: of whichever document. */
  readonly id: string | null;
}

/** Of one follower. */
export const mostTopics = 64;

/** `io.files`, `io.*`, `*`, each perhaps with a colon and the id of a document. Throws `invalid_request`. */
export function parseTopic(text: string): Topic {
  const colon = text.indexOf(':');
  const [name, id] = colon < 0 ? [text, null] : [text.slice(0, colon), text.slice(colon + 1)];
  const isPrefix = name === '*' || name.endsWith('.*');
  const type = isPrefix ? name.slice(0, -1) : name;
  const isType = type === '' ? isPrefix : isEventType(isPrefix ? type.slice(0, -1) : type);
  if (isType && id !== '') return { type, isPrefix, id };
  throw new HatstandError(
    'invalid_request',
    `topic must be a type of events, such as io.files, io.* or *, perhaps with a document, such as io.files:7, not ${JSON.stringify(text.slice(0, 160))}.`,
    { field: 'topic' },
  );
}

/** What Hatstand itself tells is heard by those alone who name it. */
export function hears({ type, isPrefix, id }: Topic, event: Pick<NewEvent, 'type' | 'id'>): boolean {
  if (id !== null && id !== event.id) return false;
  if (!isPrefix) return event.type === type;
  return event.type.startsWith(type) && (type !== '' || !event.type.startsWith(lifecyclePrefix));
}

/** Whether it may hear of what Hatstand itself tells. */
export const hearsLifecycle = ({ type }: Topic): boolean => type.startsWith(lifecyclePrefix);
