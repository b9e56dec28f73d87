/** Transactions: all that a work does to the file, and beside it in memory, is done or not done. */
import { type Failpoint, failpoint } from '../../../failpoint.ts';
import type { StepFailpoint } from '../../../ports/store/verb.ts';
import { makeTimeKeeper } from './kept-time.ts';
import { metaKeys, type State } from './state.ts';

export interface Transactions {
  /** What the work throws takes back all that it did. Answers what the work does. */
  run<T>(work: () => T): T;
  /** The transaction under way goes past this, before and after its commit. */
  passes(step: StepFailpoint): void;
  /** The last one before the file is closed: the next opening knows that the clock had come so far. */
  end(): void;
}

export function makeTransactions(state: State): Transactions {
  const { db, clock, ids, counters, journal, hints, undo } = state;
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  const keepId = db.prepare('UPDATE meta SET value = ? WHERE key = ?');
  const inMemory = [counters, journal, hints, undo];
  const time = makeTimeKeeper(state);
  const passed = new Set<StepFailpoint>();
  let kept = ids.last();

  const pass = (half: 'before_commit' | 'committed'): void => {
    for (const step of passed) failpoint(`${step}.${half}` satisfies Failpoint);
  };

  const run = <T>(work: () => T): T => {
    clock.tick();
    let answer: T;
    try {
      begin.run();
      time.write();
      answer = work();
      const last = ids.last();
      if (last !== kept) keepId.run(last, metaKeys.lastId);
      journal.write(clock.now());
      pass('before_commit');
      commit.run();
      time.commit();
      kept = last;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      // Ids of what was rolled back need no keeping: else the next transaction, however small, would have to write.
      kept = ids.last();
      for (const part of inMemory) part.rollback();
      passed.clear();
      throw error;
    }
    pass('committed');
    for (const part of inMemory) part.commit();
    passed.clear();
    return answer;
  };

  return {
    run,
    passes: (step) => void passed.add(step),
    end() {
      time.renew();
      run(() => undefined);
    },
  };
}
