/** The thread that writes: the only one that changes the file. */
import type { DatabaseSync } from 'node:sqlite';
import { HatstandError } from '../../core/errors.ts';
import { type Ballast, makeBallast } from './ballast.ts';
import { type Batcher, makeBatcher, storeFull } from './batch.ts';
import type { CallName, Handler } from './calls.ts';
import { lacksRoom, openWriter, prepareRows, reasonOf, type WriterSettings } from './database.ts';
import { makeHeld } from './held.ts';
import { makeClaim } from './jobs-claim.ts';
import { type Mover, makeMover } from './jobs-move.ts';
import { makePromoter } from './jobs-promote.ts';
import { makePush, makePusher } from './jobs-push.ts';
import { makeChange, makeExtend, makeRemove, makeSettle } from './jobs-settle.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { makeLogKeeper } from './log-keeper.ts';
import { makeLogSync, noLogSync } from './log-sync.ts';
import { makeNodes } from './nodes.ts';
import { makeQueues } from './queues.ts';
import { recover } from './recover.ts';
import { makeRestore } from './restore.ts';
import { migrate } from './schema.ts';
import { makeScrub } from './scrub.ts';
import { makeSweep } from './sweep.ts';
import { type Cell, writeList } from './tape.ts';
import { serveThread, type ThreadService } from './thread.ts';

export interface WriterData extends WriterSettings {
  readonly file: string;
  readonly serverId: number;
  readonly ballastFile: string;
  readonly ballastBytes: number;
  /** Answers wait until the disk has what they tell. */
  readonly synced: boolean;
}

function makeHandlers(ledger: Ledger, mover: Mover, ballast: Ballast): Readonly<Record<CallName, Handler>> {
  const pusher = makePusher(ledger);
  const push = makePush(ledger, pusher);
  const promoter = makePromoter(ledger);
  const queues = makeQueues(ledger);
  const nodes = makeNodes(ledger, makeHeld(ledger), mover);
  return {
    push(call, reply) {
      if (ballast.isMissing()) throw storeFull();
      push(call, reply);
    },
    claim: makeClaim(ledger, queues, nodes, promoter),
    settle: makeSettle(ledger, mover, pusher),
    extend: makeExtend(ledger),
    change: makeChange(ledger, mover, nodes),
    remove: makeRemove(ledger),
    promote: (call, reply) => void reply.push(promoter.promote(call.number())),
    sweep: makeSweep(ledger),
    count: (_call, reply) => writeList(reply, ledger.counters.lines(), (line) => reply.push(line.worker, line.queue, ...line.counts)),
    queues: queues.list,
    configure: queues.configure,
    ...nodes.calls,
    scrub: makeScrub(ledger, mover),
    restore: makeRestore(ledger),
    advance: (call) => ledger.clock.advance(call.number()),
  };
}

interface OpenFile {
  readonly ledger: Ledger;
  readonly batcher: Batcher;
}

/** All that opening may write: the log, today's tables, and what earlier processes held. */
function openFile(data: WriterData, ballast: Ballast): OpenFile {
  const db = openWriter(data.file, data);
  try {
    migrate(db, data.file);
    const ledger = openLedger(db, data.serverId);
    const mover = makeMover(ledger);
    const batcher = makeBatcher(ledger, makeHandlers(ledger, mover, ballast), () => ballast.drop());
    recover(ledger, mover, batcher.inTransaction);
    return { ledger, batcher };
  } catch (error) {
    db.close();
    throw error;
  }
}

function openService(data: WriterData): ThreadService {
  const ballast = makeBallast(data.ballastFile, data.ballastBytes);
  const { ledger, batcher } = withRoom(ballast, () => openFile(data, ballast));
  const { db } = ledger;
  const keeper = makeLogKeeper(db, ballast);
  const log = data.synced ? makeLogSync(`${data.file}-wal`) : noLogSync;
  const wrote = makeWriteWatch(db);
  let failed = false;

  const fail = (error: unknown): never => {
    failed = true;
    throw new HatstandError(
      'unconfirmed',
      `The store's file failed: ${reasonOf(error)}. It is not known whether the last calls were kept. Check the disk, then start again.`,
    );
  };

  return {
    answer(cells, reply, isMoreWaiting) {
      if (failed) throw new HatstandError('store_unavailable', 'The store has failed and must be opened again.');
      try {
        answerBatch(batcher, ledger, cells, reply);
        return log.sync(wrote(), isMoreWaiting)?.catch(fail);
      } catch (error) {
        return fail(error);
      }
    },
    rest: () => keeper.worked(),
    close() {
      keeper.stop();
      log.close();
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

/** Whether rows were changed since the last look. */
function makeWriteWatch(db: DatabaseSync): () => boolean {
  const total = prepareRows(db, 'SELECT total_changes()');
  let before: Cell | undefined = 0;
  return () => {
    const now = total.get()?.[0];
    const changed = now !== before;
    before = now;
    return changed;
  };
}

function answerBatch(batcher: Batcher, ledger: Ledger, cells: readonly Cell[], reply: Cell[]): void {
  const answers: Cell[] = [];
  batcher.run(cells.slice(1), answers);
  for (const cell of answers) reply.push(cell);
  ledger.journal.writeHints(reply);
}

serveThread(openService);
