/** Nodes, their leases and inboxes, and what becomes of the attempts of those that are gone. */
import type { Millis } from '../../core/duration.ts';
import type { AttemptRef } from '../../core/job.ts';
import { digestOf, type Incarnation, type NodeRecord } from '../../core/node.ts';
import { releaseMoves } from '../../core/transitions.ts';
import type { Buried, Reconciled, Renewed } from '../../ports/store.ts';
import { takeBack } from './move.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

export function join(state: State, step: Step, node: Omit<NodeRecord, 'startedAt'>, ttl: Millis): void {
  const known = state.nodes.get(node.incarnation);
  const leaseUntil = step.now + ttl;
  if (known !== undefined) known.leaseUntil = leaseUntil;
  else state.nodes.set(node.incarnation, { record: { ...node, startedAt: step.now }, leaseUntil, inbox: [] });
}

export function renew(state: State, step: Step, incarnation: Incarnation, ttl: Millis, ack: number): Renewed | { readonly kind: 'buried' } {
  const node = state.nodes.get(incarnation);
  if (node === undefined) return { kind: 'buried' };
  node.leaseUntil = step.now + ttl;
  node.inbox = node.inbox.filter((message) => message.seq > ack);
  const held = state.records.heldBy(incarnation).map((entry) => entry.job);
  return { kind: 'renewed', inbox: node.inbox, digest: digestOf(held) };
}

export function reconcile(
  state: State,
  step: Step,
  incarnation: Incarnation,
  held: readonly AttemptRef[],
  pending: readonly string[],
): Reconciled {
  const abort = held.filter((ref) => state.records.held(ref)?.job.holder !== incarnation);
  const known = new Map(held.map((ref) => [ref.id, ref.fence]));
  const unknown = state.records
    .heldBy(incarnation)
    .filter(({ job, hold }) => known.get(job.id) !== job.fence && !pending.includes(hold?.operation ?? ''));
  takeBack(state, step, unknown, () => releaseMoves);
  return { abort, released: unknown.map(({ job }) => ({ id: job.id, fence: job.fence })) };
}

export function leave(state: State, step: Step, incarnation: Incarnation): void {
  if (!state.nodes.delete(incarnation)) return;
  takeBack(state, step, state.records.heldBy(incarnation), () => releaseMoves);
}

export function bury(state: State, step: Step, ttl: Millis, gap: Millis): Buried {
  const expired = watchedFor(state, step, gap) >= ttl ? [...state.nodes.values()].filter((node) => node.leaseUntil <= step.now) : [];
  const incarnations = expired.map((node) => node.record.incarnation);
  for (const incarnation of incarnations) state.nodes.delete(incarnation);
  const lost = incarnations.flatMap((incarnation) => state.records.heldBy(incarnation));
  const overdue = state.records.withDeadline().filter(({ hold }) => (hold?.deadline ?? 0) <= step.now);
  return { incarnations, attempts: takeBack(state, step, [...lost, ...overdue]) };
}

/** How long this has been asked without a gap. */
function watchedFor(state: State, step: Step, gap: Millis): Millis {
  const { watch } = state;
  const since = watch === null || step.now - watch.last > gap ? step.now : watch.since;
  state.watch = { since, last: step.now };
  return step.now - since;
}
