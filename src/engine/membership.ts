/** This node among the others: its lease, its rank, what it tells of itself, and its links. */
import { messageOf } from '../core/errors.ts';
import type { NodeFace } from '../core/node.ts';
import { type Face, makeFace } from './face.ts';
import type { Health } from './health.ts';
import { type Lease, type LeaseParts, makeLease } from './lease.ts';
import { makePeers, type Peers, type PeersParts } from './peers.ts';
import { makeRank } from './rank.ts';
import type { Workers } from './workers.ts';

export interface Membership {
  readonly lease: Lease;
  readonly rank: ReturnType<typeof makeRank>;
  readonly face: Face;
  readonly peers: Peers;
  /** What has changed of this node is told now, not at the next renewal. */
  renewNow(): void;
}

export type MembershipParts = Omit<LeaseParts, 'node' | 'face' | 'load' | 'newIncarnation'> &
  Omit<PeersParts, 'incarnation' | 'face'> & {
    readonly name: string;
    readonly version: string;
    readonly serverId: number | null;
    /** A name that no other start has. */
    readonly boot: string;
    readonly workers: Pick<Workers, 'running' | 'slots'>;
    readonly health: Pick<Health, 'now'>;
    /** What it tells that it serves. */
    served(): NodeFace['serves'];
  };

export function makeMembership(parts: MembershipParts): Membership {
  const { name, version, serverId, boot, workers, health, log } = parts;
  let incarnations = 0;
  const face = makeFace({ served: parts.served, isKnown: () => parts.phase.may('be ready'), tell: renewNow });
  const lease = makeLease({
    ...parts,
    face: face.now,
    node: () => ({ name, version, serverId }),
    load: () => ({ running: workers.running(), slots: workers.slots(), ...health.now() }),
    newIncarnation: () => `${name}.${boot}.${++incarnations}`,
  });
  const { incarnation } = lease;

  function renewNow(): void {
    void lease.tick().catch((error) => log.warn('renew.failed', { error: messageOf(error) }));
  }

  return { lease, rank: makeRank({ ...parts, incarnation }), face, peers: makePeers({ ...parts, face, incarnation }), renewNow };
}
