/** Nodes: the calls of the writer. */
import type { WriterHandlers } from '../../calls/calls.ts';
import { makeHeld } from '../jobs/held.ts';
import type { Mover } from '../jobs/move.ts';
import type { State } from '../state.ts';
import type { SetAside } from '../upkeep/unreadable.ts';
import { makeAdmin } from './admin.ts';
import { makeEndings } from './endings.ts';
import { makeInbox } from './inbox.ts';
import { makeLife } from './life.ts';
import type { NodeParts } from './parts.ts';
import { makeNodesTable } from './table.ts';

export interface Nodes {
  readonly calls: WriterHandlers['nodes'];
  /** One that lives, too: it is forgotten. */
  readonly setAside: SetAside;
}

export function makeNodes(state: State, mover: Mover): Nodes {
  const parts: NodeParts = { state, held: makeHeld(state), mover, table: makeNodesTable(state), inbox: makeInbox(state) };
  const calls = { ...makeLife(parts), ...makeAdmin(parts), ...makeEndings(parts) };
  return {
    calls,
    setAside(incarnation, reason) {
      if (!parts.table.keepAside(incarnation, reason)) return false;
      calls.forget(incarnation);
      return true;
    },
  };
}
