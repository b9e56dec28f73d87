/** Nodes: the calls of the writer. */
import type { WriterHandlers } from '../../calls/calls.ts';
import { makeHeld } from '../jobs/held.ts';
import type { Mover } from '../jobs/move.ts';
import type { State } from '../state.ts';
import { makeAdmin } from './admin.ts';
import { makeEndings } from './endings.ts';
import { makeInbox } from './inbox.ts';
import { makeLife } from './life.ts';
import type { NodeParts } from './parts.ts';
import { makeNodesTable } from './table.ts';

export function makeNodes(state: State, mover: Mover): WriterHandlers['nodes'] {
  const parts: NodeParts = { state, held: makeHeld(state), mover, table: makeNodesTable(state), inbox: makeInbox(state) };
  return { ...makeLife(parts), ...makeAdmin(parts), ...makeEndings(parts) };
}
