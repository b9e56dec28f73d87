/** What the calls of nodes share. */
import type { Held } from '../jobs/held.ts';
import type { Mover } from '../jobs/move.ts';
import type { State } from '../state.ts';
import type { Inbox } from './inbox.ts';
import type { Leases } from './leases.ts';
import type { NodesTable } from './table.ts';

export interface NodeParts {
  readonly state: State;
  readonly held: Held;
  readonly mover: Mover;
  readonly leases: Leases;
  readonly table: NodesTable;
  readonly inbox: Inbox;
}
