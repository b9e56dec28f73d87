import type { JobId } from '../../core/id.ts';
import type { Scrubbed } from '../../ports/store/upkeep.ts';
import { takeBack } from './move.ts';
import { type Entry, isHeld } from './records.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

/** Looks for attempts that nobody would ever take back. The indexes need no look: one place makes them (records.ts). */
export function scrub(state: State, step: Step, cursor: string | null, limit: number): Scrubbed {
  const { ids } = state.records;
  for (const key of cursor === null ? state.records.parkedKeys : []) state.roomy.add(key);
  const from = cursor === null ? 0 : ids.indexOf(cursor);
  const looked: JobId[] = [];
  for (let at = from; looked.length < limit && at < ids.size; at++) looked.push(ids.at(at) ?? '0');
  const orphans = looked.flatMap((id) => orphan(state, id) ?? []);
  const attempts = takeBack(state, step, orphans);
  return { next: ids.at(from + looked.length) ?? null, checked: looked.length, repaired: attempts === 0 ? {} : { orphans: attempts } };
}

/** The record, if its holder is a node that is gone. */
function orphan(state: State, id: JobId): Entry | null {
  const entry = state.records.get(id);
  if (entry === undefined || !isHeld(entry.job.state) || entry.hold?.deadline != null) return null;
  return state.nodes.has(entry.job.holder) ? null : entry;
}
