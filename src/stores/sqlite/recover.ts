/**
 * The opening step. This process holds the file's lock, so every node that ever joined is dead: what they held goes back
 * to its queue, counted as lost, so that a job that kills its process is not run for ever. Outside holders keep theirs.
 */
import { loseMoves } from '../../core/transitions.ts';
import { prepareRows } from './database.ts';
import type { Mover } from './jobs-move.ts';
import type { Ledger } from './ledger.ts';
import { handBack } from './nodes.ts';
import { endAllSql } from './nodes-table.ts';
import { jobColumns, readJob } from './rows.ts';
import { TapeReader } from './tape.ts';

/** So many attempts go back in one transaction. */
const chunk = 1_000;

const orphanedSql = `
  SELECT ${jobColumns} FROM jobs INDEXED BY jobs_held
  WHERE state IN (2, 3) AND (deadline IS NULL OR holder IN (SELECT incarnation FROM nodes)) LIMIT ${chunk}`;

/** @param inTransaction runs the work in a transaction of its own */
export function recover({ db }: Ledger, mover: Mover, inTransaction: (work: () => void) => void): void {
  const orphaned = prepareRows(db, orphanedSql);
  for (let found = chunk; found === chunk; ) {
    inTransaction(() => {
      const jobs = orphaned.all().map((row) => readJob(new TapeReader(row)));
      for (const job of jobs) handBack(mover, job, loseMoves(job));
      found = jobs.length;
    });
  }
  inTransaction(() => db.exec(endAllSql));
}
