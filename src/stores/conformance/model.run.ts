/** Runs a command on one store and answers all that can be seen of what it did. */
import { noResult } from '../../core/job.ts';
import { noLoad } from '../../core/node.ts';
import { cancelMoves, deletable, restartMoves, settleMoves } from '../../core/transitions.ts';
import type { Changed, Claim, ClaimRequest, Pushed } from '../../ports/store.ts';
import { type Command, margin, type Outcome, unit, wants } from './model.commands.ts';
import type { Seat, World } from './model.world.ts';
import { all, failure, node, refOf, result } from './subject.ts';

type Of<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

const lease = 2 * unit;

export async function run(world: World, command: Command): Promise<unknown> {
  const { store } = world.opened;
  switch (command.kind) {
    case 'push':
      return pushed(world, await store.push(command.jobs));
    case 'claim':
      return claim(world, command);
    case 'claimOutside':
      return claimed(world, null, await store.claim({ ...request(world, 'outside', command), attemptTtl: command.ttl }));
    case 'settle':
      return settle(world, command);
    case 'extend': {
      const given = world.given[command.attempt % world.given.length];
      return given && store.extend(refOf(given.job), command.ttl);
    }
    case 'cancel':
      return changed(world, await store.change(world.idOf(command.job), cancelMoves));
    case 'restart':
      return changed(world, await store.change(world.idOf(command.job), restartMoves));
    case 'remove':
      return changed(world, await store.remove(world.idOf(command.job), deletable));
    case 'renew':
      return renew(world, command);
    case 'reconcile':
      return reconcile(world, command);
    case 'leave':
      return leave(world, seatOf(world, command.node));
    case 'drain':
      return new Set(await store.steer(seatOf(world, command.node).name, 'draining'));
    case 'resume':
      return new Set(await store.steer(seatOf(world, command.node).name, 'active'));
    case 'forget':
      return store.forget(seatOf(world, command.node).incarnation ?? 'nobody');
    case 'bury': {
      const { incarnations, attempts } = await store.bury(lease, unit + margin);
      return { incarnations: new Set(incarnations), attempts };
    }
    case 'promote':
      return store.promote(1_000);
    case 'pass':
      return world.opened.advance(command.units * unit);
    case 'configure':
      return store.configure(command.queue, command.change);
    case 'sweep':
      return sweep(world, command);
    case 'list':
      return list(world, command);
  }
}

function pushed(world: World, answers: readonly Pushed[]): unknown {
  return answers.map(({ kind, id, createdAt }) => {
    if (kind === 'pushed') world.made(id);
    return [kind, world.number(id), world.time(createdAt)];
  });
}

function request(world: World, holder: string, command: { readonly want: number; readonly slots?: number }): ClaimRequest {
  world.operations += 1;
  const slots = command.slots ?? 1;
  const wanted = (wants[command.want] ?? []).map((want) => ({ ...want, slots }));
  return { operation: `operation-${world.operations}`, holder, wants: wanted, attemptTtl: null };
}

function seatOf(world: World, node: number): Seat {
  const seat = world.seats[node];
  if (seat === undefined) throw new Error(`there is no seat ${node}`);
  return seat;
}

async function incarnationOf(world: World, seat: Seat): Promise<string> {
  if (seat.incarnation !== null) return seat.incarnation;
  seat.incarnations += 1;
  const incarnation = `${seat.name}.${seat.incarnations}`;
  seat.incarnation = incarnation;
  seat.acknowledged = 0;
  seat.held.clear();
  await world.opened.store.join(node(incarnation, { name: seat.name }), lease);
  return incarnation;
}

async function claim(world: World, command: Of<'claim'>): Promise<unknown> {
  const seat = seatOf(world, command.node);
  const holder = await incarnationOf(world, seat);
  const asked = seat.unanswered ?? request(world, holder, command);
  const answer = await world.opened.store.claim(asked);
  seat.unanswered = command.lost ? asked : null;
  if (!command.lost) return claimed(world, seat, answer);
  for (const job of answer.jobs) world.started(job);
  return 'lost';
}

