/** The thread that writes: the only one that changes the file. */
import type { DatabaseSync } from 'node:sqlite';
import { HatstandError } from '../../../core/errors.ts';
import { told } from '../calls/message.ts';
import type { WriterData } from '../calls/opening.ts';
import { serveThread, type ThreadService } from '../calls/serve.ts';
import { keepLock, openAlone } from '../file/alone.ts';
import { prepareRows, prepareWriter } from '../file/database.ts';
import { isDamage, lacksRoom, reasonOf } from '../file/faults.ts';
import { checkFiles, foreignLogAdvice } from '../file/foreign-log.ts';
import { migrate } from '../file/schema.ts';
import type { Cell } from '../file/tape.ts';
import { type Batch, makeBatch } from './batch.ts';
import { type Ballast, makeBallast } from './disk/ballast.ts';
import { makeFileCheck } from './disk/file-check.ts';
import { makeLogKeeper } from './disk/log-keeper.ts';
import { makeLogSync, noLogSync } from './disk/log-sync.ts';
import { makeHandlers } from './handlers.ts';
import type { Hints } from './hints.ts';
import { openState } from './state.ts';
import { makeTransactions, type Transactions } from './transaction.ts';
import { recover } from './upkeep/recover.ts';

interface OpenFile {
  readonly db: DatabaseSync;
  readonly hints: Hints;
  readonly batch: Batch;
  readonly transactions: Transactions;
}

/** All that opening may write: the log, today's tables, and what earlier processes held. */
function openFile(data: WriterData, ballast: Ballast): OpenFile {
  checkFiles(data.file);
  const db = openAlone(data.file, data.lock);
  try {
    prepareWriter(db, data);
    migrate(db, data.file);
    keepLock(db, data.lock.inode);
    const state = openState(db, data.serverId, { isLast: ballast.isMissing });
    const transactions = makeTransactions(state);
    // What they find unreadable, they set aside.
    const handlers = transactions.run(() => makeHandlers(state));
    const batch = makeBatch(state, transactions, handlers, ballast);
    recover(state, transactions);
    return { db, hints: state.hints, batch, transactions };
  } catch (error) {
    db.close();
    throw error;
  }
}

function openService(data: WriterData): ThreadService {
  const ballast = makeBallast(data.ballastFile, data.ballastBytes);
  const { db, hints, batch, transactions } = withRoom(ballast, () => openFile(data, ballast));
  const files = makeFileCheck(data);
  const keeper = makeLogKeeper(db, ballast, files.areOwn);
  const log = data.synced ? makeLogSync(`${data.file}-wal`) : noLogSync;
  const wrote = makeChangeCheck(db);
  let failed = false;

  const fail = (error: unknown): never => {
    failed = true;
    if (error instanceof HatstandError) throw error;
    throw new HatstandError(
      'unconfirmed',
      `The store's file failed: ${reasonOf(error)}. It is not known whether the last calls were kept. ` +
        (isDamage(error) ? foreignLogAdvice(data.file) : 'Check the disk, then start again.'),
    );
  };

  return {
    answer(cells, reply, isMoreWaiting) {
      if (failed) throw new HatstandError('store_unavailable', 'The store has failed and must be opened again.');
      try {
        files.check();
        batch.run(cells, 1, reply);
        told.write(reply, hints.drain());
        return log.sync(wrote(), isMoreWaiting)?.catch(fail);
      } catch (error) {
        return fail(error);
      }
    },
    rest: () => keeper.worked(),
    close() {
      keeper.stop();
      log.close();
      try {
        if (!failed) transactions.end();
      } catch {
        // Without it the next opening knows an earlier time, which is true too.
      }
      db.close();
    },
  };
}

/** A full disk must not keep the store from opening. */
function withRoom<T>(ballast: Ballast, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!lacksRoom(error) || !ballast.drop()) throw error;
    return work();
  }
}

/** Whether rows were changed since this was asked last. */
function makeChangeCheck(db: DatabaseSync): () => boolean {
  const total = prepareRows(db, 'SELECT total_changes()');
  let before: Cell | undefined = 0;
  return () => {
    const now = total.get()?.[0];
    const changed = now !== before;
    before = now;
    return changed;
  };
}

serveThread(openService);
