/** Arguments of the store's calls as cells: what the main thread writes and the writer thread reads. */
import type { JobResult, NewJob } from '../../core/job.ts';
import type { QueueSettings, StateCounts } from '../../core/queue.ts';
import type { Move, Moves } from '../../core/transitions.ts';
import { stateCodes, stateOf, verbCode, verbOf } from './codes.ts';
import { headersText, optionsText } from './rows.ts';
import { type Cell, type TapeReader, writeList } from './tape.ts';

/** A NewJob as it travels: options and headers stay JSON text until somebody shows the job. */
export interface PushedJob {
  readonly domain: string;
  readonly queue: string;
  readonly worker: string;
  readonly name: string;
  readonly comment: string;
  readonly url: string;
  readonly manual: number;
  readonly priority: number;
  readonly startKind: number;
  readonly start: number;
  readonly options: string;
  readonly headers: string | null;
  readonly payload: string | null;
  readonly key: string | null;
  readonly digest: string;
}

export const startKinds = { now: 0, delay: 1, at: 2 } as const;

export function writeNewJob(cells: Cell[], job: NewJob): void {
  const { start, idempotency } = job;
  const kind = start === null ? startKinds.now : 'at' in start ? startKinds.at : startKinds.delay;
  const time = start === null ? 0 : 'at' in start ? start.at : start.delay;
  cells.push(job.domain, job.queue, job.worker, job.name, job.comment, job.url, job.manual ? 1 : 0, job.priority, kind, time);
  cells.push(optionsText(job.options), headersText(job.headers), job.payload);
  cells.push(idempotency === null ? null : idempotency.key, idempotency === null ? '' : idempotency.digest);
}

export function readNewJob(tape: TapeReader): PushedJob {
  return {
    domain: tape.text(),
    queue: tape.text(),
    worker: tape.text(),
    name: tape.text(),
    comment: tape.text(),
    url: tape.text(),
    manual: tape.number(),
    priority: tape.number(),
    startKind: tape.number(),
    start: tape.number(),
    options: tape.text(),
    headers: tape.textOrNull(),
    payload: tape.textOrNull(),
    key: tape.textOrNull(),
    digest: tape.text(),
  };
}

/** About how many bytes the job takes on the way and in the log. */
export const sizeOfNewJob = (job: NewJob): number => 300 + (job.payload?.length ?? 0) + job.comment.length;

const moveKinds: readonly Move['kind'][] = ['end', 'retry', 'release', 'stop', 'restart'];
/** The same move as the one before. */
const sameMove = -1;

export function writeMoves(cells: Cell[], moves: Moves): void {
  let previous: Move | null = null;
  writeList(cells, Object.entries(moves), ([state, move]) => {
    cells.push(stateCodes[state as keyof Moves]);
    if (move === previous) cells.push(sameMove);
    else writeMove(cells, move);
    previous = move;
  });
}

function writeMove(cells: Cell[], move: Move): void {
  cells.push(moveKinds.indexOf(move.kind));
  switch (move.kind) {
    case 'end':
      cells.push(verbCode(move.verb), stateCodes[move.to], move.reason, move.result === null ? 0 : 1);
      if (move.result !== null) writeResult(cells, move.result);
      return;
    case 'retry':
      cells.push(move.delay);
      writeResult(cells, move.result);
      return;
    case 'release':
      cells.push(move.lost ? 1 : 0, verbCode(move.verb));
      return;
    default:
      return;
  }
}

function writeResult(cells: Cell[], result: JobResult): void {
  cells.push(result.statusCode, result.output, result.outputCut ? 1 : 0, result.error);
}

/** Moves by state code. */
export type ReadMoves = readonly (Move | undefined)[];

export function readMoves(tape: TapeReader): ReadMoves {
  const moves: (Move | undefined)[] = [undefined, undefined, undefined, undefined, undefined, undefined, undefined];
  let previous: Move | undefined;
  for (let left = tape.number(); left > 0; left--) {
    const state = tape.number();
    const kind = tape.number();
    if (kind !== sameMove) previous = readMove(tape, kind);
    moves[state] = previous;
  }
  return moves;
}

function readMove(tape: TapeReader, code: number): Move {
  const kind = moveKinds[code];
  switch (kind) {
    case 'end':
      return readEnd(tape);
    case 'retry':
      return { kind, verb: 'retry', to: 'scheduled', delay: tape.number(), result: readResult(tape) };
    case 'release': {
      const lost = tape.flag();
      return { kind, verb: verbOf(tape.number()) === 'lose' ? 'lose' : 'release', to: 'queued', lost };
    }
    case 'stop':
      return { kind, verb: 'cancel', to: 'stopping' };
    case 'restart':
      return { kind, verb: 'restart', to: 'queued' };
    default:
      throw new Error(`there is no move with the code ${code}`);
  }
}

function readEnd(tape: TapeReader): Move {
  const verb = verbOf(tape.number());
  const to = stateOf(tape.number());
  const reason = tape.text();
  const result = tape.flag() ? readResult(tape) : null;
  if (verb === 'push' || (to !== 'succeeded' && to !== 'failed' && to !== 'canceled'))
    throw new Error(`a job does not end by ${verb} in ${to}`);
  return { kind: 'end', verb, to, reason, result };
}

function readResult(tape: TapeReader): JobResult {
  return { statusCode: tape.numberOrNull(), output: tape.text(), outputCut: tape.flag(), error: tape.text() };
}

export function sizeOfMoves(moves: Moves): number {
  const move = moves.running;
  return 200 + (move !== undefined && 'result' in move && move.result !== null ? move.result.output.length : 0);
}

export function writeSettings(cells: Cell[], settings: QueueSettings): void {
  cells.push(settings.paused ? 1 : 0, settings.concurrency, settings.rate?.max ?? null, settings.rate?.per ?? null);
}

export function readSettings(tape: TapeReader): QueueSettings {
  const paused = tape.flag();
  const concurrency = tape.numberOrNull();
  const max = tape.numberOrNull();
  const per = tape.numberOrNull();
  return { paused, concurrency, rate: max === null || per === null ? null : { max, per } };
}

/** One number for each state, in the order of their codes. */
export function readCounts(tape: TapeReader): StateCounts {
  const [scheduled, queued, running, stopping] = [tape.number(), tape.number(), tape.number(), tape.number()];
  return { scheduled, queued, running, stopping, succeeded: tape.number(), failed: tape.number(), canceled: tape.number() };
}
