/**
 * The calls of a message in one transaction: all are written by one commit, or each on its own when that fails. What the
 * table of verbs says of a call is applied here, to all of them.
 */
import { handledCalls, type WriterHandlers } from '../calls/calls.ts';
import { refuse, replyCodes } from '../calls/message.ts';
import { faultOf, storeFull } from '../file/faults.ts';
import { type Cell, TapeReader } from '../file/tape.ts';
import type { Ballast } from './disk/ballast.ts';
import type { State } from './state.ts';
import type { Transactions } from './transaction.ts';

export interface Batch {
  /**
   * Answers the calls from the cell at `from` on, in their order. Throws only when the file can no longer be trusted; it is
   * then not known whether they were kept.
   */
  run(cells: readonly Cell[], from: number, reply: Cell[]): void;
}

/** @param ballast while it is missing, nothing is added; the first call that needs its room to free some gets it */
export function makeBatch(
  state: State,
  transactions: Transactions,
  handlers: WriterHandlers,
  ballast: Pick<Ballast, 'drop' | 'isMissing'>,
): Batch {
  const { journal } = state;
  const calls = handledCalls(handlers);

  /** Takes the next call off the tape. */
  const runCall = (tape: TapeReader, reply: Cell[]): void => {
    const [code, length] = [tape.number(), tape.number()];
    const call = calls[code] ?? unknown(code);
    const { needsRoom, failpoint } = call.verb;
    if (needsRoom && ballast.isMissing()) {
      tape.skip(length);
      refuse(reply, storeFull());
      return;
    }
    journal.beginCall();
    const given = call.handle(tape);
    if (failpoint !== null && journal.firstOfCall !== null) transactions.passes(journal.firstOfCall === 'retry' ? 'retry' : failpoint);
    reply.push(replyCodes.done);
    call.writeAnswer(reply, given);
  };

  /** The call at the cell `at`, in a transaction of its own. Answers whether it needs the ballast, which is dropped: it is not done then. */
  const runAlone = (cells: readonly Cell[], at: number, reply: Cell[]): boolean => {
    const mark = reply.length;
    try {
      transactions.run(() => runCall(new TapeReader(cells, at), reply));
    } catch (error) {
      reply.length = mark;
      const fault = faultOf(error);
      if (fault === 'fatal') throw error;
      const mayUseBallast = calls[Number(cells[at])]?.verb.beginsWork === false;
      if (fault === 'full' && mayUseBallast && ballast.drop()) return true;
      refuse(reply, error);
    }
    return false;
  };

  const runAll = (cells: readonly Cell[], from: number, reply: Cell[]): void => {
    const mark = reply.length;
    try {
      transactions.run(() => {
        for (const tape = new TapeReader(cells, from); tape.more; ) runCall(tape, reply);
      });
    } catch (error) {
      if (faultOf(error) === 'fatal') throw error;
      reply.length = mark;
      for (let at = from; at < cells.length; at += 2 + Number(cells[at + 1])) {
        if (!runAlone(cells, at, reply)) continue;
        // With the ballast's room the others go on together: each on its own would take many times as much of it.
        runAll(cells, at, reply);
        return;
      }
    }
  };

  return { run: runAll };
}

function unknown(code: number): never {
  throw new Error(`there is no call with the code ${code} in this thread`);
}
