/** How a job lies in its columns: nothing else knows their order. */
import type { Job } from '../../../../core/job.ts';
import { causeCode, causeOf, stateCodes, stateOf } from '../codes.ts';
import { type Cell, type Row, TapeReader } from '../tape.ts';
import { dueAtSql } from './due.ts';
import { headersText, optionsText, readHeaders, readOptions } from './options.ts';

/** In the order of the cells of a row. Payload and output may be large and stand last. */
const columns = [
  ...['id', 'state', 'domain', 'queue', 'worker', 'name', 'comment', 'url', 'manual', 'priority', 'due_at', 'created_at', 'started_at'],
  ...['ended_at', 'run', 'attempt', 'lost', 'fence', 'holder', 'reason', 'status_code', 'error', 'output_cut', 'cause', 'options'],
  ...['headers', 'owner', '"limit"', 'about', 'stack', 'payload', 'output'],
];

/** Ids and fences leave as text: a JavaScript number would lose digits. */
const selected = columns.map((column) =>
  column === 'id' || column === 'fence' ? `CAST(${column} AS TEXT)` : column === 'due_at' ? dueAtSql : column,
);

/** What `readJob` reads. */
export const jobColumns = selected.join(', ');
/** The same without payload and output. */
export const briefJobColumns = [...selected.slice(0, -2), 'NULL', "''"].join(', ');

/** Where callers find what they need of a row before it becomes a job. */
export const jobColumn = {
  id: columns.indexOf('id'),
  state: columns.indexOf('state'),
  queue: columns.indexOf('queue'),
  worker: columns.indexOf('worker'),
  manual: columns.indexOf('manual'),
  dueAt: columns.indexOf('due_at'),
  startedAt: columns.indexOf('started_at'),
  attempt: columns.indexOf('attempt'),
  fence: columns.indexOf('fence'),
  holder: columns.indexOf('holder'),
  owner: columns.indexOf('owner'),
  domain: columns.indexOf('domain'),
  limit: columns.indexOf('"limit"'),
  priority: columns.indexOf('priority'),
  options: columns.indexOf('options'),
} as const;

/** `null`: the cells make no job, which the tape notes. */
export const readJob = (tape: TapeReader): Job | null => tape.record(columns.length, String, jobOn);

/** Throws for a row that is no job. */
export const jobOfRow = (row: Row): Job => jobOn(new TapeReader(row));

/**
 * A job that waits parked has this less than its priority: so it stands in its lane behind all that are ready, of which claims take no
 * more than there are.
 */
export const parkedBelow = 10_000_000;
/** No priority of a job is as low. */
export const parkedFloor = -parkedBelow / 2;
const priorityOf = (cell: number): number => (cell <= parkedFloor ? cell + parkedBelow : cell);

function jobOn(tape: TapeReader): Job {
  return {
    id: tape.text(),
    state: stateOf(tape.number()),
    domain: tape.text(),
    queue: tape.text(),
    worker: tape.text(),
    name: tape.text(),
    comment: tape.text(),
    url: tape.text(),
    manual: tape.flag(),
    priority: priorityOf(tape.number()),
    dueAt: tape.time(),
    createdAt: tape.time(),
    startedAt: tape.timeOrNull(),
    endedAt: tape.timeOrNull(),
    run: tape.number(),
    attempt: tape.number(),
    lost: tape.number(),
    fence: tape.text(),
    holder: tape.text(),
    reason: tape.text(),
    ...readTail(tape),
  };
}

function readTail(tape: TapeReader): Pick<Job, 'result' | 'options' | 'headers' | 'owner' | 'limit' | 'about' | 'payload'> {
  const statusCode = tape.numberOrNull();
  const error = tape.text();
  const outputCut = tape.flag();
  const cause = causeOf(tape.numberOrNull());
  const options = readOptions(tape.text());
  const headers = readHeaders(tape.textOrNull());
  const [owner, limit, about, stack, payload] = [tape.text(), tape.text(), tape.textOrNull(), tape.text(), tape.textOrNull()];
  return { options, headers, owner, limit, about, payload, result: { statusCode, error, outputCut, cause, stack, output: tape.text() } };
}

/** The other half of `readJob`. */
export function jobCells(job: Job): Row {
  const { result } = job;
  return [
    ...[job.id, stateCodes[job.state], job.domain, job.queue, job.worker, job.name, job.comment, job.url, job.manual ? 1 : 0],
    ...[job.priority, Math.max(0, job.dueAt), job.createdAt, job.startedAt, job.endedAt, job.run, job.attempt, job.lost, job.fence],
    ...[job.holder, job.reason, result.statusCode, result.error, result.outputCut ? 1 : 0, causeCode(result.cause)],
    ...[optionsText(job.options), headersText(job.headers), job.owner, job.limit, job.about, result.stack, job.payload, result.output],
  ];
}

/** For a row of `jobCells`, unless there is a job of its id. */
export const insertJobSql = `
  INSERT INTO jobs (${columns.join(', ')}, op) VALUES (${columns.map(() => '?').join(', ')}, '') ON CONFLICT (id) DO NOTHING`;

/** For what `moveCells` gives: all that a move may change. An attempt that does not run has no operation and no deadline. */
export const moveJobSql = `
  UPDATE jobs SET state = ?1, reason = ?2, due_at = ?3, started_at = ?4, ended_at = ?5, run = ?6, attempt = ?7, lost = ?8,
    holder = ?9, status_code = ?10, error = ?11, output_cut = ?12, cause = ?13, stack = ?14,
    output = ?15, op = iif(?1 IN (2, 3), op, ''), deadline = iif(?1 IN (2, 3), deadline, NULL)
  WHERE id = ?16`;

/** @param due the column; of a job that is not scheduled the time itself */
export function moveCells(job: Job, due: number): Cell[] {
  const { result } = job;
  return [
    ...[stateCodes[job.state], job.reason, due, job.startedAt, job.endedAt, job.run, job.attempt, job.lost, job.holder],
    ...[result.statusCode, result.error, result.outputCut ? 1 : 0, causeCode(result.cause), result.stack, result.output, job.id],
  ];
}
