/** Where a page begins, as an opaque text. */
import { HatstandError } from '../../../core/errors.ts';
import { isJobId, type JobId } from '../../../core/id.ts';
import { namePattern } from '../../../core/new-job.ts';

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
