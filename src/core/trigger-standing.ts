/** How a trigger stands, for people. */
import type { Definition } from './definition.ts';
import { nextRuns } from './schedule/preview.ts';
import { nextAfter } from './schedule/schedule.ts';
import { skipsLeft, statusOf, type Trigger, type TriggerStatus } from './trigger.ts';

export interface Standing {
  readonly status: TriggerStatus;
  /** Until when it is paused; `null`: it is not, or until it is resumed. */
  readonly pausedUntil: number | null;
  /** So many of its next ticks push nothing. */
  readonly skip: number;
  /** Its next tick that pushes; `null`: there is none by itself. */
  readonly nextAt: number | null;
  /** A run of it goes on beyond the time of the next one. */
  readonly outlasted: boolean;
}

/** @param now the store's present */
export function standingOf(definition: Pick<Definition, 'state' | 'owned'>, trigger: Trigger, now: number): Standing {
  const { pausedUntil } = trigger;
  const status = statusOf(definition, trigger, now);
  const skip = skipsLeft(trigger, definition);
  return {
    ...{ status, skip },
    pausedUntil: status === 'paused' && typeof pausedUntil === 'number' ? pausedUntil : null,
    nextAt: status === 'bad' || status === 'ended' ? null : nextOf(trigger, skip, now),
    outlasted: isOutlasted(definition, trigger, now),
  };
}

/** Several live, or the newest has lived for longer than until the next tick. */
function isOutlasted({ owned: { live, newest } }: Pick<Definition, 'owned'>, { schedule }: Trigger, now: number): boolean {
  if (schedule === null || schedule.kind === 'once' || live === 0) return false;
  if (live > 1 || newest === null || newest.end !== null) return live > 1;
  return (nextAfter(schedule, newest.at) ?? Number.POSITIVE_INFINITY) <= now;
}

function nextOf({ schedule, pausedUntil, endsAt }: Trigger, skips: number, now: number): number | null {
  if (schedule === null || pausedUntil === 'resumed') return null;
  return nextRuns(schedule, now, 1, { pausedUntil, endsAt, skips })[0] ?? null;
}
