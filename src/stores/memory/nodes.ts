/** Nodes, their leases and inboxes, and what becomes of the attempts of those that are gone. */
import type { Millis } from '../../core/duration.ts';
import { maxServerId } from '../../core/id.ts';
import type { AttemptRef } from '../../core/job.ts';
import {
  burialsAsked,
  digestOf,
  goneNodes,
  type Incarnation,
  mayBury,
  type NewNode,
  type NodeFace,
  type NodeLoad,
  type NodeMode,
  type NodeRecord,
  noLoad,
} from '../../core/node.ts';
import { releaseMoves } from '../../core/transitions.ts';
import type { Buried, Forgotten, Joined, Reconciled, Renewed } from '../../ports/store/nodes.ts';
import { takeBack } from './move.ts';
import type { GoneNode, Node, State } from './state.ts';
import type { Step } from './step.ts';

export function join(state: State, step: Step, { address, serves, link, ...asked }: NewNode, ttl: Millis): Joined {
  const known = state.nodes.get(asked.incarnation);
  const others = [...state.nodes.values()].filter((node) => node !== known);
  const serverId = known?.serverId ?? asked.serverId ?? freeServerId(others);
  if (serverId === null) return { kind: 'full' };
  const holder = others.find((node) => node.serverId === serverId);
  if (holder !== undefined) return { kind: 'taken', by: holder.incarnation };
  const node: Node = known ?? {
    ...asked,
    face: { address, serves, link },
    serverId,
    startedAt: step.now,
    mode: 'active',
    load: noLoad,
    heardAt: 0,
    leaseUntil: 0,
    inbox: [],
  };
  state.nodes.set(node.incarnation, node);
  state.gone = state.gone.filter((gone) => gone.node.incarnation !== node.incarnation);
  hear(node, step, ttl);
  return { kind: 'joined', serverId, namesakes: others.filter(({ name }) => name === node.name).map(({ incarnation }) => incarnation) };
}

/** The lowest one from 1; `null`: there is none. */
function freeServerId(nodes: readonly Node[]): number | null {
  const taken = new Set(nodes.map((node) => node.serverId));
  for (let id = 1; id <= maxServerId; id++) if (!taken.has(id)) return id;
  return null;
}

function hear(node: Node, step: Step, ttl: Millis): void {
  node.heardAt = step.steady;
  node.leaseUntil = step.steady + ttl;
}

export function renew(
  state: State,
  step: Step,
  incarnation: Incarnation,
  ttl: Millis,
  ack: number,
  load: NodeLoad,
  face?: NodeFace,
): Renewed | { readonly kind: 'buried' } {
  const node = state.nodes.get(incarnation);
  if (node === undefined) return { kind: 'buried' };
  hear(node, step, ttl);
  node.load = load;
  node.face = face ?? node.face;
  node.inbox = node.inbox.filter((message) => message.seq > ack);
  const held = state.records.heldBy(incarnation).map((entry) => entry.job);
  return { kind: 'renewed', mode: node.mode, inbox: node.inbox, digest: digestOf(held) };
}

export function steer(state: State, step: Step, name: string, mode: NodeMode): readonly Incarnation[] {
  const nodes = [...state.nodes.values()].filter((node) => node.name === name || node.incarnation === name);
  for (const node of nodes) {
    node.mode = mode;
    step.inbox(node.incarnation);
  }
  // What a node leaves alone, another may take; and a node that goes on may take what has waited for it.
  if (nodes.length > 0) step.ready(null);
  return nodes.map((node) => node.incarnation);
}

export function list(state: State, step: Step): readonly NodeRecord[] {
  const shown = state.gone.filter(({ node }) => step.steady - node.heardAt < goneNodes.shownFor);
  return [
    ...[...state.nodes.values()].map((node) => recordOf(node, 'live', step)),
    ...shown.map((gone) => recordOf(gone.node, gone.state, step)),
  ];
}

function recordOf(node: Node, state: NodeRecord['state'], step: Step): NodeRecord {
  const { incarnation, name, version, face, serverId, startedAt, mode } = node;
  const live = state === 'live';
  return {
    ...{ incarnation, name, version, address: face.address, serverId, startedAt, mode, state },
    serves: live ? face.serves : [],
    link: live ? face.link : null,
    load: live ? node.load : noLoad,
    heardAgo: step.steady - node.heardAt,
    leaseLeft: live ? Math.max(0, node.leaseUntil - step.steady) : 0,
  };
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
  const node = state.nodes.get(incarnation);
  if (node === undefined) return;
  node.heardAt = step.steady;
  end(state, node, 'left');
  takeBack(state, step, state.records.heldBy(incarnation), () => releaseMoves);
}

export function forget(state: State, step: Step, incarnation: Incarnation): Forgotten {
  const kept = state.gone.filter(({ node }) => node.incarnation !== incarnation);
  const known = state.nodes.delete(incarnation) || kept.length < state.gone.length;
  state.gone = kept;
  return known ? { kind: 'forgotten', attempts: takeBack(state, step, state.records.heldBy(incarnation)) } : { kind: 'missing' };
}

export function bury(state: State, step: Step, ttl: Millis, gap: Millis, dead: readonly Incarnation[] = []): Buried {
  state.burials = burialsAsked(state.burials, step.steady, gap);
  const all = mayBury(state.burials, ttl);
  const expired = [...state.nodes.values()].filter((node) => (all && node.leaseUntil <= step.steady) || dead.includes(node.incarnation));
  for (const node of expired) end(state, node, 'buried');
  const incarnations = expired.map((node) => node.incarnation);
  const lost = incarnations.flatMap((incarnation) => state.records.heldBy(incarnation));
  const overdue = state.records.withDeadline().filter(({ hold }) => (hold?.deadline ?? 0) <= step.steady);
  return { incarnations, attempts: takeBack(state, step, [...lost, ...overdue]) };
}

function end(state: State, node: Node, how: GoneNode['state']): void {
  state.nodes.delete(node.incarnation);
  const gone = [...state.gone, { node, state: how }].sort((a, b) => b.node.heardAt - a.node.heardAt);
  state.gone = gone.slice(0, goneNodes.most);
}
