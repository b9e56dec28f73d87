/** What SQLite's errors mean for the store, and what its callers are told of them. */
import { HatstandError, messageOf } from '../../../core/errors.ts';

const full = 13;
/** I/O error, damaged file, not a database, cannot open: after these nothing that is in memory can be trusted. */
const fatal: ReadonlySet<number> = new Set([10, 11, 14, 26]);

/** What is in the file is no database of this store, or no longer one. */
const damaged: ReadonlySet<number> = new Set([11, 26]);

/** The shared index of the log cannot grow (SQLITE_IOERR_SHMSIZE): the disk is full in the midst of a commit. */
const indexFull = 4_874;

export type SqliteFault = 'full' | 'fatal' | 'busy' | 'other';

/** What an error thrown by SQLite means for the store; `null`: it is not SQLite's. */
export function faultOf(error: unknown): SqliteFault | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  const code = error.errcode & 0xff;
  if (code === full) return 'full';
  if (fatal.has(code)) return 'fatal';
  return code === 5 || code === 6 ? 'busy' : 'other';
}

/** Whether the error says that the file is damaged, or is no database. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && damaged.has(error.errcode & 0xff);

/** Whether more room would have helped, although what is in memory may no longer be trusted. */
export function lacksRoom(error: unknown): boolean {
  return faultOf(error) === 'full' || (error instanceof Error && 'errcode' in error && error.errcode === indexFull);
}

/** What SQLite's words leave out: that its "disk I/O error" may be a full disk. */
export function reasonOf(error: unknown): string {
  return lacksRoom(error) ? 'its disk is full' : messageOf(error);
}

export const storeFull = (): HatstandError =>
  new HatstandError('store_full', 'The disk that holds the store is full; nothing was kept. Free some space or shorten the retention.');

/** The error that the caller gets for what was thrown while its call was done. */
export function refusalOf(error: unknown): HatstandError {
  if (error instanceof HatstandError) return error;
  switch (faultOf(error)) {
    case 'full':
      return storeFull();
    case 'busy':
      return new HatstandError('store_unavailable', 'Another program keeps the store locked; nothing was written. Try again.');
    default:
      return new HatstandError('internal', `The store could not do this: ${messageOf(error)}`);
  }
}
