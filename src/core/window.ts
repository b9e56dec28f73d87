/** Windows of definitions: what is gathered until they close, and what a firing leaves of them. */
import { atOnce, type Collect, type Definition, type FiringOverlap, type Part, type Window } from './definition.ts';
import type { Millis } from './duration.ts';
import type { JobState } from './job.ts';

/** Whether one more part is within the window's bounds. `characters`: of the parts that it has. */
export function fitsWindow(window: Pick<Window, 'count'> | null, characters: number, { text, most }: Pick<Part, 'text' | 'most'>): boolean {
  return (window?.count ?? 0) < most.parts && characters + text.length <= most.characters;
}

/**
 * With one more part. A window that has closed takes parts until it is collected, and does not move.
 *
 * @param fits see `fitsWindow`
 */
export function windowWith(
  definition: Pick<Definition, 'window' | 'firedAt'>,
  { wait, maxWait }: Pick<Part, 'wait' | 'maxWait'>,
  fits: boolean,
  now: number,
): Window {
  const closing = (at: number): number => atOnce(definition, Math.ceil(at));
  const open = definition.window ?? { openedAt: now, closesAt: closing(now + wait), count: 0, dropped: 0 };
  const slides = maxWait !== null && open.closesAt !== null && now < open.closesAt;
  return {
    openedAt: open.openedAt,
    closesAt: slides ? closing(Math.min(open.openedAt + maxWait, now + wait)) : open.closesAt,
    count: open.count + (fits ? 1 : 0),
    dropped: open.dropped + (fits ? 0 : 1),
  };
}

/** What the first job of a firing that collects is about. `window` `null`: there was nothing. */
export const collectedAbout = ([before, between, after]: Collect['about'], window: Counted | null): string =>
  `${before}${window?.count ?? 0}${between}${window?.dropped ?? 0}${after}`;

/** What its line in the journal says, also when earlier jobs held it up. */
export function collectedNote(note: string, window: Counted | null): string {
  const { count, dropped } = window ?? { count: 0, dropped: 0 };
  return `${note} ${count}${dropped === 0 ? '' : `, ${dropped} did not fit`}`;
}

type Counted = Pick<Window, 'count' | 'dropped'>;

/** Whether a firing that has jobs to push pushes none. */
export function isInTheWay(overlap: FiringOverlap, live: readonly JobState[]): boolean {
  if (overlap === 'skip') return live.length > 0;
  return overlap === 'one' && live.some((state) => state === 'scheduled' || state === 'queued');
}

/** Whether a firing cancels the earlier jobs. */
export const cancelsEarlier = ({ overlap, jobs }: { readonly overlap: FiringOverlap; readonly jobs: readonly unknown[] }): boolean =>
  overlap === 'cancel' || (overlap === 'replace' && jobs.length > 0);

/** Earlier jobs that one step cancels before it pushes what replaces them; of more, further steps cancel as many each before. */
export const replacedAtOnce = 1_000;

/**
 * What a firing leaves of the window. One that earlier jobs hold up waits for the end of one; one that has closed and is not
 * collected closes again when its definition is due next.
 */
export function windowAfter(
  window: Window | null,
  {
    tick,
    next,
    collects,
    overlap,
  }: { readonly tick: number; readonly next: number | null; readonly collects: boolean; readonly overlap: boolean },
): Window | null {
  if (window === null) return null;
  if (collects) return overlap ? { ...window, closesAt: null } : null;
  const hasClosed = window.closesAt !== null && window.closesAt <= tick;
  return hasClosed ? { ...window, closesAt: next } : window;
}

/** The end of a job, as the definition that owns it sees it. */
export interface OwnedEnd {
  /** The definition has not been told of it; of a job that came in with it, it may have been. */
  readonly isNews: boolean;
  /** No job of the definition lives any more. */
  readonly isLast: boolean;
}

/** How long a firing is put off whose jobs are not taken now. */
export const putOffFor: Millis = 10_000;

/** Why nothing came of it, for the journal. */
export const putOffNotes = {
  closed: 'put off since its queue is closed',
  limited: 'put off since a limit is reached',
  duplicate: 'put off since its job is there already',
} as const;
export type PutOffReason = keyof typeof putOffNotes;
export const putOffReasons = ['closed', 'limited', 'duplicate'] as const satisfies readonly PutOffReason[];

/** What is due of a definition whose firing is put off: all that was due at its tick is due later, as if nobody had looked. */
export function putOff({ due, window }: Pick<Definition, 'due' | 'window'>, tick: number, now: number): Pick<Definition, 'due' | 'window'> {
  const later = (at: number | null): number | null => (at !== null && at <= tick ? Math.max(now, tick) + putOffFor : at);
  return { due: later(due), window: window === null ? null : { ...window, closesAt: later(window.closesAt) } };
}

/**
 * When somebody must look at a definition once one of its jobs has ended: at once, if that was the last one and it asks for that, or if
 * its window waited for an end. One that is due already is due anew: what was decided before this end is not carried out. `null`: as before.
 */
export function wokenByEnd(
  { due, dueOnEnd, window, firedAt }: Pick<Definition, 'due' | 'dueOnEnd' | 'window' | 'firedAt'>,
  { isNews, isLast }: OwnedEnd,
  present: number,
): Pick<Definition, 'due' | 'window'> | null {
  const now = atOnce({ firedAt }, present);
  const wakes = isNews && isLast && dueOnEnd;
  const waits = window !== null && window.closesAt === null;
  if (!wakes && !waits) return null;
  return { due: wakes ? anew(due, now) : due, window: waits ? { ...window, closesAt: now } : window };
}

/** At another time than before, which is over. */
const anew = (due: number | null, now: number): number => (due === now ? now + 1 : now);
