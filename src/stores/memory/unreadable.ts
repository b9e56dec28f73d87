/** Records that are set aside. Nothing damages what is in memory: this says what other stores do with what they cannot read. */
import { openQueue } from '../../core/queue.ts';
import { readUnreadableId, type UnreadableId, type UnreadableKind, unreadableAt, unreadablePlace } from '../../core/unreadable.ts';
import type { UnreadablePage } from '../../ports/store/upkeep.ts';
import { pageOfUnreadable } from '../unreadable.ts';
import { forgetAfter } from './after.ts';
import { remove } from './definitions.ts';
import { remove as removeLimit } from './limits.ts';
import { placeFreed } from './move.ts';
import { forget } from './nodes.ts';
import { isHeld } from './records.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';
import { forgetUnique } from './uniques.ts';

/** Answers all that was kept of it; `undefined`: there was none. */
type Taker = (state: State, step: Step, name: string) => unknown;

const takers: Readonly<Record<UnreadableKind, Taker>> = {
  job(state, step, id) {
    const entry = state.records.get(id);
    if (entry === undefined) return undefined;
    const { job, history } = entry;
    const log = state.records.logs.get(id);
    state.records.remove(entry);
    forgetUnique(state, job);
    state.expiries.forget(id);
    forgetAfter(state, job);
    step.moved('delete', id);
    if (isHeld(job.state)) placeFreed(state, step, job);
    return { job, attempts: history, log };
  },
  definition(state, step, owner) {
    const kept = state.definitions.get(owner);
    if (kept !== undefined) remove(state, step, { ...kept, state: '', firedAt: null });
    return kept;
  },
  entry(state, _step, seq) {
    const at = state.journal.findIndex((entry) => String(entry.seq) === seq);
    return at < 0 ? undefined : state.journal.splice(at, 1)[0];
  },
  queue(state, _step, name) {
    const queue = state.queues.get(name);
    const settings = queue?.settings;
    if (queue === undefined || JSON.stringify(settings) === JSON.stringify(openQueue)) return undefined;
    queue.settings = { ...openQueue, paused: true };
    queue.bucket = undefined;
    return settings;
  },
  limit(state, step, name) {
    const limit = state.limits.get(name);
    removeLimit(state, step, name);
    return limit;
  },
  node(state, step, incarnation) {
    const node = state.nodes.get(incarnation) ?? state.gone.find((gone) => gone.node.incarnation === incarnation)?.node;
    forget(state, step, incarnation);
    return node;
  },
  key: () => undefined,
};

export function setAside(state: State, step: Step, id: UnreadableId, reason: string): boolean {
  const read = readUnreadableId(id);
  const raw = read === null ? undefined : takers[read.kind](state, step, read.name);
  if (raw === undefined) return false;
  state.unreadable.set(id, { id, at: step.now, reason, raw: JSON.stringify(raw) });
  return true;
}

export function unreadable(state: State, _step: Step, from: UnreadableId | null, limit: number): UnreadablePage {
  const places = [...state.unreadable.keys()].map(unreadablePlace).toSorted((a, b) => (a < b ? -1 : 1));
  const asked = places.filter((place) => from === null || place >= unreadablePlace(from));
  const records = asked.flatMap((place) => state.unreadable.get(unreadableAt(place)) ?? []);
  return { ...pageOfUnreadable(records, limit), total: places.length };
}

export const discard = (state: State, _step: Step, id: UnreadableId): boolean => state.unreadable.delete(id);
