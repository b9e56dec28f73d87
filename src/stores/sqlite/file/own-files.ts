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

/**
 * Throws `store_failed` when the name by which the store was opened leads elsewhere, for links are on its way: the next start
 * would find another database there, or none.
 *
 * @param file where it led then
 * @param database what this process has open
 */
export function checkName(name: string, file: string, database: string): void {
  if (name === file) return;
  const found = identityIfReachable(name);
  if (found === database) return;
  throw new HatstandError(
    'store_failed',
    `${name} led through a link to ${file} when this process began to use it, and ${found === '' ? 'leads nowhere now' : 'leads to another file now'}. ` +
      `What was acknowledged is in ${file}; nothing more is kept. To go on with it, let the link lead there again, or name its folder; ` +
      'to go on with what the link leads to now, start again.',
    { file: name },
  );
}

function identityIfReachable(name: string): string {
  try {
    return identityOf(name);
  } catch {
    // Such as a link to itself.
    return '';
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
