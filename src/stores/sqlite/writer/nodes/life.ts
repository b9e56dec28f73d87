/** What a living node calls. */
import type { AttemptRef, Job } from '../../../../core/job.ts';
import { noLoad } from '../../../../core/node.ts';
import { releaseMoves } from '../../../../core/transitions.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { HeldJob } from '../jobs/held.ts';
import type { NodeParts } from './parts.ts';

export function makeLife(parts: NodeParts): Pick<WriterHandlers['nodes'], 'join' | 'renew' | 'reconcile'> {
  const { held, mover, table, inbox } = parts;
  const { clock, serverId, leases } = parts.state;
  return {
    join({ incarnation, name, version, address, serves, link }, ttl) {
      const now = clock.steady();
      const lease = leases.get(incarnation);
      const told = { incarnation, name, version, address, serves, link };
      const known = lease ?? { ...told, startedAt: clock.now(), mode: 'active', load: noLoad };
      leases.set({ ...known, heardAt: now, expiresAt: now + ttl });
      if (lease === undefined) table.keep(known);
      const namesakes = leases.all().filter((other) => other.name === known.name && other.incarnation !== incarnation);
      return { kind: 'joined', serverId, namesakes: namesakes.map((other) => other.incarnation) };
    },
    renew(incarnation, ttl, ack, load, face) {
      const lease = leases.get(incarnation);
      if (lease === undefined) return { kind: 'buried' };
      const now = clock.steady();
      const renewed = { ...lease, ...face, load, heardAt: now, expiresAt: now + ttl };
      leases.set(renewed);
      if (renewed.address !== lease.address) table.keep(renewed);
      return { kind: 'renewed', mode: lease.mode, inbox: inbox.messages(incarnation, ack), digest: held.digest(incarnation) };
    },
    reconcile(incarnation, theirs, pending) {
      const { abort, unknown } = compare(theirs, held.of(incarnation), new Set(pending));
      mover.handBack(unknown, () => releaseMoves);
      return { abort, released: unknown.map(({ id, fence }) => ({ id, fence })) };
    },
  };
}

function compare(
  theirs: readonly AttemptRef[],
  ours: readonly HeldJob[],
  pending: ReadonlySet<string>,
): { readonly abort: readonly AttemptRef[]; readonly unknown: readonly Job[] } {
  const fences = new Map(ours.map(({ job }) => [job.id, job.fence]));
  const known = new Map(theirs.map((ref) => [ref.id, ref.fence]));
  return {
    abort: theirs.filter((ref) => fences.get(ref.id) !== ref.fence),
    unknown: ours.filter(({ job, operation }) => known.get(job.id) !== job.fence && !pending.has(operation)).map(({ job }) => job),
  };
}
