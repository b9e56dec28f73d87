/**
 * Whether the names of the store's files still lead to the files that this process has open. Somebody may move, remove or replace
 * them, or their folder: what is kept after that lies where no later start looks for it, and a connection that is opened
 * after that sees other data.
 */
import { statSync } from 'node:fs';
import { HatstandError } from '../../../core/errors.ts';

/** Of the database, its log and the log's index, in this order; '': there is none. */
export type OwnFiles = readonly string[];

const endings = ['', '-wal', '-shm'];

/** What the names lead to now. */
export const ownFiles = (file: string): OwnFiles => endings.map((ending) => identityOf(file + ending));

/** '' when there is no such file. */
export function identityOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? '' : `inode ${stats.ino} on device ${stats.dev}`;
}

/** Throws `store_failed` when one of them is not what it was. */
export function checkOwnFiles(file: string, known: OwnFiles): void {
  for (const [at, ending] of endings.entries()) {
    const found = identityOf(file + ending);
    if (found !== known[at]) throw lost(file, file + ending, known[at] ?? '', found);
  }
}

function lost(database: string, name: string, expected: string, found: string): HatstandError {
  const what = found === '' ? 'was moved away or removed' : `was replaced by another file (${found})`;
  const remedy =
    found === ''
      ? `Put ${database} back where it was, with its -wal and -shm, and start again.`
      : `To go on with what was there, put it back with its -wal and -shm. To go on with another ${database}, such as a backup, ` +
        'first move the -wal and -shm of the former one away.';
  return new HatstandError(
    'store_failed',
    `${name} ${what} while this process used it (${expected}). What was acknowledged until then is in the files that were there; ` +
      `nothing more is kept. ${remedy}`,
    { file: name },
  );
}
