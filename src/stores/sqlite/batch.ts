/** A batch of calls in one transaction: all are written by one commit, or each on its own when that fails. */
import { HatstandError, messageOf } from '../../core/errors.ts';
import { type CallName, callNames, type Handler, replyCodes } from './calls.ts';
import { faultOf } from './database.ts';
import { type Ledger, metaKeys } from './ledger.ts';
import { type Cell, TapeReader } from './tape.ts';

export interface Batcher {
  /**
   * Answers the calls of the tape in their order. Throws only when the file can no longer be trusted; it is then not
   * known whether the batch was kept.
   */
  run(cells: readonly Cell[], reply: Cell[]): void;
  inTransaction(work: () => void): void;
}

/** @param makeRoom frees space on a full disk; answers whether there was any to free */
export function makeBatcher(ledger: Ledger, handlers: Readonly<Record<CallName, Handler>>, makeRoom: () => boolean): Batcher {
  const inTransaction = makeTransaction(ledger);

  const runOne = (call: TapeReader, reply: Cell[]): CallName => {
    const name = callNames[call.number()];
    if (name === undefined) throw new Error('there is no such call');
    call.number();
    reply.push(replyCodes.done);
    handlers[name](call, reply);
    return name;
  };

  /** The call that begins at `at`, in a transaction of its own. */
  const runAlone = (cells: readonly Cell[], at: number, reply: Cell[]): void => {
    const mark = reply.length;
    const name = callNames[Number(cells[at])];
    try {
      inTransaction(() => void runOne(new TapeReader(cells, at), reply));
    } catch (error) {
      reply.length = mark;
      if (faultOf(error) === 'fatal') throw error;
      if (faultOf(error) === 'full' && name !== undefined && !beginsWork(name) && makeRoom()) runAlone(cells, at, reply);
      else refuse(reply, error);
    }
  };

  return {
    inTransaction,
    run(cells, reply) {
      try {
        inTransaction(() => {
          for (const tape = new TapeReader(cells); tape.more; ) runOne(tape, reply);
        });
      } catch (error) {
        if (faultOf(error) === 'fatal') throw error;
        reply.length = 0;
        for (let at = 0; at < cells.length; at += 2 + Number(cells[at + 1])) runAlone(cells, at, reply);
      }
    },
  };
}

/** What is running may use the last space to end; nothing new may. */
const beginsWork = (name: CallName): boolean => name === 'push' || name === 'restore' || name === 'claim';

function makeTransaction({ db, clock, ids, counters, journal }: Ledger): (work: () => void) => void {
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  const keepId = db.prepare('UPDATE meta SET value = ? WHERE key = ?');
  let kept = ids.last();

  return (work) => {
    clock.tick();
    try {
      begin.run();
      work();
      const last = ids.last();
      if (last !== kept) keepId.run(last, metaKeys.lastId);
      journal.write(clock.now());
      commit.run();
      kept = last;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      // Ids of what was rolled back need no keeping: else the next transaction, however small, would have to write.
      kept = ids.last();
      counters.rollback();
      journal.rollback();
      throw error;
    }
    counters.commit();
    journal.commit();
  };
}

export function refuse(reply: Cell[], error: unknown): void {
  const known = error instanceof HatstandError ? error : translated(error);
  reply.push(replyCodes.refused, known.code, known.message, JSON.stringify(known.details));
}

export const storeFull = (): HatstandError =>
  new HatstandError('store_full', 'The disk that holds the store is full; nothing was kept. Free some space or shorten the retention.');

function translated(error: unknown): HatstandError {
  switch (faultOf(error)) {
    case 'full':
      return storeFull();
    case 'busy':
      return new HatstandError('store_unavailable', 'Another program keeps the store locked; nothing was written. Try again.');
    default:
      return new HatstandError('internal', `The store could not do this: ${messageOf(error)}`);
  }
}
