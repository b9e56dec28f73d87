/** Firing: one step that pushes the jobs of a due definition and says when it is due next. */
import { dueAt, ownerOf } from '../../../../core/definition.ts';
import { cancelMoves } from '../../../../core/transitions.ts';
import { withDuplicates } from '../../../../core/unique.ts';
import {
  cancelsEarlier,
  collectedAbout,
  collectedNote,
  isInTheWay,
  putOff,
  putOffNotes,
  replacedAtOnce,
  windowAfter,
} from '../../../../core/window.ts';
import type { Fired } from '../../../../ports/store/definitions.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { AskedFiring } from '../../calls/definitions.ts';
import { type KeptDefinition, removed } from '../../file/rows/definition.ts';
import type { NewJobRow } from '../../file/rows/new-job.ts';
import type { Mover } from '../jobs/move.ts';
import type { Pusher } from '../jobs/push.ts';
import type { State } from '../state.ts';
import type { LiveJobs } from './live.ts';
import type { Parts } from './parts.ts';
import type { DefinitionsTable } from './table.ts';

export interface FireParts {
  readonly table: DefinitionsTable;
  readonly parts: Parts;
  readonly live: LiveJobs;
  readonly mover: Mover;
  readonly pusher: Pusher;
}

export function makeFire(
  { clock, journal }: State,
  { table, parts, live, mover, pusher }: FireParts,
): Pick<WriterHandlers['definitions'], 'fire'> {
  /** What becomes of the definition, and of the parts of its window. */
  const goOn = (kept: KeptDefinition, { tick, next, state, collect }: AskedFiring, overlap: boolean): void => {
    const window = next === 'removed' ? null : windowAfter(kept.window, { tick, next, collects: collect !== null, overlap });
    if (kept.window !== null && window === null) parts.remove(kept.id);
    if (next === 'removed') table.write(kept, kept, { ...removed, state, firedAt: tick, changedAt: clock.now() });
    else table.writeProgress({ ...kept, state, due: next, firedAt: tick, window, characters: window === null ? 0 : kept.characters });
  };

  /** Whether none is left that is not told to stop. */
  const replaces = (owner: string): boolean => {
    for (const job of live.going(owner, replacedAtOnce)) {
      const move = cancelMoves[job.state];
      if (move !== undefined) mover.move(job, move);
    }
    return live.going(owner, 1).length === 0;
  };

  const fireOne = (firing: AskedFiring): Fired => {
    const kept = table.find(firing);
    if (kept === null || kept.isRemoved || kept.version !== firing.version || dueAt(kept) !== firing.tick) return { kind: 'lost' };
    const owner = ownerOf(firing);
    const note = { owner, version: firing.version, tick: firing.tick, overlap: false, putOff: false, note: firing.note };
    // What a window has gathered goes into a job of its own, so it waits until there may be another one.
    const refusal = pusher.refusal(firing.jobs) ?? (firing.collect === null ? null : pusher.duplicate(firing.jobs));
    if (refusal !== null) {
      table.writeProgress({ ...kept, ...putOff(kept, firing.tick, clock.now()) });
      if (refusal.kind !== firing.knownPutOff) journal.fired({ ...note, putOff: true, note: putOffNotes[refusal.kind] });
      return { kind: 'putOff', reason: refusal.kind };
    }
    const pushes = firing.jobs.length > 0;
    const overlap = pushes && firing.overlap !== 'allow' && isInTheWay(firing.overlap, live.states(owner));
    const collected = firing.collect === null || kept.window === null ? [] : parts.texts(kept.id);
    // Before it goes on, so that ends that it causes itself wake nobody.
    if (cancelsEarlier(firing) && !replaces(owner)) return { kind: 'replacing' };
    goOn(kept, firing, overlap);
    const pushed = overlap ? [] : jobsOf(firing, collected, kept.window).map((job) => pusher.pushAnyway(job));
    const made = pushed.flatMap(({ kind, id }) => (kind === 'duplicate' ? [] : id));
    journal.fired({
      ...note,
      overlap,
      note: withDuplicates(firing.collect === null ? firing.note : collectedNote(firing.note, kept.window), pushed.length - made.length),
    });
    return overlap ? { kind: 'overlap' } : { kind: 'fired', ids: made };
  };

  return { fire: (firings) => firings.map(fireOne) };
}

function jobsOf({ jobs, collect }: AskedFiring, parts: readonly string[], window: KeptDefinition['window']): readonly NewJobRow[] {
  if (collect === null) return jobs;
  const [before, after] = collect.payload;
  const collected = { payload: before + parts.join(',') + after, about: collectedAbout(collect.about, window) };
  return jobs.map((job, at) => (at === 0 ? { ...job, ...collected } : job));
}
