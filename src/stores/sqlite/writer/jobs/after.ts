/** Jobs that wait for others (core/after.ts): how they begin to, and what becomes of them as these end. */
import { isEndedBy, leftOf, toldAtOnce, waitingReason } from '../../../../core/after.ts';
import type { JobId } from '../../../../core/id.ts';
import { type After, hasEnded, type Job, type JobState } from '../../../../core/job.ts';
import { awaitedFailed } from '../../../../core/transitions.ts';
import type { Pushed } from '../../../../ports/store/jobs.ts';
import { stateCodes, stateIn } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { steadyDue, waitsBehind } from '../../file/rows/due.ts';
import type { State } from '../state.ts';
import type { Mover } from './move.ts';

type Dangling = Extract<Pushed, { readonly kind: 'dangling' }>;
type InDomain = Pick<Job, 'domain'>;

export interface Waiting {
  /** The first job that it would wait for and that is not there. */
  danglingOf(job: InDomain, after: After): Dangling | null;
  /** From now on it waits for those that have not ended, or whose end ends it. Answers how many these are. */
  begin(job: InDomain & Pick<Job, 'id'>, after: After): number;
  /** Its record says for how many it waits. */
  holdBack(id: JobId, left: number): void;
  /** The same for one whose record says so already, by what it finds here. Answers whether it waits. */
  beginAgain(job: InDomain & Pick<Job, 'id'>, after: After | undefined): boolean;
  /** Jobs are told that others have ended for which they wait, a bounded number of them. Answers how many. */
  tellEnds(): number;
  /** There are more to tell. */
  hasUntold(): boolean;
}

/** It is due now, or when its own time comes; with the steady time of now as a column, and the wall time. */
const letGoSql = `
  UPDATE jobs SET reason = '',
    due_at = iif(due_at - ${waitsBehind} <= iif(due_at < 0, ?1, ?2), ?2, due_at - ${waitsBehind})
  WHERE id = ?3 RETURNING due_at`;

export function makeWaiting({ db, clock, due, waits }: State, mover: Mover): Waiting {
  const find = prepareRows(db, 'SELECT state FROM jobs WHERE id = ? AND domain = ?');
  const reasonOf = prepareRows(db, 'SELECT reason FROM jobs WHERE id = ? AND state = 0');
  const say = db.prepare('UPDATE jobs SET reason = ? WHERE id = ?');
  const holdBack = db.prepare(`UPDATE jobs SET reason = ?, due_at = due_at + ${waitsBehind} WHERE id = ?`);
  const letGo = prepareRows(db, letGoSql);

  /** `null`: it is not there. */
  const stateOf = (id: JobId, domain: string): JobState | null => {
    const code = find.get(id, domain)?.[0];
    return code === undefined ? null : stateIn(Number(code));
  };

  const begin: Waiting['begin'] = ({ id, domain }, after) => {
    let left = 0;
    for (const awaited of after.jobs) {
      const state = awaited === id ? null : stateOf(awaited, domain);
      if (state === null || (hasEnded(state) && !isEndedBy(after, state))) continue;
      waits.add(id, awaited, after.onFailure === 'cancel');
      if (hasEnded(state)) waits.ended(awaited, state);
      left += 1;
    }
    return left;
  };

  /** Answers for how much it counts. */
  const tell = (id: JobId, awaited: JobId, isEnded: boolean): number => {
    waits.delete(id, awaited);
    const reason = reasonOf.get(id)?.[0];
    const left = reason === undefined ? null : leftOf({ state: 'scheduled', reason: String(reason) });
    if (left === null) return 1;
    if (isEnded) {
      const job = mover.find(id);
      if (job !== null) mover.move(job, awaitedFailed(awaited));
      return left;
    }
    if (left > 1) say.run(waitingReason(left - 1), id);
    else due.expect(Number(letGo.get(steadyDue(clock.steady()), clock.now(), id)?.[0]));
    return 1;
  };

  return {
    begin,
    danglingOf({ domain }, { jobs }) {
      const awaited = jobs.find((id) => stateOf(id, domain) === null);
      return awaited === undefined ? null : { kind: 'dangling', awaited };
    },
    holdBack: (id, left) => void holdBack.run(waitingReason(left), id),
    beginAgain(job, after) {
      const left = after === undefined ? 0 : begin(job, after);
      if (left > 0) holdBack.run(waitingReason(left), job.id);
      else say.run('', job.id);
      return left > 0;
    },
    tellEnds() {
      let told = 0;
      for (let end = waits.next(); end !== null && told < toldAtOnce; end = waits.next()) {
        const waiting = waits.waitingFor(end, toldAtOnce - told);
        if (waiting.length === 0) {
          waits.told(end);
          told += 1;
        }
        for (const { id, cancels } of waiting) {
          told += tell(id, end.id, cancels && end.state !== stateCodes.succeeded);
          if (told >= toldAtOnce) break;
        }
      }
      return told;
    },
    hasUntold: () => waits.next() !== null,
  };
}
