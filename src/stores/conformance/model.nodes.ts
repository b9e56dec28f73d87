/** What a call of a history about nodes asks of one store. */
import { noLoad } from '../../core/node.ts';
import type { Buried, Renewed } from '../../ports/store/nodes.ts';
import type { Call } from './model.commands.ts';
import { margin, unit } from './model.jobs.ts';
import { frees, type Planned } from './model.turn.ts';
import type { Seat, World } from './model.world.ts';
import { node, refOf } from './subject.ts';

type Of<K extends Call['kind']> = Extract<Call, { readonly kind: K }>;
type NodeCall = Of<'renew'> | Of<'reconcile'> | Of<'bury'> | Extract<Call, { readonly kind: 'leave' | 'drain' | 'resume' | 'forget' }>;

const lease = 2 * unit;

export async function planNodeCall(world: World, call: NodeCall): Promise<Planned | null> {
  const { store } = world.opened;
  if (call.kind === 'bury') return frees(() => store.nodes.bury(lease, unit + margin), buried);
  const seat = seatOf(world, call.node);
  const asSet = (items: readonly string[]): unknown => new Set(items);
  switch (call.kind) {
    case 'renew':
      return planRenew(world, seat, call);
    case 'reconcile':
      return planReconcile(world, seat, call);
    case 'leave':
      return planLeave(world, seat);
    case 'drain':
      return frees(() => store.nodes.steer(seat.name, 'draining'), asSet);
    case 'resume':
      return frees(() => store.nodes.steer(seat.name, 'active'), asSet);
    case 'forget': {
      const incarnation = seat.incarnation ?? 'nobody';
      return frees(() => store.nodes.forget(incarnation));
    }
  }
}

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
  await world.opened.store.nodes.join(node(incarnation, { name: seat.name }), lease);
  // Ids of another server id are greater from the next millisecond on.
  await world.opened.advance(1);
  return incarnation;
}

const buried = ({ incarnations, attempts }: Buried): unknown => ({ incarnations: new Set(incarnations), attempts });

async function planRenew(world: World, seat: Seat, { acknowledge }: Of<'renew'>): Promise<Planned> {
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
  return frees(() => world.opened.store.nodes.renew(incarnation, lease, acknowledged, noLoad), show);
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
