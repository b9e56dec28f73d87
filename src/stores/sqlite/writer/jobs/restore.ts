/** Jobs come in as they were elsewhere, with their earlier attempts. */
import { leftOf } from '../../../../core/after.ts';
import { neverBegan } from '../../../../core/expiry.ts';
import { jobLimits } from '../../../../core/new-job.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { stateCodes } from '../../file/codes.ts';
import { insertAttemptSql } from '../../file/rows/attempt.ts';
import { insertJobSql, jobColumn, jobOfRow } from '../../file/rows/job.ts';
import { readOptions } from '../../file/rows/options.ts';
import { absent } from '../counters.ts';
import type { Owned } from '../definitions/owned.ts';
import type { State } from '../state.ts';
import type { Waiting } from './after.ts';
import type { Expiries } from './expiries.ts';
import type { Uniques } from './uniques.ts';

export interface RestoreParts {
  readonly owned: Owned;
  readonly uniques: Uniques;
  readonly expiries: Expiries;
  readonly waiting: Waiting;
}

export function makeRestore(
  { db, ids, counters, journal, hints, due }: State,
  { owned, uniques, expiries, waiting }: RestoreParts,
): Pick<WriterHandlers['jobs'], 'restore'> {
  const insertJob = db.prepare(insertJobSql);
  const insertAttempt = db.prepare(insertAttemptSql);
  return {
    restore: (copies) =>
      copies.map(({ job, attempts }) => {
        if (insertJob.run(...job).changes === 0) return 'exists';
        const id = String(job[jobColumn.id]);
        const state = Number(job[jobColumn.state]);
        for (const attempt of attempts.slice(-jobLimits.history)) insertAttempt.run(id, ...attempt);
        if (job[jobColumn.owner] !== '') owned.follow(null, jobOfRow(job));
        const { unique, startBefore, after } = readOptions(String(job[jobColumn.options]));
        if (unique !== undefined) uniques.comeIn({ ...jobOfRow(job), unique });
        if (startBefore !== undefined && neverBegan(jobOfRow(job))) expiries.keep(jobOfRow(job), startBefore);
        const waits = leftOf(jobOfRow(job)) !== null && waiting.beginAgain(jobOfRow(job), after);
        ids.pass(id);
        const line = counters.line(String(job[jobColumn.worker]), String(job[jobColumn.queue]));
        counters.move(line, absent, state, Number(job[jobColumn.manual]));
        journal.moved('push', id);
        if (state === stateCodes.queued) hints.ready(line);
        else if (state === stateCodes.scheduled && !waits) due.expect(Number(job[jobColumn.dueAt]));
        return 'restored';
      }),
  };
}
