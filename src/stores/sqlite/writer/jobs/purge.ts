/** Ended jobs that people want to be rid of: named ones, in steps of bounded size. */
import type { WriterHandlers } from '../../calls/calls.ts';
import { prepareRows } from '../../file/database.ts';
import type { Owned } from '../definitions/owned.ts';
import type { State } from '../state.ts';
import { endedSizeSql, makeRemoval, mostBytes } from './removal.ts';

export function makePurge(state: State, owned: Owned): Pick<WriterHandlers['jobs'], 'purge'> {
  const find = prepareRows(state.db, `SELECT ${endedSizeSql} FROM jobs WHERE id = ? AND state >= 4 AND ended_at < ?`);
  const remove = makeRemoval(state, owned);
  return {
    purge(ids, endedBefore) {
      let [count, bytes] = [0, 0];
      for (const [at, id] of ids.entries()) {
        if (bytes > mostBytes) return { count, rest: ids.length - at };
        const ended = find.get(id, endedBefore);
        if (ended === undefined) continue;
        bytes += remove(ended);
        count += 1;
      }
      return { count, rest: 0 };
    },
  };
}
