/**
 * Whose the store's files are. What a store makes is for its user alone, whatever the umask: the folder 0700, files 0600. What
 * was there keeps the rights that somebody gave it, and is told.
 */
import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync, statSync } from 'node:fs';
import { modeText, opennessOf, own, whoMay } from '../../../core/rights.ts';

/** Throws what the system says, EEXIST when it is there. */
export function makeOwnFolder(path: string): void {
  mkdirSync(path, own.folder);
  // The umask may have taken more.
  chmodSync(path, own.folder);
}

/** An empty file, unless it is there. SQLite gives its log and the log's index the rights of the database. */
export function makeOwnFile(file: string): void {
  try {
    const descriptor = openSync(file, 'wx', own.file);
    fchmodSync(descriptor, own.file);
    closeSync(descriptor);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

const modeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mode ?? 0;

/** On Windows, rights are not in modes. */
const hasModes = process.platform !== 'win32';

/**
 * What somebody should see to, each in one sentence.
 *
 * @param folder absolute, without links
 * @param files of it
 */
export function warningsOf(folder: string, files: readonly string[]): readonly string[] {
  if (!hasModes) return [];
  const opennessOfFolder = opennessOf(folder, modeOf);
  const mayChange = (opennessOfFolder & 0o022) !== 0;
  const open = files.map((file) => ({ file, openness: opennessOf(file, modeOf) })).filter(({ openness }) => openness !== 0);
  const advice = `If nobody else should: chmod -R go-rwx ${folder}`;
  return [
    ...(mayChange
      ? [
          `The folder ${folder} has the rights ${modeText(modeOf(folder))}: ${whoMay(opennessOfFolder & 0o022)}, and so replace the store's files. ${advice}`,
        ]
      : []),
    ...open
      .slice(0, 1)
      .map(
        ({ file, openness }) =>
          `${file} has the rights ${modeText(modeOf(file))}: ${whoMay(openness)}, with all payloads, results and secrets of jobs, and can hold it locked. ${advice}`,
      ),
  ];
}
