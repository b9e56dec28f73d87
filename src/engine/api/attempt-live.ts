/** What attempts tell that run elsewhere, for those who watch at this node: as of attempts that run here. */
import type { Millis } from '../../core/duration.ts';
import { compareIds, type JobId } from '../../core/id.ts';
import type { AttemptRef } from '../../core/job.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Report } from '../../ports/store/jobs.ts';
import type { Live } from '../live.ts';

export interface AttemptLive {
  /** It tells this node what it tells: it was claimed here, or has reported here, and says the next word within `ttl`. */
  hold(ref: AttemptRef, ttl: Millis): void;
  holds(ref: AttemptRef): boolean;
  /** @param knownLine the greatest number of a line that was told before */
  tell(ref: AttemptRef, told: ToldElsewhere, knownLine: number): void;
  ended(ref: AttemptRef): void;
}

export interface ToldElsewhere extends Pick<Report, 'progress' | 'lines'> {
  /** What only those hear who watch. */
  readonly events: readonly { readonly name: string; readonly data: string | null }[];
}

interface AttemptLiveParts {
  readonly live: Pick<Live, 'begun' | 'tell' | 'ended'>;
  readonly clock: Pick<Clock, 'after'>;
}

interface Held {
  readonly fence: string;
  /** Its next word may come late now. */
  readonly forget: () => void;
}

export function makeAttemptLive({ live, clock }: AttemptLiveParts): AttemptLive {
  const held = new Map<JobId, Held>();

  function ended(ref: AttemptRef): void {
    live.ended(ref);
    const known = held.get(ref.id);
    if (known === undefined || compareIds(known.fence, ref.fence) > 0) return;
    known.forget();
    held.delete(ref.id);
  }

  return {
    hold(ref, ttl) {
      const known = held.get(ref.id);
      if (known !== undefined && compareIds(known.fence, ref.fence) > 0) return;
      known?.forget();
      if (known?.fence !== ref.fence) live.begun(ref);
      held.set(ref.id, { fence: ref.fence, forget: clock.after(ttl, () => ended(ref)) });
    },
    holds: ({ id, fence }) => held.get(id)?.fence === fence,
    tell(ref, { progress, lines, events }, knownLine) {
      if (progress !== null) live.tell(ref, { kind: 'progress', value: progress });
      for (const { number, level, text, fields } of lines) {
        if (number > knownLine) live.tell(ref, { kind: 'line', line: number, level, text, fields });
      }
      for (const { name, data } of events) live.tell(ref, { kind: 'event', name, data });
    },
    ended,
  };
}
