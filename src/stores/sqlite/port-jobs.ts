/** The jobs of the store's port, over the threads: arguments become cells, cells become answers. */
import { isJobId, type JobId, timeOfId } from '../../core/id.ts';
import type { AttemptRef, Job } from '../../core/job.ts';
import type { Changed, Claim, ClaimRequest, JobCount, JobStore, Pushed, Want } from '../../ports/store/jobs.ts';
import { stateCodes, stateOf } from './codes.ts';
import { pushKinds } from './jobs-push.ts';
import { extendedKinds, settledCodes } from './jobs-settle.ts';
import { readAttempt, readJob } from './rows.ts';
import { type Cell, type TapeReader, writeList } from './tape.ts';
import type { Threads } from './threads.ts';
import { readCounts, sizeOfMoves, sizeOfNewJob, writeMoves, writeNewJob } from './wire.ts';

export function makeJobs(threads: Threads): JobStore {
  return { ...makeLife(threads), ...makeLooks(threads) };
}

/** The calls of a job's life. */
function makeLife(threads: Threads): Pick<JobStore, 'push' | 'claim' | 'settle' | 'extend' | 'change' | 'remove' | 'promote'> {
  return {
    push(jobs) {
      const size = jobs.reduce((sum, job) => sum + sizeOfNewJob(job), 0);
      const write = (cells: Cell[]): void => writeList(cells, jobs, (job) => writeNewJob(cells, job));
      return threads.write('push', size, write, (tape) => tape.list(() => readPushed(tape)));
    },
    claim: (request) => threads.write('claim', 0, (cells) => writeClaim(cells, request), readClaim),
    settle(ref, moves, effects) {
      const pushes = effects?.push ?? [];
      const size = pushes.reduce((sum, job) => sum + sizeOfNewJob(job), sizeOfMoves(moves));
      const write = (cells: Cell[]): void => {
        cells.push(ref.id, ref.fence);
        writeMoves(cells, moves);
        writeList(cells, pushes, (job) => writeNewJob(cells, job));
      };
      return threads.write('settle', size, write, (tape) => {
        const code = tape.number();
        if (code === settledCodes.ended) threads.ended(ref.id);
        return code === settledCodes.lost ? 'lost' : 'settled';
      });
    },
    extend(ref, ttl) {
      const write = (cells: Cell[]): void => void cells.push(ref.id, ref.fence, ttl);
      return threads.write('extend', 0, write, (tape) => extendedKinds[tape.number()] ?? 'lost');
    },
    async change(id, moves) {
      if (!isJobId(id)) return { kind: 'missing' };
      const write = (cells: Cell[]): void => {
        cells.push(id);
        writeMoves(cells, moves);
      };
      return threads.write('change', sizeOfMoves(moves), write, readChanged);
    },
    async remove(id, from) {
      if (!isJobId(id)) return { kind: 'missing' };
      const write = (cells: Cell[]): void => {
        cells.push(id);
        writeList(cells, from, (state) => cells.push(stateCodes[state]));
      };
      return threads.write('remove', 0, write, readChanged);
    },
    promote: (limit) =>
      threads.write(
        'promote',
        0,
        (cells) => cells.push(limit),
        (tape) => tape.number(),
      ),
  };
}

function makeLooks(threads: Threads): Pick<JobStore, 'get' | 'attempts' | 'list' | 'count'> {
  return {
    async get(id) {
      if (!isJobId(id)) return null;
      const read = (tape: TapeReader): Job | null => (tape.flag() ? readJob(tape) : null);
      return threads.read('get', (cells) => cells.push(id), read);
    },
    async attempts(id, limit) {
      if (!isJobId(id)) return [];
      return threads.read(
        'attempts',
        (cells) => cells.push(id, limit),
        (tape) => tape.list(() => readAttempt(tape)),
      );
    },
    list: (query) => threads.list(query, (tape) => ({ jobs: tape.list(() => readJob(tape)), next: tape.textOrNull() })),
    count: () =>
      threads.write(
        'count',
        0,
        () => {},
        (tape) => tape.list(() => readCount(tape)),
      ),
  };
}

function readPushed(tape: TapeReader): Pushed {
  const kind = pushKinds[tape.number()] ?? 'pushed';
  const id: JobId = tape.text();
  return { kind, id, createdAt: timeOfId(id) };
}

function writeClaim(cells: Cell[], { operation, holder, attemptTtl, wants }: ClaimRequest): void {
  cells.push(operation, holder, attemptTtl);
  writeList(cells, wants(), (want) => writeWant(cells, want));
}

function writeWant(cells: Cell[], { worker, slots, queues }: Want): void {
  cells.push(worker, slots, queues === 'any' ? 0 : 1);
  if (queues !== 'any') writeList(cells, queues, (queue) => cells.push(queue));
}

function readClaim(tape: TapeReader): Claim {
  return { jobs: tape.list(() => readJob(tape)), nextIn: tape.numberOrNull() };
}

function readChanged(tape: TapeReader): Changed {
  const code = tape.number();
  if (code === 0) return { kind: 'changed', job: readJob(tape) };
  return code === 1 ? { kind: 'refused', state: stateOf(tape.number()) } : { kind: 'missing' };
}

function readCount(tape: TapeReader): JobCount {
  return { worker: tape.text(), queue: tape.text(), counts: readCounts(tape) };
}

export function readRef(tape: TapeReader): AttemptRef {
  return { id: tape.text(), fence: tape.text() };
}
