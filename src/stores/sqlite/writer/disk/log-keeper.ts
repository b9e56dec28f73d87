/** Keeps the write-ahead log short, and other work that can wait, between the transactions of the writer. */
import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../file/database.ts';
import { faultOf } from '../../file/faults.ts';
import type { Ballast } from './ballast.ts';

export interface LogKeeper {
  /** A batch was answered. */
  worked(): void;
  stop(): void;
}

/** Pages in the log (16 MiB) that are copied into the file between two batches, whatever the load. */
const longLog = 4_000;
/** How many batches pass between two checks of the log. */
const checkEvery = 16;
const idleAfter = 1_000;
/** Free pages in the file (16 MiB) beyond which it is made shorter, and how many at a time. */
const manyFree = 4_000;
const freedAtOnce = 2_000;

/** @param areOwn whether the names still lead to the files that are open: what lies there otherwise is somebody else's */
export function makeLogKeeper(db: DatabaseSync, ballast: Ballast, areOwn: () => boolean): LogKeeper {
  const progress = prepareRows(db, 'PRAGMA wal_checkpoint(NOOP)');
  const free = prepareRows(db, 'PRAGMA freelist_count');
  let batches = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Never waits for a reader: once all is copied and read, the next transaction begins the log anew. */
  const checkpoint = (): void => {
    const [, pages, copied] = progress.get() ?? [];
    if (Number(pages) - Number(copied) >= longLog) db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  };

  const idle = (): void => {
    timer = undefined;
    // The ballast's room is for results alone: copying the log would make the file longer, and use it up.
    if (!areOwn() || ballast.isMissing()) return;
    unlessFull(() => {
      if (Number(free.get()?.[0]) > manyFree) db.exec(`PRAGMA incremental_vacuum(${freedAtOnce})`);
      db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    });
    ballast.restore();
  };

  timer = setTimeout(idle, 0);
  return {
    worked() {
      batches += 1;
      if (batches % checkEvery === 0 && !ballast.isMissing()) unlessFull(checkpoint);
      if (timer === undefined) timer = setTimeout(idle, idleAfter);
      else if (batches % checkEvery === 0) timer.refresh();
    },
    stop: () => clearTimeout(timer),
  };
}

/** A full disk or a lock may hold this work up, nothing else. */
function unlessFull(work: () => void): void {
  try {
    work();
  } catch (error) {
    const fault = faultOf(error);
    if (fault !== 'full' && fault !== 'busy') throw error;
  }
}
