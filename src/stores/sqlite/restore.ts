/** The call `restore`: jobs come in as they were elsewhere, with their earlier attempts. */
import type { Attempt, Job, JobResult } from '../../core/job.ts';
import type { JobCopy } from '../../core/transfer.ts';
import type { Restored } from '../../ports/store/upkeep.ts';
import { endCode, stateCodes } from './codes.ts';
import { absent } from './counters.ts';
import type { Ledger } from './ledger.ts';
import { headersText, optionsText } from './rows.ts';
import { type Cell, type TapeReader, writeList } from './tape.ts';

export const restoredKinds: readonly Restored[] = ['restored', 'exists'];

const insertSql = `
  INSERT INTO jobs (id, state, queue, worker, manual, priority, due_at, created_at, started_at, ended_at, run, attempt, lost, fence,
    holder, op, reason, domain, name, url, comment, options, headers, payload, status_code, output_cut, error, output)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;

const attemptSql = `
  INSERT INTO attempts (job_id, fence, run, attempt, holder, started_at, ended_at, ending, status_code, output_cut, error, output)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (job_id, fence) DO NOTHING`;

export function makeRestore(ledger: Ledger): (call: TapeReader, reply: Cell[]) => void {
  const keep = makeKeep(ledger);
  return (call, reply) => {
    const copies = call.list(() => JSON.parse(call.text()) as JobCopy);
    writeList(reply, copies, (copy) => reply.push(restoredKinds.indexOf(keep(copy))));
  };
}

function makeKeep({ db, ids, counters, journal, due }: Ledger): (copy: JobCopy) => Restored {
  const insertJob = db.prepare(insertSql);
  const insertAttempt = db.prepare(attemptSql);
  return ({ job, attempts }) => {
    if (insertJob.run(...jobCells(job)).changes === 0) return 'exists';
    for (const attempt of attempts) insertAttempt.run(job.id, ...attemptCells(attempt));
    ids.pass(job.id);
    const line = counters.line(job.worker, job.queue);
    counters.move(line, absent, stateCodes[job.state], job.manual ? 1 : 0);
    journal.moved('push', job.id);
    if (job.state === 'queued') journal.ready(line);
    else if (job.state === 'scheduled') due.expect(job.dueAt);
    return 'restored';
  };
}

const jobCells = (job: Job): readonly Cell[] => [
  ...[job.id, stateCodes[job.state], job.queue, job.worker, job.manual ? 1 : 0, job.priority, job.dueAt, job.createdAt],
  ...[job.startedAt, job.endedAt, job.run, job.attempt, job.lost, job.fence, job.holder],
  ...[job.reason, job.domain, job.name, job.url, job.comment, optionsText(job.options), headersText(job.headers), job.payload],
  ...resultCells(job.result),
];

const attemptCells = ({ fence, run, attempt, holder, startedAt, endedAt, end, result }: Attempt): readonly Cell[] => [
  ...[fence, run, attempt, holder, startedAt, endedAt, endCode(end)],
  ...resultCells(result),
];

const resultCells = ({ statusCode, outputCut, error, output }: JobResult): readonly Cell[] => [
  statusCode,
  outputCut ? 1 : 0,
  error,
  output,
];
