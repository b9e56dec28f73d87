/** A new job on its way to the writer, and what became of it. */
import type { StartBefore } from '../../../core/expiry.ts';
import type { JobId } from '../../../core/id.ts';
import type { After, NewJob } from '../../../core/job.ts';
import type { Unique } from '../../../core/unique.ts';
import type { Pushed } from '../../../ports/store/jobs.ts';
import type { NewJobRow } from '../file/rows/new-job.ts';
import { headersText, optionsText } from '../file/rows/options.ts';
import { type Codec, json, word } from './codec.ts';

/** What a job has beside what all have: the sum stands first, and cells for these alone follow the others. */
const extras = { delay: 1, at: 2, key: 4, owner: 8, unique: 16, startBefore: 32, after: 64 } as const;

const uniqueCells = json<Unique>();
const startBeforeCells = json<StartBefore>();
const afterCells = json<After>();

/** Options and headers become the texts that the file has: the writer does not look at them. */
export const newJob: Codec<NewJob, NewJobRow> = {
  write(cells, job) {
    const { start, idempotency, owner, limit, about } = job;
    const { unique, startBefore, after } = job.options;
    const timed = start === null ? 0 : 'at' in start ? extras.at : extras.delay;
    const owned = owner !== '' || limit !== '' || about !== null;
    const scoped = (unique === undefined ? 0 : extras.unique) + (startBefore === undefined ? 0 : extras.startBefore);
    const rare = (owned ? extras.owner : 0) + scoped + (after === undefined ? 0 : extras.after);
    cells.push(timed + (idempotency === null ? 0 : extras.key) + rare);
    cells.push(job.domain, job.queue, job.worker, job.name, job.comment, job.url, job.manual ? 1 : 0, job.priority);
    cells.push(optionsText(job.options), headersText(job.headers), job.payload);
    if (start !== null) cells.push('at' in start ? start.at : start.delay);
    if (idempotency !== null) cells.push(idempotency.key, idempotency.digest);
    if (owned) cells.push(owner, limit, about);
    if (unique !== undefined) uniqueCells.write(cells, unique);
    if (startBefore !== undefined) startBeforeCells.write(cells, startBefore);
    if (after !== undefined) afterCells.write(cells, after);
  },
  // One literal, in the order of the tape: each push is read here.
  read(tape) {
    const has = tape.number();
    return {
      domain: tape.text(),
      queue: tape.text(),
      worker: tape.text(),
      name: tape.text(),
      comment: tape.text(),
      url: tape.text(),
      manual: tape.number(),
      priority: tape.number(),
      options: tape.text(),
      headers: tape.textOrNull(),
      payload: tape.textOrNull(),
      start: startOf(has),
      startTime: (has & (extras.delay | extras.at)) === 0 ? 0 : tape.number(),
      key: (has & extras.key) === 0 ? null : tape.text(),
      digest: (has & extras.key) === 0 ? '' : tape.text(),
      owner: (has & extras.owner) === 0 ? '' : tape.text(),
      limit: (has & extras.owner) === 0 ? '' : tape.text(),
      about: (has & extras.owner) === 0 ? null : tape.textOrNull(),
      unique: (has & extras.unique) === 0 ? null : uniqueCells.read(tape),
      startBefore: (has & extras.startBefore) === 0 ? null : startBeforeCells.read(tape),
      after: (has & extras.after) === 0 ? null : afterCells.read(tape),
    };
  },
};

const startOf = (has: number): NewJobRow['start'] => ((has & extras.at) !== 0 ? 'at' : (has & extras.delay) !== 0 ? 'delay' : 'now');

/** `waiting`: pushed, and waits for others, which costs only those. */
const pushedKind = word(['pushed', 'replayed', 'conflict', 'duplicate', 'closed', 'limited', 'dangling', 'waiting']);

export const pushed: Codec<Pushed> = {
  write(cells, answer) {
    const left = answer.kind === 'pushed' ? answer.left : undefined;
    pushedKind.write(cells, left === undefined ? answer.kind : 'waiting');
    if (answer.kind === 'limited') cells.push(answer.key, answer.wait);
    else if (answer.kind === 'dangling') cells.push(answer.awaited);
    else if (answer.kind !== 'closed') cells.push(answer.id, answer.createdAt);
    if (left !== undefined) cells.push(left);
  },
  read(tape) {
    const kind = pushedKind.read(tape);
    if (kind === 'closed') return { kind };
    if (kind === 'limited') return { kind, key: tape.text(), wait: tape.number() };
    if (kind === 'dangling') return { kind, awaited: tape.text() };
    const id: JobId = tape.text();
    const createdAt = tape.number();
    return kind === 'waiting' ? { kind: 'pushed', id, createdAt, left: tape.number() } : { kind, id, createdAt };
  },
};
