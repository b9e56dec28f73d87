/**
 * Jobs in random histories: what a call asks of one store, and what can be seen of it. That is settled before its turn, from
 * what was seen until then, so that both stores are asked the same. Jobs, attempts and claims are named by how many are
 * younger, modulo how many there are; nodes by their seats.
 */
import fc from 'fast-check';
import { readAfter, withAfter } from '../../core/after.ts';
import type { Millis } from '../../core/duration.ts';
import { type NewJob, noResult } from '../../core/job.ts';
import { type LogText, logLevels, reportLimits } from '../../core/report.ts';
import { arrived } from '../../core/transfer.ts';
import { cancelMoves, deletable, restartKeeping, settleMoves } from '../../core/transitions.ts';
import type { Changed, Claim, ClaimRequest, Pushed, Restored } from '../../ports/store/jobs.ts';
import { job, keeps, margin, outsider, resultText, signs, unit, wants } from './model.new-jobs.ts';
import { incarnationOf, seatOf } from './model.nodes.ts';
import { adds, frees, is, type Planned, type Plans, takes, type Weighted, weigh } from './model.turn.ts';
import type { World } from './model.world.ts';
import { failure, refOf, result } from './subject.ts';

export type JobCall =
  | { readonly kind: 'push'; readonly jobs: readonly NewJob[] }
  /** `lost`: the reply does not arrive, and the node's next claim is this one again. */
  | { readonly kind: 'claim'; readonly node: number; readonly want: number; readonly slots: number; readonly lost: boolean }
  | { readonly kind: 'claimOutside'; readonly want: number; readonly slots: number; readonly ttl: Millis }
  /** A claim comes once more, also one of the same turn. */
  | { readonly kind: 'repeat'; readonly claim: number }
  | Settle
  | ReportCall
  /** `begun`: a job that was given to a holder. */
  | { readonly kind: 'cancel' | 'restart' | 'remove'; readonly job: number; readonly begun: boolean }
  /** The youngest of all but some, if they ended so many units ago. */
  | { readonly kind: 'purge'; readonly job: number; readonly count: number; readonly ended: number }
  /** One as it is now comes in from elsewhere, under another id. */
  | { readonly kind: 'restore'; readonly job: number }
  | { readonly kind: 'promote' };

/** `proof` as of a settle. */
interface ReportCall {
  readonly kind: 'report';
  readonly attempt: number;
  readonly proof: Proof;
  readonly ttl: Millis | null;
  readonly progress: string | null;
  /** How many numbers are passed over before each of the lines. */
  readonly lines: readonly (LogText & { readonly over: number })[];
  /** From which number on it tells lines: 0 for those that are new; else so many of before again. */
  readonly again: number;
  readonly push: readonly NewJob[];
}

export interface Settle {
  readonly kind: 'settle';
  readonly attempt: number;
  readonly proof: Proof;
  readonly outcome: Outcome;
  /** `''`: one that tells attempts apart. */
  readonly text: string;
  readonly keep: number;
}

/** `held`: of an attempt that nobody has settled; `none`: of such a one, but without its fence; `any`: also of one that is over. */
type Proof = 'held' | 'none' | 'any';

type Outcome = 'succeeded' | 'succeeded quietly' | 'failed' | 'failed for good' | 'skipped' | 'deferred' | 'returned';

const howRecent = fc.nat(11);
const node = fc.nat(2);
const want = fc.nat(wants.length - 1);
const slots = fc.constantFrom(1, 2, 3, 9);
const units = fc.constantFrom(1, 1, 2, 3);
const ttl = units.map((n) => n * unit);

const jobs: fc.Arbitrary<readonly NewJob[]> = fc.oneof(
  job.map((one) => [one]),
  job.map((one) => [one, one, one, one]),
  fc.array(job, { maxLength: 5 }),
);

const outcome = fc.constantFrom<Outcome>(
  ...(['succeeded', 'succeeded quietly', 'failed', 'failed', 'failed for good', 'skipped', 'deferred', 'returned'] as const),
);
const proof = fc.constantFrom<Proof>(...(['held', 'held', 'held', 'held', 'any', 'any', 'none'] as const));
const pushes = fc.constantFrom(0, 0, 0, 1, 2).chain((count) => fc.array(job, { minLength: count, maxLength: count }));
const fields = fc.constantFrom(null, null, '{}', `{"a":"${signs.replace('\n', '')}"}`);
const settle: fc.Arbitrary<Settle> = fc.record({
  kind: is('settle'),
  attempt: howRecent,
  proof,
  outcome,
  text: resultText,
  keep: keeps,
});

