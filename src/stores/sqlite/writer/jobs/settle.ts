/** What a holder says of its attempt when it is over: it has ended, or goes back. */
import { noResult } from '../../../../core/job.ts';
import type { Move } from '../../../../core/transitions.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { causeCode, stateCodes } from '../../file/codes.ts';
import type { Owned } from '../definitions/owned.ts';
import type { Queues } from '../queues/queues.ts';
import type { State } from '../state.ts';
import type { ClaimedJob } from './claimed.ts';
import type { Mover } from './move.ts';

/** The common case in one statement: a running attempt ends its job and leaves a result. */
export const endSql = `
  UPDATE jobs SET state = ?, ended_at = ?, reason = ?, status_code = ?, output = ?, output_cut = ?, error = ?, cause = ?,
    stack = ?, op = '', deadline = NULL
  WHERE id = ? AND fence = ? AND state = 2`;

interface SettleParts {
  readonly owned: Owned;
  readonly mover: Mover;
  readonly queues: Queues;
}

export function makeSettle(state: State, parts: SettleParts): Pick<WriterHandlers['jobs'], 'settle'> {
  const { owned, mover, queues } = parts;
  const endRunning = makeEndRunning(state, owned);
  return {
    settle({ id, fence }, moves) {
      let ended = endRunning(id, fence, moves.running);
      if (!ended) {
        const job = mover.find(id);
        const move = job?.fence === fence && (job.state === 'running' || job.state === 'stopping') ? moves[job.state] : undefined;
        if (job === null || move === undefined) return 'lost';
        ended = mover.move(job, move).endedAt !== null;
        if (move.verb === 'defer') queues.gaveBack(job.queue);
      }
      return ended ? 'ended' : 'settled';
    },
  };
}

type EndRunning = (id: string, fence: string, move: Move | undefined) => boolean;

function makeEndRunning({ db, clock, counters, journal, hints, limited, claimed, tally, waits }: State, owned: Owned): EndRunning {
  const end = db.prepare(endSql);
  return (id, fence, move) => {
    const job = claimed.get(id);
    if (job === undefined || (tally.isKept && job.counted === null)) return false;
    if (move?.kind !== 'end' || move.result === null || move.verb === 'lose') return false;
    const { statusCode, output, outputCut, error, cause, stack } = move.result;
    const [state, now] = [stateCodes[move.to], clock.now()];
    const failure = [error, causeCode(cause), stack];
    const { changes } = end.run(state, now, move.reason, statusCode, output, outputCut ? 1 : 0, ...failure, id, fence);
    if (changes === 0) return false;
    claimed.forget(id);
    counters.move(job.line, stateCodes.running, state, job.manual);
    waits.ended(id, move.to);
    const frees = job.counted !== null && tally.ended(job.counted);
    if (frees || limited.has(job.line.queue)) hints.readyAnyway();
    if (job.owner !== '') followEnd(owned, { ...job, id }, move, now);
    journal.moved(move.verb, id);
    return true;
  };
}

/** Of a job that has ended it does not count when it was created. */
function followEnd(
  owned: Owned,
  job: ClaimedJob & { readonly id: string },
  move: Extract<Move, { readonly kind: 'end' }>,
  now: number,
): void {
  const before = {
    id: job.id,
    owner: job.owner,
    manual: job.manual === 1,
    createdAt: 0,
    endedAt: null,
    state: 'running',
    result: noResult,
  } as const;
  owned.follow(before, { ...before, state: move.to, endedAt: now, result: move.result ?? noResult });
}
