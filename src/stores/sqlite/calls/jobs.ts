/** The calls of jobs. */
import { isJobId, type JobId } from '../../../core/id.ts';
import type { Attempt, Job, JobState } from '../../../core/job.ts';
import type { StateCounts } from '../../../core/queue.ts';
import type { Changed, JobQuery, JobStore, Settled } from '../../../ports/store/jobs.ts';
import { isSearch } from '../../list-plan.ts';
import { sizeOfCopies, sizeOfMoves, sizeOfNewJobs, sizeOfReport } from '../../size.ts';
import { stateCodes, stateOf } from '../file/codes.ts';
import { readAttempt } from '../file/rows/attempt.ts';
import { readJob } from '../file/rows/job.ts';
import { type Row, writeRow } from '../file/tape.ts';
import type { AnswerCodec, CallsOf, ReadKind } from './call.ts';
import { claimRequest } from './claim.ts';
import {
  args,
  type Codec,
  fields,
  flag,
  json,
  list,
  nullable,
  number,
  numberOrNull,
  readable,
  text,
  textOrNull,
  variants,
  word,
} from './codec.ts';
import { jobCopy } from './job-copy.ts';
import { moves } from './moves.ts';
import { newJob, pushed } from './new-job.ts';
import { logPage, logPlace, report, reported } from './report.ts';
import { signalNumber } from './signal.ts';

/** `null`: it cannot be read, which the tape notes. */
const job: Codec<Row, Job | null> = { write: writeRow, read: readJob };
const attempt: Codec<Row, Attempt> = { write: writeRow, read: readAttempt };
const attemptQuery = fields({ before: textOrNull, limit: number, output: number });
const state: Codec<JobState> = {
  write: (cells, value) => void cells.push(stateCodes[value]),
  read: (tape) => stateOf(tape.number()),
};

export const attemptRef = fields({ id: text, fence: text });

/** No job has it. */
const noId = '-1';
/** An id from outside. Of a text that is none nothing is found, whatever SQLite would make of it. */
export const jobId: Codec<JobId> = { write: (cells, id) => void cells.push(isJobId(id) ? id : noId), read: (tape) => tape.text() };

/** One number for each state, in the order of their codes. */
export const counts: Codec<readonly number[], StateCounts> = {
  // The last one is of those that wait parked.
  write: (cells, [scheduled = 0, queued = 0, running, stopping, succeeded, failed, canceled, parked = 0]) =>
    void cells.push(scheduled, queued + parked, running ?? 0, stopping ?? 0, succeeded ?? 0, failed ?? 0, canceled ?? 0),
  read(tape) {
    const [scheduled, queued, running, stopping] = [tape.number(), tape.number(), tape.number(), tape.number()];
    return { scheduled, queued, running, stopping, succeeded: tape.number(), failed: tape.number(), canceled: tape.number() };
  },
};

const rowOrNull: Codec<Row | null, Job | null> = {
  write(cells, row) {
    cells.push(row === null ? 0 : 1);
    if (row !== null) writeRow(cells, row);
  },
  read: (tape) => (tape.flag() ? readJob(tape) : null),
};

const newJobs = list(newJob);

type SettleArgs = Readonly<Parameters<JobStore['settle']>>;
const settledKind = word(['lost', 'settled', 'ended']);
/** That the job has ended is told with the answer: its id need not travel back. */
const settled: AnswerCodec<SettleArgs, 'lost' | 'settled' | 'ended', Settled> = {
  write: settledKind.write,
  read(tape, [ref], ended) {
    const kind = settledKind.read(tape);
    if (kind === 'ended') ended(ref.id);
    return kind === 'lost' ? 'lost' : 'settled';
  },
};

const changedRow = variants({ changed: { job }, refused: { state }, closed: { queue: text }, missing: {} });
/** One that cannot be read is none any more. */
const changed: AnswerCodec<readonly unknown[], Parameters<typeof changedRow.write>[1], Changed> = {
  write: changedRow.write,
  read(tape) {
    const answer = changedRow.read(tape);
    if (answer.kind !== 'changed') return answer;
    return answer.job === null ? { kind: 'missing' } : { kind: 'changed', job: answer.job };
  },
};

const jobQuery = json<JobQuery>();
const listArgs: Codec<Readonly<Parameters<JobStore['list']>>, readonly [JobQuery, number]> = {
  write(cells, [query, signal]) {
    jobQuery.write(cells, query);
    signalNumber.write(cells, signal);
  },
  read: (tape) => [jobQuery.read(tape), signalNumber.read(tape)],
};

/** About how many bytes a job takes in a list, with what is read for it. */
const sizeOfListed = 4_096;
/** Such a list travels alone. */
const mostOfList = 4 * 1024 * 1024;

/** Whoever asks for little is not behind those who ask for much. */
function kindOfList(query: JobQuery): ReadKind {
  if (isSearch(query)) return query.match === null ? 'search' : 'patternSearch';
  return query.limit > mostOnShortPage ? 'longPage' : 'page';
}
const mostOnShortPage = 100;

export const jobCalls = {
  push: { thread: 'writer', size: sizeOfNewJobs, args: args(newJobs), answer: list(pushed) },
  claim: { thread: 'writer', args: args(claimRequest), answer: fields({ jobs: readable(readJob), nextIn: numberOrNull }) },
  settle: {
    thread: 'writer',
    size: (_ref, decision) => sizeOfMoves(decision),
    args: args(attemptRef, moves),
    answer: settled,
  },
  report: { thread: 'writer', size: (_ref, what) => sizeOfReport(what), args: args(attemptRef, report), answer: reported },
  change: { thread: 'writer', size: (_id, decision) => sizeOfMoves(decision), args: args(jobId, moves), answer: changed },
  remove: { thread: 'writer', args: args(jobId, list(state)), answer: changed },
  purge: { thread: 'writer', args: args(list(jobId), number), answer: fields({ count: number, rest: number }) },
  promote: { thread: 'writer', args: args(number), answer: number },
  restore: { thread: 'writer', size: sizeOfCopies, args: args(list(jobCopy)), answer: list(word(['restored', 'exists'])) },
  get: { thread: 'reader', args: args(jobId), answer: rowOrNull },
  attempts: { thread: 'reader', args: args(jobId, attemptQuery), answer: fields({ attempts: list(attempt), more: flag }) },
  lines: { thread: 'reader', args: args(jobId, nullable(logPlace), number), answer: logPage },
  list: {
    thread: 'reader',
    kind: kindOfList,
    // Of its answer: few long pages travel together.
    size: ({ limit }) => Math.min(limit * sizeOfListed, mostOfList),
    args: listArgs,
    answer: fields({ jobs: readable(readJob), next: textOrNull }),
  },
  count: { thread: 'writer', args: args(), answer: list(fields({ worker: text, queue: text, counts })) },
} satisfies CallsOf<JobStore>;
