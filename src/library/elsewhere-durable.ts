/** Events that attempts emit here to be kept: the server keeps them, which is asked until it has them. */
import type { EmittedText } from '../core/emitted.ts';
import { HatstandError, isTemporary } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { durableLimits } from '../engine/durable-events.ts';
import { eventsNotKept, notHeld } from '../engine/reports.ts';
import { systemClock } from '../system/clock.ts';
import type { EventElsewhere } from './elsewhere-events.ts';
import type { Link } from './elsewhere-link.ts';

/** Resolves when it is kept. Throws `conflict` when the attempt is not held any more, `overloaded` when too many wait, and what the server answers. */
export type KeepElsewhere = (job: Job, event: EmittedText) => Promise<void>;

/** @param tell tells the server; answers whether the attempt is held. Throws `store_unavailable` for what passes */
export function makeKeepElsewhere(link: Link, tell: (job: Job, event: EventElsewhere) => Promise<boolean>): KeepElsewhere {
  let waiting = 0;

  async function keep(job: Job, { number, name, data, at }: EmittedText): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        const isHeld = await tell(job, { kind: 'event', name, data, kept: { number, ago: systemClock.now() - at, late: tries > 0 } });
        if (isHeld) return;
        throw notHeld(job, eventsNotKept);
      } catch (error) {
        if (!isTemporary(error)) throw error;
        link.away(error);
      }
      await link.pause(tries);
    }
  }

  return async (job, event) => {
    if (waiting >= durableLimits.waiting)
      throw new HatstandError('overloaded', `${waiting} events wait for the server to be kept; emit fewer, or wait for those before.`);
    waiting += 1;
    try {
      await keep(job, event);
    } finally {
      waiting -= 1;
    }
  };
}
