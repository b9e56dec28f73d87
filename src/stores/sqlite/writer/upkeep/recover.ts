/**
 * The opening step. This process holds the file's lock, so every node that ever joined is dead: what they held goes back
 * to its queue, counted as lost, so that a job that kills its process is not run for ever. Outside holders keep theirs.
 */
import { loseMoves } from '../../../../core/transitions.ts';
import { prepareRows } from '../../file/database.ts';
import { jobColumns } from '../../file/rows/job.ts';
import { makeOwned } from '../definitions/owned.ts';
import { makeMover } from '../jobs/move.ts';
import { endAllSql } from '../nodes/table.ts';
import type { State } from '../state.ts';
import type { Transactions } from '../transaction.ts';

/** Attempts that go back in one transaction. */
const chunk = 1_000;

const orphanedSql = `
  SELECT ${jobColumns} FROM jobs INDEXED BY jobs_held
  WHERE state IN (2, 3) AND (deadline IS NULL OR holder IN (SELECT incarnation FROM nodes)) LIMIT ${chunk}`;

export function recover(state: State, transactions: Transactions): void {
  const mover = makeMover(state, makeOwned(state));
  const orphaned = prepareRows(state.db, orphanedSql);
  const living = prepareRows(state.db, 'SELECT incarnation FROM nodes WHERE ending IS NULL').all();
  let attempts = 0;
  for (let found = chunk; found === chunk; ) {
    transactions.run(() => {
      const rows = orphaned.all();
      mover.handBack(state.aside.readAll(rows), loseMoves);
      found = rows.length;
    });
    attempts += found;
  }
  transactions.run(() => state.db.exec(endAllSql));
  state.recovered = { incarnations: living.map(([incarnation]) => String(incarnation)), attempts };
}