function claimed(world: World, seat: Seat | null, { jobs }: Claim): unknown {
  return jobs.map((job) => {
    world.started(job);
    if (job.holder === seat?.incarnation) seat.held.add(world.given.length);
    world.given.push({ job, holder: job.holder });
    return world.job(job);
  });
}

async function settle(world: World, { attempt, outcome, effects }: Of<'settle'>): Promise<unknown> {
  if (world.given.length === 0) return null;
  const number = attempt % world.given.length;
  const given = world.given[number];
  if (given === undefined) return null;
  for (const seat of world.seats) seat.held.delete(number);
  const { store } = world.opened;
  const last = world.ids.at(-1) ?? '0';
  const answer = await store.settle(refOf(given.job), settleMoves(given.job, outcomeOf(outcome, number), 0.5), { push: effects });
  const [now, { jobs }] = await Promise.all([store.get(given.job.id), store.list({ ...all, from: last })]);
  for (const job of jobs) if (world.number(job.id) < 0) world.made(job.id);
  return [answer, now && world.job(now), jobs.map((job) => world.job(job))];
}

function outcomeOf(outcome: Outcome, number: number): Parameters<typeof settleMoves>[1] {
  switch (outcome) {
    case 'failed':
      return { kind: 'failed', result: failure(`failure ${number}`) };
    case 'failed for good':
      return { kind: 'failed', result: failure(`last failure ${number}`), final: true };
    case 'skipped':
      return { kind: 'skipped', result: noResult };
    case 'returned':
      return { kind: 'returned' };
    default:
      return { kind: 'succeeded', result: result(`result ${number}`) };
  }
}

function changed(world: World, answer: Changed): unknown {
  return answer.kind === 'changed' ? { kind: 'changed', job: world.job(answer.job) } : answer;
}

async function renew(world: World, { node, acknowledge }: Of<'renew'>): Promise<unknown> {
  const seat = seatOf(world, node);
  const renewed = await world.opened.store.renew(await incarnationOf(world, seat), lease, seat.acknowledged, noLoad);
  if (renewed.kind === 'buried') {
    seat.incarnation = null;
    return 'buried';
  }
  if (acknowledge) seat.acknowledged = Math.max(seat.acknowledged, ...renewed.inbox.map(({ seq }) => seq));
  const [count] = renewed.digest.split(':');
  return { inbox: renewed.inbox.map((message) => [message.kind, world.ref(message)]), count };
}

async function reconcile(world: World, { node, forgets }: Of<'reconcile'>): Promise<unknown> {
  const seat = seatOf(world, node);
  const held = [...seat.held].slice(forgets).flatMap((number) => world.given[number]?.job ?? []);
  const pending = seat.unanswered === null ? [] : [seat.unanswered.operation];
  const { abort, released } = await world.opened.store.reconcile(await incarnationOf(world, seat), held.map(refOf), pending);
  return { abort: world.refs(abort), released: world.refs(released) };
}

async function leave(world: World, seat: Seat): Promise<unknown> {
  if (seat.incarnation === null) return null;
  await world.opened.store.leave(seat.incarnation);
  seat.incarnation = null;
  return 'left';
}

function sweep(world: World, { ended, keys }: Of<'sweep'>): Promise<unknown> {
  return world.opened.store.sweep({
    ended: ended === null ? null : ended * unit + margin,
    events: 1_000_000 * unit,
    idempotency: keys * unit + margin,
    limit: 1_000,
  });
}

async function list(world: World, { state, newest, limit }: Of<'list'>): Promise<unknown> {
  const filter = [{ field: 'state', not: false, any: [state] }] as const;
  const { jobs } = await world.opened.store.list({ ...all, filter, order: newest ? 'newest' : 'oldest', limit });
  return jobs.map((job) => world.job(job));
}
