/** What attempts emit that run here and whose watchers are at a server, until it is sent: the newest, if it is too much. */
import type { Millis } from '../core/duration.ts';
import type { AttemptRef } from '../core/job.ts';
import { type LiveText, liveLimits } from '../core/live.ts';

export interface EventElsewhere extends Event {
  /** Of one that is to be kept, too: its number among those of the attempt, and how long ago (ms) it was told. */
  readonly kept?: { readonly number: number; readonly ago: Millis; readonly late: boolean };
}

type Event = Extract<LiveText, { readonly kind: 'event' }>;

export interface EmittedElsewhere {
  tell(ref: AttemptRef, told: LiveText): void;
  /** Takes what an attempt has emitted since, as much as goes with one report; it is gone here, whatever becomes of it. */
  take(ref: AttemptRef): readonly Event[];
  /** Attempts that have emitted something. */
  waiting(): readonly AttemptRef[];
}

interface Queue {
  readonly ref: AttemptRef;
  readonly events: Event[];
  size: number;
}

/** With the names and the signs around them. */
const sizeOf = ({ name, data }: Event): number => 32 + name.length + (data?.length ?? 0);
/** In characters. */
const most = liveLimits.characters;

export function makeEmittedElsewhere(): EmittedElsewhere {
  const queues = new Map<string, Queue>();
  return {
    tell(ref, told) {
      if (told.kind !== 'event') return;
      const queue = queues.get(ref.id) ?? { ref, events: [], size: 0 };
      queues.set(ref.id, queue);
      queue.events.push(told);
      queue.size += sizeOf(told);
      while (queue.events.length > liveLimits.events || queue.size > most) {
        const dropped = queue.events.shift();
        queue.size -= dropped === undefined ? 0 : sizeOf(dropped);
      }
    },
    take({ id }) {
      const events = queues.get(id)?.events ?? [];
      queues.delete(id);
      return events;
    },
    waiting: () => [...queues.values()].map(({ ref }) => ref),
  };
}
