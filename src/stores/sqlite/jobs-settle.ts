/** What happens to one named job: its attempt ends or is extended, an operator asks for something, it is removed. */

import type { Move } from '../../core/transitions.ts';
import { stateCodes, stateOf } from './codes.ts';
import { absent } from './counters.ts';
import { prepareRows } from './database.ts';
import type { Mover } from './jobs-move.ts';
import type { Pusher } from './jobs-push.ts';
import type { Ledger } from './ledger.ts';
import type { Nodes } from './nodes.ts';
import { jobColumn, jobColumns } from './rows.ts';
import { type Cell, type TapeReader, writeRow } from './tape.ts';
import { readMoves, readNewJob } from './wire.ts';

type Call = (call: TapeReader, reply: Cell[]) => void;

type EndRunning = (id: string, fence: string, move: Move | undefined) => boolean;

/** What a settle answers: whether the guard held, and whether the job has ended by it. */
export const settledCodes = { lost: 0, settled: 1, ended: 2 } as const;

/** The common case at one go: a running attempt ends its job and leaves a result. */
export const endSql = `
  UPDATE jobs SET state = ?, ended_at = ?, reason = ?, status_code = ?, output = ?, output_cut = ?, error = ?, op = '', deadline = NULL
  WHERE id = ? AND fence = ? AND state = 2`;

/** The call `settle`. */
export function makeSettle(ledger: Ledger, mover: Mover, pusher: Pusher): Call {
  const endRunning = makeEndRunning(ledger);
  return (call, reply) => {
    const id = call.text();
    const fence = call.text();
    const moves = readMoves(call);
    const effects = call.list(() => readNewJob(call));
    ledger.journal.passes(moves[stateCodes.running]?.kind === 'retry' ? 'retry' : 'settle');
    let ended = endRunning(id, fence, moves[stateCodes.running]);
    if (!ended) {
      const job = mover.find(id);
      const move = job?.fence === fence && (job.state === 'running' || job.state === 'stopping') ? moves[stateCodes[job.state]] : undefined;
      if (job === null || move === undefined) {
        reply.push(settledCodes.lost);
        return;
      }
      ended = mover.move(job, move).endedAt !== null;
    }
    for (const effect of effects) pusher.push(effect);
    reply.push(ended ? settledCodes.ended : settledCodes.settled);
  };
}

function makeEndRunning({ db, clock, counters, journal, limited, claimed }: Ledger): EndRunning {
  const end = db.prepare(endSql);
  return (id, fence, move) => {
    const place = claimed.get(id);
    if (place === undefined || move?.kind !== 'end' || move.result === null || move.verb === 'lose') return false;
    const { statusCode, output, outputCut, error } = move.result;
    const state = stateCodes[move.to];
    const { changes } = end.run(state, clock.now(), move.reason, statusCode, output, outputCut ? 1 : 0, error, id, fence);
    if (changes === 0) return false;
    claimed.forget(id);
    counters.move(place.line, stateCodes.running, state, place.manual);
    if (limited.has(place.line.queue)) journal.readyAnyway();
    journal.moved(move.verb, id);
    return true;
  };
}

const changedCodes = { changed: 0, refused: 1, missing: 2 } as const;

/** The call `change`. */
export function makeChange(ledger: Ledger, mover: Mover, nodes: Nodes): Call {
  const show = prepareRows(ledger.db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  return (call, reply) => {
    const id = call.text();
    const moves = readMoves(call);
    ledger.journal.passes('change');
    const job = mover.find(id);
    if (job === null) {
      reply.push(changedCodes.missing);
      return;
    }
    const move = moves[stateCodes[job.state]];
    if (move === undefined) {
      reply.push(changedCodes.refused, stateCodes[job.state]);
      return;
    }
    const toldAlready = move.kind === 'stop' && job.state === 'stopping';
    if (!toldAlready) mover.move(job, move);
    if (move.kind === 'stop' && !toldAlready) nodes.tellToCancel(job);
    reply.push(changedCodes.changed);
    writeRow(reply, show.get(id) ?? []);
  };
}

/** The call `remove`. */
export function makeRemove({ db, counters, journal }: Ledger): Call {
  const find = prepareRows(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  const removeJob = db.prepare('DELETE FROM jobs WHERE id = ?');
  const removeAttempts = db.prepare('DELETE FROM attempts WHERE job_id = ?');
  return (call, reply) => {
    const id = call.text();
    const from = call.list(() => call.number());
    journal.passes('change');
    const row = find.get(id);
    const state = Number(row?.[jobColumn.state]);
    if (row === undefined) {
      reply.push(changedCodes.missing);
    } else if (!from.includes(state)) {
      reply.push(changedCodes.refused, stateCodes[stateOf(state)]);
    } else {
      removeJob.run(id);
      removeAttempts.run(id);
      const line = counters.line(String(row[jobColumn.worker]), String(row[jobColumn.queue]));
      counters.move(line, state, absent, Number(row[jobColumn.manual]));
      journal.moved('delete', String(row[jobColumn.id]));
      reply.push(changedCodes.changed);
      writeRow(reply, row);
    }
  };
}

export const extendedKinds = ['extended', 'stopping', 'lost'] as const;

/** The call `extend`. */
export function makeExtend({ db, clock }: Ledger): Call {
  const extend = prepareRows(
    db,
    'UPDATE jobs SET deadline = ? WHERE id = ? AND fence = ? AND state IN (2, 3) AND deadline IS NOT NULL RETURNING state',
  );
  return (call, reply) => {
    const id = call.text();
    const fence = call.text();
    const row = extend.get(Math.ceil(clock.now() + call.number()), id, fence);
    const kind = row === undefined ? 'lost' : row[0] === stateCodes.running ? 'extended' : 'stopping';
    reply.push(extendedKinds.indexOf(kind));
  };
}