const logLine: fc.Arbitrary<ReportCall['lines'][number]> = fc
  .record({
    over: fc.constantFrom(0, 0, 0, 1, 9),
    level: fc.constantFrom(...logLevels),
    text: resultText,
    size: fc.constantFrom(0, 0, 0, 1, 1),
    fields,
  })
  .map(({ size, text, ...rest }) => ({ ...rest, text: size === 0 ? text : 'z'.repeat(reportLimits.text) }));

const report: fc.Arbitrary<ReportCall> = fc.record({
  kind: is('report'),
  attempt: howRecent,
  proof,
  ttl: fc.option(ttl, { freq: 2 }),
  progress: fc.option(fc.constantFrom('1', `"${signs.replace('\n', '')}"`), { freq: 2 }),
  lines: fc.oneof(
    fc.array(logLine, { maxLength: 3 }),
    fc
      .record({ line: logLine, count: fc.constantFrom(3, 40, 400) })
      .map(({ line, count }) => Array.from({ length: count }, () => (count > 40 ? { ...line, text: 'short' } : line))),
  ),
  again: fc.constantFrom(0, 0, 0, 1, 2),
  push: pushes,
});

/** The youngest attempts end in the same way: most often all of one claim. */
export const settles: fc.Arbitrary<readonly Settle[]> = fc
  .record({ proofs: fc.array(proof, { minLength: 2, maxLength: 6 }), outcome, text: resultText, keep: keeps })
  .map(({ proofs, ...how }) => proofs.map((each) => ({ kind: 'settle', attempt: 0, proof: each, ...how })));

export const jobCalls: readonly Weighted<JobCall>[] = [
  weigh(8, fc.record({ kind: is('push'), jobs })),
  weigh(8, fc.record({ kind: is('claim'), node, want, slots, lost: fc.constantFrom(true, false, false) })),
  weigh(3, fc.record({ kind: is('claimOutside'), want, slots, ttl })),
  weigh(1, fc.record({ kind: is('repeat'), claim: fc.nat(3) })),
  weigh(12, settle),
  weigh(6, report),
  weigh(5, fc.record({ kind: fc.constantFrom('cancel', 'cancel', 'restart', 'remove'), job: howRecent, begun: fc.boolean() })),
  weigh(1, fc.record({ kind: is('purge'), job: howRecent, count: units, ended: fc.nat(2) })),
  weigh(1, fc.record({ kind: is('restore'), job: howRecent })),
  weigh(1, fc.record({ kind: is('promote') })),
];

type Of<K extends JobCall['kind']> = Extract<JobCall, { readonly kind: K }>;
type Change = Extract<JobCall, { readonly begun: boolean }>;

export const jobPlans: Plans<JobCall> = {
  push(world, call) {
    const jobs = behindOthers(world, call.jobs);
    return adds(
      () => world.opened.store.jobs.push(jobs),
      (answers) => pushed(world, answers),
    );
  },
  claim: planClaim,
  claimOutside: (world, call) => planRequest(world, world.request({ holder: outsider, wants: wantsOf(call), attemptTtl: call.ttl })),
  repeat(world, call) {
    const request = recent(world.requests, call.claim);
    return request === undefined ? null : planRequest(world, request);
  },
  settle: planSettle,
  report: planReport,
  cancel: planChange,
  restart: planChange,
  remove: planChange,
  purge: planPurge,
  restore: planRestore,
  promote: (world) => frees(() => world.opened.store.jobs.promote(1_000)),
};

/** The n-th youngest, round and round; `undefined`: there is none at all. */
const recent = <T>(items: readonly T[], n: number): T | undefined => items.at(-1 - (n % items.length));

/** Jobs that wait for others, with the ids that these have there. */
const behindOthers = (world: World, asked: readonly NewJob[]): readonly NewJob[] =>
  asked.map((one) => {
    const { after, ...options } = one.options;
    const ids = after?.jobs.flatMap((younger) => recent(world.ids, Number(younger)) ?? []) ?? [];
    return after === undefined
      ? one
      : { ...one, options: withAfter(options, ids.length === 0 ? null : readAfter({ ...after, jobs: ids })) };
  });

