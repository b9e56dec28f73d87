/** What a holder tells of its attempt while it runs. */
import type { WriterHandlers } from '../../calls/calls.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { storeFull } from '../../file/faults.ts';
import type { State } from '../state.ts';
import type { Pusher } from './push.ts';

/** The state of an attempt that is held. */
export const heldAttemptSql = 'SELECT state FROM jobs WHERE id = ? AND fence = ? AND state IN (2, 3)';
const extendSql = 'UPDATE jobs SET deadline = ? WHERE id = ? AND deadline IS NOT NULL';

export function makeReport({ db, clock, logs, room }: State, pusher: Pusher): Pick<WriterHandlers['jobs'], 'report'> {
  const held = prepareRows(db, heldAttemptSql);
  const extend = db.prepare(extendSql);
  return {
    report({ id, fence }, { ttl, progress, lines, push }) {
      const row = held.get(id, fence);
      if (row === undefined) return { kind: 'lost' };
      const isMore = progress !== null || lines.length > 0 || push.length > 0;
      if (isMore && room.isLast()) throw storeFull();
      // Holders that are no nodes have no caller yet.
      if (ttl !== null) extend.run(Math.ceil(clock.steady() + ttl), id);
      if (progress !== null) logs.setProgress(id, fence, progress, clock.now());
      const known = lines.length > 0 ? logs.tell(id, fence, lines, clock.now()) : 0;
      return { kind: row[0] === stateCodes.stopping ? 'stopping' : 'reported', pushed: push.map((job) => pusher.push(job)), known };
    },
  };
}
