/** What the calls of nodes share. */
import type { Held } from '../jobs/held.ts';
import type { Mover } from '../jobs/move.ts';
import type { State } from '../state.ts';
import type { Inbox } from './inbox.ts';
import type { NodesTable } from './table.ts';

export interface NodeParts {
  readonly state: State;
  readonly held: Held;
  readonly mover: Mover;
  readonly table: NodesTable;
  readonly inbox: Inbox;
}