function pushed(world: World, answers: readonly Pushed[]): unknown {
  return answers.map((answer) => {
    if (answer.kind === 'closed') return answer;
    if (answer.kind === 'dangling') return [answer.kind, world.number(answer.awaited)];
    // Of two keys that wait for about as long, which one is told depends on what passes beside the units.
    if (answer.kind === 'limited') return [answer.kind, Math.round(answer.wait / unit)];
    const { kind, id, createdAt } = answer;
    if (kind !== 'pushed') return [kind, world.number(id), world.time(createdAt)];
    world.made(id);
    return [kind, world.number(id), world.time(createdAt), answer.left ?? 0];
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

function planSettle(world: World, { attempt, proof, outcome, text, keep }: Settle): Planned | null {
  const job = recent(proof === 'any' ? world.given : [...world.held], attempt);
  if (job === undefined) return null;
  if (proof !== 'none') world.settles(job);
  const moves = settleMoves(job, outcomeOf(outcome, text || `of ${world.given.indexOf(job)}`), 0.5, keep);
  const ref = proof === 'none' ? { id: job.id, fence: '0' } : refOf(job);
  return frees(
    () => world.opened.store.jobs.settle(ref, moves),
    (answer) => answer,
    job.id,
  );
}

function outcomeOf(outcome: Settle['outcome'], text: string): Parameters<typeof settleMoves>[1] {
  switch (outcome) {
    case 'failed':
      return { kind: 'failed', result: { ...failure(text), output: text } };
    case 'failed for good':
      return { kind: 'failed', result: { ...failure(text), output: text }, final: true };
    case 'skipped':
      return { kind: 'skipped', result: noResult };
    case 'deferred':
      return { kind: 'deferred', result: failure(text), delay: unit };
    case 'returned':
      return { kind: 'returned' };
    case 'succeeded quietly':
      return { kind: 'succeeded', result: noResult };
    default:
      return { kind: 'succeeded', result: result(text) };
  }
}

function planReport(world: World, call: ReportCall): Planned | null {
  const outside = [...world.held].filter(({ holder }) => holder === outsider);
  const choice = call.ttl !== null && outside.length > 0 ? outside : call.proof === 'any' ? world.given : [...world.held];
  const job = recent(choice, call.attempt);
  if (job === undefined) return null;
  const ref = call.proof === 'none' ? { id: job.id, fence: '0' } : refOf(job);
  let number = Math.max(0, world.told(job) - call.again);
  const lines = call.lines.map(({ over, ...line }) => {
    number += 1 + over;
    return { ...line, number, ago: 0 };
  });
  if (call.proof !== 'none') world.tells(job, number);
  const push = behindOthers(world, call.push);
  return frees(
    () => world.opened.store.jobs.report(ref, { ttl: call.ttl, progress: call.progress, lines, push }),
    (answer) => (answer.kind === 'lost' ? 'lost' : [answer.kind, pushed(world, answer.pushed), answer.known]),
  );
}

function planChange(world: World, call: Change): Planned | null {
  const { store } = world.opened;
  const id = recent(call.begun ? world.given.map((job) => job.id) : world.ids, call.job);
  if (id === undefined) return null;
  const ask = (): Promise<Changed> => {
    if (call.kind === 'remove') return store.jobs.remove(id, deletable);
    return store.jobs.change(id, call.kind === 'cancel' ? cancelMoves : restartKeeping(call.job % 2 === 0 ? 7 : 16_384));
  };
  return frees(ask, (answer) => (answer.kind === 'changed' ? { kind: 'changed', job: world.job(answer.job) } : answer));
}

async function planPurge(world: World, { job, count, ended }: Of<'purge'>): Promise<Planned> {
  const { store } = world.opened;
  const ids = world.ids.toReversed().slice(job, job + count);
  const { now } = await store.upkeep.time();
  return frees(() => store.jobs.purge(ids, now - ended * unit - margin));
}

/** Its id is one of long ago, so that both stores order it before all that they make themselves. */
async function planRestore(world: World, call: Of<'restore'>): Promise<Planned | null> {
  const { store } = world.opened;
  const seen = await store.jobs.get(recent(world.ids, call.job) ?? '');
  if (seen === null) return null;
  const id = String(BigInt(world.ids.length) << 22n);
  const { job } = arrived({ job: seen, attempts: [] }, seen.createdAt);
  const show = (answers: readonly Restored[]): unknown => {
    if (answers[0] === 'restored') world.cameIn(id);
    return answers;
  };
  return adds(() => store.jobs.restore([{ job: { ...job, id }, attempts: [] }]), show);
}
