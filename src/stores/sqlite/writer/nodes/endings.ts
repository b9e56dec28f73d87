/** How leases end for good, and what becomes of what their nodes held. */
import type { Job } from '../../../../core/job.ts';
import { type BurialsAsked, burialsAsked, mayBury } from '../../../../core/node.ts';
import { loseMoves, type Moves, releaseMoves } from '../../../../core/transitions.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { NodeEnding } from '../../file/codes.ts';
import { nothingBuried } from '../state.ts';
import type { Lease } from './leases.ts';
import type { NodeParts } from './parts.ts';

/** Overdue attempts of outside holders that are taken back in one step. */
const overduePerStep = 1_000;

export function makeEndings(parts: NodeParts): Pick<WriterHandlers['nodes'], 'leave' | 'forget' | 'bury'> {
  const { held, mover, table, inbox } = parts;
  const { clock, leases } = parts.state;
  let asked: BurialsAsked | null = null;

  const handAllBack = (incarnation: string, movesOf: (job: Job) => Moves): number => {
    const jobs = held.of(incarnation).map(({ job }) => job);
    mover.handBack(jobs, movesOf);
    return jobs.length;
  };
  const end = ({ incarnation }: Lease, how: NodeEnding, heardAt: number): void => {
    leases.end(incarnation);
    table.end(incarnation, how, heardAt);
    inbox.empty(incarnation);
  };

  return {
    leave(incarnation) {
      const lease = leases.get(incarnation);
      if (lease === undefined) return;
      end(lease, 'left', clock.now());
      handAllBack(incarnation, () => releaseMoves);
    },
    forget(incarnation) {
      leases.end(incarnation);
      inbox.empty(incarnation);
      return table.remove(incarnation) ? { kind: 'forgotten', attempts: handAllBack(incarnation, loseMoves) } : { kind: 'missing' };
    },
    bury(ttl, gap, dead = []) {
      const now = clock.steady();
      asked = burialsAsked(asked, now, gap);
      const all = mayBury(asked, ttl);
      const expired = leases.all().filter((lease) => (all && lease.expiresAt <= now) || dead.includes(lease.incarnation));
      let attempts = 0;
      for (const lease of expired) {
        end(lease, 'buried', lease.heardAt - clock.ahead());
        attempts += handAllBack(lease.incarnation, loseMoves);
      }
      const overdue = held.overdue(now, overduePerStep);
      mover.handBack(overdue, loseMoves);
      const before = parts.state.recovered;
      parts.state.recovered = nothingBuried;
      return {
        incarnations: [...before.incarnations, ...expired.map(({ incarnation }) => incarnation)],
        attempts: before.attempts + attempts + overdue.length,
      };
    },
  };
}
