/** What people call of nodes. */
import type { NodeRecord } from '../../../../core/node.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { Lease } from './leases.ts';
import type { NodeParts } from './parts.ts';

export function makeAdmin({ state, table }: NodeParts): Pick<WriterHandlers['nodes'], 'steer' | 'list'> {
  const { clock, serverId, hints, leases } = state;
  return {
    steer(node, mode) {
      const steered = leases.all().filter((lease) => lease.name === node || lease.incarnation === node);
      for (const known of steered) {
        const lease = { ...known, mode };
        leases.set(lease);
        table.keep(lease);
        hints.inbox(lease.incarnation);
      }
      // What a node leaves alone, another may take; and a node that goes on may take what has waited for it.
      if (steered.length > 0) hints.readyAnyway();
      return steered.map(({ incarnation }) => incarnation);
    },
    list() {
      const now = clock.steady();
      return [...leases.all().map((lease) => liveRecord(lease, serverId, now)), ...table.gone()];
    },
  };
}

function liveRecord({ heardAt, expiresAt, ...known }: Lease, serverId: number, now: number): NodeRecord {
  return { ...known, serverId, state: 'live', heardAgo: now - heardAt, leaseLeft: Math.max(0, expiresAt - now) };
}
