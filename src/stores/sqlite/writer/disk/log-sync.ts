/**
 * Brings the write-ahead log to the disk, which takes longer than all other work of a commit. SQLite commits without
 * waiting for it (`synchronous=NORMAL`); an answer leaves when a sync that began after its commit has ended. So nothing is
 * acknowledged that a power loss could take, as with `synchronous=FULL`, but the next transaction goes on meanwhile.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';

export interface LogSync {
  /**
   * Answers `undefined` when all that was committed is on the disk, else a promise of that. Throws or rejects when the
   * disk refuses; nothing can be said then of what it keeps.
   *
   * @param wrote whether anything was committed since the last call
   * @param isMoreWaiting whether there is other work to do meanwhile: without it, waiting here is quicker
   */
  sync(wrote: boolean, isMoreWaiting: () => boolean): Promise<void> | undefined;
  close(): void;
}

/** For a store that may lose its newest moments in a power loss. */
export const noLogSync: LogSync = { sync: () => undefined, close: () => {} };

/** @param file the log, which has to be there at the first sync */
export function makeLogSync(file: string): LogSync {
  let opened: number | null = null;
  /** Something was committed after the newest sync began. */
  let unsynced = false;
  let underWay: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  const log = (): number => (opened ??= openSync(file, 'r+'));

  const begin = (): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    [unsynced, next, underWay] = [false, null, promise];
    fdatasync(log(), (error) => {
      underWay = null;
      if (error === null) resolve();
      else reject(error);
    });
    return promise;
  };

  return {
    sync(wrote, isMoreWaiting) {
      unsynced ||= wrote;
      if (underWay !== null && unsynced) next ??= underWay.then(begin);
      if (underWay !== null) return next ?? underWay;
      if (!unsynced) return undefined;
      if (isMoreWaiting()) return begin();
      fdatasyncSync(log());
      unsynced = false;
      return undefined;
    },
    // Closing frees the process's locks on the file; SQLite has none on its log.
    close() {
      if (opened !== null) closeSync(opened);
    },
  };
}
