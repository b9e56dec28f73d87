/** Definitions: the calls of the writer. */
import type { WriterHandlers } from '../../calls/calls.ts';
import type { Mover } from '../jobs/move.ts';
import type { Pusher } from '../jobs/push.ts';
import type { State } from '../state.ts';
import { makeDue } from './due.ts';
import { makeFire } from './fire.ts';
import { makeLiveJobs } from './live.ts';
import type { Owned } from './owned.ts';
import { makeGather, makeParts } from './parts.ts';
import { makePut } from './put.ts';
import { makeDefinitionsTable } from './table.ts';

export function makeDefinitions(state: State, owned: Owned, mover: Mover, pusher: Pusher): WriterHandlers['definitions'] {
  const table = makeDefinitionsTable(state);
  const parts = makeParts(state);
  return {
    ...makePut(state, table, owned, parts),
    ...makeDue(state),
    ...makeFire(state, { table, parts, live: makeLiveJobs(state), mover, pusher }),
    ...makeGather(state, table, parts),
  };
}
