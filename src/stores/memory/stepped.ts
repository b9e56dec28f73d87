/** What a step of the wall clock does to what is kept: intervals last as long as they were to last. */
import type { Millis } from '../../core/duration.ts';
import type { KeptDefinition, State } from './state.ts';
import type { Step } from './step.ts';

/** @param by how far the wall clock has stepped, back if negative */
export function followWall(state: State, step: Step, by: Millis): void {
  for (const id of state.delayed) {
    const entry = state.records.get(id);
    if (entry !== undefined) state.records.put({ ...entry, job: { ...entry.job, dueAt: entry.job.dueAt + by } });
  }
  for (const [owner, kept] of state.definitions) state.definitions.set(owner, moved(kept, step.now, by));
  step.hint({ kind: 'defined' });
}

/** What is due at once is due after the newest tick, which must not lie ahead then. */
function moved(kept: KeptDefinition, now: number, by: Millis): KeptDefinition {
  const { window } = kept;
  const firedAt = kept.firedAt !== null && by < 0 && kept.firedAt > now ? Math.max(kept.firedAt + by, now) : kept.firedAt;
  if (window === null) return { ...kept, firedAt };
  const closesAt = window.closesAt === null ? null : window.closesAt + by;
  return { ...kept, firedAt, window: { ...window, openedAt: window.openedAt + by, closesAt } };
}
