/** Where a page begins, as an opaque text. */
import type { DefinitionKey } from '../../../core/definition.ts';
import { HatstandError } from '../../../core/errors.ts';
import { isJobId, type JobId } from '../../../core/id.ts';
import { namePattern } from '../../../core/new-job.ts';

type DefinitionPlace = Pick<DefinitionKey, 'domain' | 'key'>;
export type Order = 'oldest' | 'newest' | 'attempts';

export function writeCursor(order: Order, next: JobId): string {
  return Buffer.from(`${order}:${next}`).toString('base64url');
}

/** Where a page of attempts begins: behind the one with this fence. */
export const writeFence = (fence: string): string => writeCursor('attempts', fence);
export const readFence = (cursor: string): string => readCursor(cursor, 'attempts');

const ofQueues = 'queues:';
/** Where a page of queues begins: behind the one of this name. */
export const writeName = (name: string): string => Buffer.from(`${ofQueues}${name}`).toString('base64url');

/** Throws `invalid_cursor` for what is none of queues. */
export function readName(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const name = text.slice(ofQueues.length);
  if (text.startsWith(ofQueues) && namePattern.test(name) && writeName(name) === cursor) return name;
  throw new HatstandError(
    'invalid_cursor',
    'cursor must be the "next" of an earlier page of queues; it is not one. Begin without a cursor.',
    { field: 'cursor' },
  );
}

const ofTriggers = 'triggers:';
/** Where a page of triggers begins. */
export const writePlace = ({ domain, key }: DefinitionPlace): string =>
  Buffer.from(`${ofTriggers}${JSON.stringify([domain, key])}`).toString('base64url');

/** Throws `invalid_cursor` for what is none of triggers. */
export function readPlace(cursor: string): DefinitionPlace {
  const text = Buffer.from(cursor, 'base64url').toString();
  const place = text.startsWith(ofTriggers) ? placeIn(text.slice(ofTriggers.length)) : null;
  if (place !== null && writePlace(place) === cursor) return place;
  throw new HatstandError(
    'invalid_cursor',
    'cursor must be the "next" of an earlier page of triggers; it is not one. Begin without a cursor.',
    { field: 'cursor' },
  );
}

function placeIn(text: string): DefinitionPlace | null {
  try {
    const [domain, key]: readonly unknown[] = JSON.parse(text);
    return typeof domain === 'string' && typeof key === 'string' ? { domain, key } : null;
  } catch {
    return null;
  }
}

/** Throws `invalid_cursor` for what is not a cursor of this order. */
export function readCursor(cursor: string, order: Order): JobId {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [its, id] = text.split(':');
  if (id === undefined || !isJobId(id) || writeCursor(order, id) !== cursor) {
    const why = its !== order && (its === 'oldest' || its === 'newest') ? `it belongs to order=${its}` : 'it is not one';
    throw new HatstandError(
      'invalid_cursor',
      `cursor must be the "next" of an earlier page in the same order; ${why}. Begin without a cursor.`,
      {
        field: 'cursor',
      },
    );
  }
  return id;
}
