/** Records that are set aside. Nothing damages what is in memory: this says what other stores do with what they cannot read. */
import { compareIds, type JobId } from '../../core/id.ts';
import type { UnreadablePage } from '../../ports/store/upkeep.ts';
import { pageOfUnreadable } from '../unreadable.ts';
import { isHeld } from './records.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

export function setAside(state: State, step: Step, id: JobId, reason: string): boolean {
  const entry = state.records.get(id);
  if (entry === undefined) return false;
  const { job, history } = entry;
  state.unreadable.set(id, { id, at: step.now, reason, raw: JSON.stringify({ job, attempts: history, log: state.records.logs.get(id) }) });
  state.records.remove(entry);
  step.moved('delete', id);
  if (isHeld(job.state)) step.ready();
  return true;
}

export function unreadable(state: State, _step: Step, from: JobId | null, limit: number): UnreadablePage {
  const all = [...state.unreadable.values()].sort((a, b) => compareIds(a.id, b.id));
  const asked = all.filter(({ id }) => from === null || compareIds(id, from) >= 0);
  return { ...pageOfUnreadable(asked, limit), total: all.length };
}

export const discard = (state: State, _step: Step, id: JobId): boolean => state.unreadable.delete(id);
