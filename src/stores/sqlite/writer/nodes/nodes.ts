/** Nodes, as the other calls of the writer know them. */
import type { Job } from '../../../../core/job.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { Held } from '../jobs/held.ts';
import type { Mover } from '../jobs/move.ts';
import type { State } from '../state.ts';
import { makeAdmin } from './admin.ts';
import { makeEndings } from './endings.ts';
import { makeInbox } from './inbox.ts';
import { makeLeases } from './leases.ts';
import { makeLife } from './life.ts';
import type { NodeParts } from './parts.ts';
import { makeNodesTable } from './table.ts';

export interface Nodes {
  /** Whether it is a node that may claim: its lease has not ended for good, and it is not draining. */
  mayClaim(incarnation: string): boolean;
  /** Puts a message into the inbox of the job's holder, if that is a node: others learn of a stop when they extend. */
  tellToCancel(job: Job): void;
  readonly calls: WriterHandlers['nodes'];
}

export function makeNodes(state: State, held: Held, mover: Mover): Nodes {
  const leases = makeLeases(state);
  const inbox = makeInbox(state);
  const parts: NodeParts = { state, held, mover, leases, table: makeNodesTable(state), inbox };
  return {
    calls: { ...makeLife(parts), ...makeAdmin(parts), ...makeEndings(parts) },
    mayClaim: (incarnation) => leases.get(incarnation)?.mode === 'active',
    tellToCancel(job) {
      if (leases.get(job.holder) !== undefined) inbox.tellToCancel(job);
    },
  };
}
