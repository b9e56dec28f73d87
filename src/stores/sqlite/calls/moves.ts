/** Moves on their way to the writer: those of each settle, so both halves are written out. */
import type { EndState, JobResult, JobVerb } from '../../../core/job.ts';
import type { Move, Moves } from '../../../core/transitions.ts';
import { causeCode, causeOf, stateCodes, stateOf, verbCode, verbOf } from '../file/codes.ts';
import type { Cell, TapeReader } from '../file/tape.ts';
import { type Codec, misread } from './codec.ts';

const kindCodes: Readonly<Record<Move['kind'], number>> = { end: 0, retry: 1, release: 2, stop: 3, restart: 4, defer: 5 };
/** The same move as the one before: most decisions name one for both held states. */
const sameMove = -1;

export const moves: Codec<Moves> = {
  write(cells, decision) {
    const at = cells.push(0) - 1;
    let count = 0;
    let previous: Move | null = null;
    for (const state in decision) {
      const move = decision[state as keyof Moves];
      if (move === undefined) continue;
      count += 1;
      cells.push(stateCodes[state as keyof Moves]);
      if (move === previous) cells.push(sameMove);
      else writeMove(cells, move);
      previous = move;
    }
    cells[at] = count;
  },
  read(tape) {
    const decision: Partial<Record<keyof Moves, Move>> = {};
    let previous: Move | undefined;
    for (let left = tape.number(); left > 0; left--) {
      const state = stateOf(tape.number());
      const kind = tape.number();
      if (kind !== sameMove) previous = readMove(tape, kind);
      if (previous !== undefined) decision[state] = previous;
    }
    return decision;
  },
};

function writeMove(cells: Cell[], move: Move): void {
  cells.push(kindCodes[move.kind]);
  switch (move.kind) {
    case 'end':
      cells.push(verbCode(move.verb), stateCodes[move.to], move.reason, move.result === null ? 0 : 1);
      if (move.result !== null) result.write(cells, move.result);
      return;
    case 'retry':
      cells.push(move.delay, move.keep);
      result.write(cells, move.result);
      return;
    case 'defer':
      cells.push(move.delay);
      result.write(cells, move.result);
      return;
    case 'release':
      cells.push(move.lost ? 1 : 0, verbCode(move.verb));
      return;
    case 'restart':
      cells.push(move.keep);
      return;
    case 'stop':
      return;
    default:
      move satisfies never;
  }
}

function readMove(tape: TapeReader, code: number): Move {
  switch (code) {
    case kindCodes.end:
      return {
        kind: 'end',
        verb: readVerb(tape),
        to: readEnd(tape),
        reason: tape.text(),
        result: tape.flag() ? result.read(tape) : null,
      };
    case kindCodes.retry:
      return { kind: 'retry', verb: 'retry', to: 'scheduled', delay: tape.number(), keep: tape.number(), result: result.read(tape) };
    case kindCodes.defer:
      return { kind: 'defer', verb: 'defer', to: 'scheduled', delay: tape.number(), result: result.read(tape) };
    case kindCodes.release: {
      const lost = tape.flag();
      return { kind: 'release', verb: readVerb(tape) === 'lose' ? 'lose' : 'release', to: 'queued', lost };
    }
    case kindCodes.stop:
      return { kind: 'stop', verb: 'cancel', to: 'stopping' };
    case kindCodes.restart:
      return { kind: 'restart', verb: 'restart', to: 'queued', keep: tape.number() };
    default:
      return misread('a move', code);
  }
}

function readVerb(tape: TapeReader): JobVerb {
  const verb = verbOf(tape.number());
  return verb === 'push' ? misread('what moves a job', verb) : verb;
}

function readEnd(tape: TapeReader): EndState {
  const state = stateOf(tape.number());
  return state === 'succeeded' || state === 'failed' || state === 'canceled' ? state : misread('an end', state);
}

const result: Codec<JobResult> = {
  write: (cells, { statusCode, output, outputCut, error, cause, stack }) =>
    void cells.push(statusCode, output, outputCut ? 1 : 0, error, causeCode(cause), stack),
  read: (tape) => ({
    statusCode: tape.numberOrNull(),
    output: tape.text(),
    outputCut: tape.flag(),
    error: tape.text(),
    cause: causeOf(tape.numberOrNull()),
    stack: tape.text(),
  }),
};
