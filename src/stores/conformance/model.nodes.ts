/** Nodes in random histories: what a call asks of one store, and what can be seen of it. */
import fc from 'fast-check';
import { type NodeFace, noLoad } from '../../core/node.ts';
import type { Buried, Renewed } from '../../ports/store/nodes.ts';
import { margin, unit } from './model.new-jobs.ts';
import { frees, is, type Planned, type Plans, type Weighted, weigh } from './model.turn.ts';
import type { Seat, World } from './model.world.ts';
import { node as newNode, refOf } from './subject.ts';

/** `node`: its seat. */
export type NodeCall =
  | { readonly kind: 'renew'; readonly node: number; readonly acknowledge: boolean; readonly face: NodeFace | undefined }
  | { readonly kind: 'reconcile'; readonly node: number; readonly forgets: number }
  | { readonly kind: 'leave' | 'drain' | 'resume' | 'forget'; readonly node: number }
  /** `dead`: the seats of those that are known to be. */
  | { readonly kind: 'bury'; readonly dead: readonly number[] };

type Of<K extends NodeCall['kind']> = Extract<NodeCall, { readonly kind: K }>;

const node = fc.nat(2);
const serving = fc.record({ worker: fc.constantFrom('w', 'v'), queues: fc.constantFrom('any' as const, ['q'], ['q', 'r']) });
const face: fc.Arbitrary<NodeFace> = fc.record({
  address: fc.constantFrom('', 'http://n:1'),
  serves: fc.option(fc.array(serving, { maxLength: 2 })),
  link: fc.constantFrom(null, { host: 'n', port: 1, fingerprint: 'f', process: null }),
});

export const nodeCalls: readonly Weighted<NodeCall>[] = [
  weigh(5, fc.record({ kind: is('renew'), node, acknowledge: fc.boolean(), face: fc.option(face, { nil: undefined }) })),
  weigh(2, fc.record({ kind: is('reconcile'), node, forgets: fc.nat(2) })),
  weigh(2, fc.record({ kind: fc.constantFrom('leave', 'drain', 'resume', 'resume', 'forget'), node })),
  weigh(3, fc.record({ kind: is('bury'), dead: fc.constantFrom([], [], [0], [2, 1]) })),
];

const lease = 2 * unit;
const asSet = (items: readonly string[]): unknown => new Set(items);

export const nodePlans: Plans<NodeCall> = {
  renew: (world, call) => planRenew(world, seatOf(world, call.node), call),
  reconcile: (world, call) => planReconcile(world, seatOf(world, call.node), call),
  leave: (world, call) => planLeave(world, seatOf(world, call.node)),
  drain: (world, call) => frees(() => world.opened.store.nodes.steer(seatOf(world, call.node).name, 'draining'), asSet),
  resume: (world, call) => frees(() => world.opened.store.nodes.steer(seatOf(world, call.node).name, 'active'), asSet),
  forget: (world, call) => frees(() => world.opened.store.nodes.forget(seatOf(world, call.node).incarnation ?? 'nobody')),
  bury: (world, { dead }) =>
    frees(
      () =>
        world.opened.store.nodes.bury(
          lease,
          unit + margin,
          dead.flatMap((number) => seatOf(world, number).incarnation ?? []),
        ),
      buried,
    ),
};

export function seatOf(world: World, number: number): Seat {
  const seat = world.seats[number];
  if (seat === undefined) throw new Error(`there is no seat ${number}`);
  return seat;
}

/** Who sits there; somebody new joins if the last one has gone. */
export async function incarnationOf(world: World, seat: Seat): Promise<string> {
  if (seat.incarnation !== null) return seat.incarnation;
  seat.incarnations += 1;
  const incarnation = `${seat.name}.${seat.incarnations}`;
  seat.incarnation = incarnation;
  seat.acknowledged = 0;
  seat.held.clear();
  await world.opened.store.nodes.join(newNode(incarnation, { name: seat.name, serves: [{ worker: seat.name, queues: 'any' }] }), lease);
  // Ids of another server id are greater from the next millisecond on.
  await world.opened.advance(1);
  return incarnation;
}

const buried = ({ incarnations, attempts }: Buried): unknown => ({ incarnations: new Set(incarnations), attempts });

async function planRenew(world: World, seat: Seat, { acknowledge, face: told }: Of<'renew'>): Promise<Planned> {
  const incarnation = await incarnationOf(world, seat);
  const { acknowledged } = seat;
  const show = (renewed: Renewed | { readonly kind: 'buried' }): unknown => {
    if (renewed.kind === 'buried') {
      seat.incarnation = null;
      return 'buried';
    }
    if (acknowledge) seat.acknowledged = Math.max(seat.acknowledged, ...renewed.inbox.map(({ seq }) => seq));
    const [count] = renewed.digest.split(':');
    return { mode: renewed.mode, inbox: renewed.inbox.map((message) => [message.kind, world.ref(message)]), count };
  };
  return frees(() => world.opened.store.nodes.renew(incarnation, lease, acknowledged, noLoad, told), show);
}

async function planReconcile(world: World, seat: Seat, { forgets }: Of<'reconcile'>): Promise<Planned> {
  const incarnation = await incarnationOf(world, seat);
  const held = [...seat.held].slice(forgets).map(refOf);
  const pending = seat.unanswered === null ? [] : [seat.unanswered.operation];
  return frees(
    () => world.opened.store.nodes.reconcile(incarnation, held, pending),
    ({ abort, released }) => ({ abort: world.refs(abort), released: world.refs(released) }),
  );
}

function planLeave(world: World, seat: Seat): Planned | null {
  const { incarnation } = seat;
  if (incarnation === null) return null;
  const show = (): unknown => {
    seat.incarnation = null;
    return 'left';
  };
  return frees(() => world.opened.store.nodes.leave(incarnation), show);
}
