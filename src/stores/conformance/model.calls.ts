/**
 * What a call of a history asks of one store. That is settled before its turn, from what was seen until then, so that both
 * stores are asked the same.
 */
import { noResult } from '../../core/job.ts';
import { cancelMoves, deletable, restartMoves, settleMoves } from '../../core/transitions.ts';
import type { Changed, Claim, ClaimRequest, Pushed } from '../../ports/store/jobs.ts';
import type { Call, Settle } from './model.commands.ts';
import { planDefinitionCall } from './model.definitions.ts';
import { margin, outsider, unit, wants } from './model.jobs.ts';
import { incarnationOf, planNodeCall, seatOf } from './model.nodes.ts';
import { adds, frees, type Planned, takes } from './model.turn.ts';
import type { World } from './model.world.ts';
import { failure, refOf, result } from './subject.ts';

type Of<K extends Call['kind']> = Extract<Call, { readonly kind: K }>;

/** `null`: there is nothing yet that it could be about. */
export async function plan(world: World, call: Call): Promise<Planned | null> {
  const { store } = world.opened;
  switch (call.kind) {
    case 'push':
      return adds(
        () => store.jobs.push(call.jobs),
        (answers) => pushed(world, answers),
      );
    case 'claim':
      return planClaim(world, call);
    case 'claimOutside':
      return planRequest(world, world.request({ holder: outsider, wants: wantsOf(call), attemptTtl: call.ttl }));
    case 'repeat': {
      const request = recent(world.requests, call.claim);
      return request === undefined ? null : planRequest(world, request);
    }
    case 'settle':
      return planSettle(world, call);
    case 'extend':
      return planExtend(world, call);
    case 'cancel':
    case 'restart':
    case 'remove':
      return planChange(world, call);
    case 'promote':
      return frees(() => store.jobs.promote(1_000));
    case 'configure':
      return frees(() => store.queues.configure(call.queue, call.change));
    case 'sweep':
      return planSweep(world, call);
    case 'put':
    case 'fire':
    case 'gather':
      return planDefinitionCall(world, call);
    default:
      return planNodeCall(world, call);
  }
}

/** The n-th youngest, round and round; `undefined`: there is none at all. */
const recent = <T>(items: readonly T[], n: number): T | undefined => items.at(-1 - (n % items.length));

function pushed(world: World, answers: readonly Pushed[]): unknown {
  return answers.map(({ kind, id, createdAt }) => {
    if (kind === 'pushed') world.made(id);
    return [kind, world.number(id), world.time(createdAt)];
  });
}

const wantsOf =
  ({ want, slots }: { readonly want: number; readonly slots: number }): ClaimRequest['wants'] =>
  () =>
    (wants[want] ?? []).map((each) => ({ ...each, slots }));

async function planClaim(world: World, call: Of<'claim'>): Promise<Planned> {
  const seat = seatOf(world, call.node);
  const holder = await incarnationOf(world, seat);
  const request = seat.unanswered ?? world.request({ holder, wants: wantsOf(call), attemptTtl: null });
  const show = (answer: Claim): unknown => {
    seat.unanswered = call.lost ? request : null;
    if (!call.lost) return claimed(world, answer);
    for (const job of answer.jobs) world.started(job);
    return 'lost';
  };
  return takes(() => world.opened.store.jobs.claim(request), show);
}

function planRequest(world: World, request: ClaimRequest): Planned {
  return takes(
    () => world.opened.store.jobs.claim(request),
    (answer) => claimed(world, answer),
  );
}

function claimed(world: World, { jobs, nextIn }: Claim): unknown {
  const shown = jobs.map((job) => {
    world.started(job);
    const given = world.give(job);
    for (const seat of world.seats) if (seat.incarnation === job.holder) seat.held.add(given);
    return world.job(job);
  });
  // Whoever was given jobs claims again anyway.
  return { jobs: shown, nextIn: jobs.length > 0 ? null : world.wait(nextIn) };
}

function planSettle(world: World, { attempt, proof, outcome, text, effects }: Settle): Planned | null {
  const job = recent(proof === 'any' ? world.given : [...world.held], attempt);
  if (job === undefined) return null;
  if (proof !== 'none') world.settles(job);
  const moves = settleMoves(job, outcomeOf(outcome, text || `of ${world.given.indexOf(job)}`), 0.5);
  const ref = proof === 'none' ? { id: job.id, fence: '0' } : refOf(job);
  return frees(
    () => world.opened.store.jobs.settle(ref, moves, { push: effects }),
    (answer) => answer,
    job.id,
  );
}

function outcomeOf(outcome: Settle['outcome'], text: string): Parameters<typeof settleMoves>[1] {
  switch (outcome) {
    case 'failed':
      return { kind: 'failed', result: failure(text) };
    case 'failed for good':
      return { kind: 'failed', result: failure(text), final: true };
    case 'skipped':
      return { kind: 'skipped', result: noResult };
    case 'returned':
      return { kind: 'returned' };
    case 'succeeded quietly':
      return { kind: 'succeeded', result: noResult };
    default:
      return { kind: 'succeeded', result: result(text) };
  }
}

function planExtend(world: World, call: Of<'extend'>): Planned | null {
  const outside = [...world.held].filter(({ holder }) => holder === outsider);
  const job = recent(outside.length > 0 ? outside : world.given, call.attempt);
  return job === undefined ? null : frees(() => world.opened.store.jobs.extend(refOf(job), call.ttl));
}

function planChange(world: World, call: Extract<Call, { readonly job: number }>): Planned | null {
  const { store } = world.opened;
  const id = recent(call.begun ? world.given.map((job) => job.id) : world.ids, call.job);
  if (id === undefined) return null;
  const ask = (): Promise<Changed> => {
    if (call.kind === 'remove') return store.jobs.remove(id, deletable);
    return store.jobs.change(id, call.kind === 'cancel' ? cancelMoves : restartMoves);
  };
  return frees(ask, (answer) => (answer.kind === 'changed' ? { kind: 'changed', job: world.job(answer.job) } : answer));
}

function planSweep(world: World, { ended, keys, journal }: Of<'sweep'>): Planned {
  const retention = {
    ended: ended === null ? null : ended * unit + margin,
    journal: journal === null ? 1_000_000 * unit : journal * unit + margin,
    idempotency: keys * unit + margin,
    limit: 1_000,
  };
  return frees(
    () => world.opened.store.upkeep.sweep(retention),
    // How many entries there are depends on what travels together.
    ({ entries: _, ...swept }) => swept,
  );
}
