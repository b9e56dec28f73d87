/**
 * Whether jobs may be sent to an origin (scheme, host and port) now. While its web app is away, one job at a time asks whether
 * it is back and the others wait without burning an attempt; when it is back, they come at the rate that it is used to, which
 * then doubles every second. Paths that it answers with 503 while it serves others go on waiting so, and hold no other back. One
 * node knows this of the origins it sends to, in memory.
 */
import { type FailureCause, sentNothing, tellsOfAbsence } from './cause.ts';
import type { Millis } from './duration.ts';
import { mostPaths, pathKey, withoutPath, withPath } from './origin-paths.ts';
import {
  beginProbing,
  defer,
  delayUntil,
  type Failure,
  failedLast,
  grid,
  mayProbe,
  type Probing,
  patience,
  probeAlone,
  probeFailed,
  probeNow,
} from './probing.ts';

/** Failures in a row that tell of absence, with no answer between: then it is away. */
export const failuresOfAway = 5;
/** As many while it returns. */
export const failuresOfAwayAgain = 3;
/**
 * A failure that something at the origin gave (503, say) does not count so shortly after an answer: it tells of a path that is
 * broken, or of a few requests that were too many, while others are served.
 */
export const present: Millis = 1_000;
/** Over how long the rate is a mean. */
const rateOver: Millis = 30_000;
/** A rate that was seen for less than a second is that of a second. */
const leastSeen = 1_000 / rateOver;
/** Sends per second with which a web app begins of which less is known. */
const leastRate = 10;
/** When it is back, the rate doubles in this time, until this time is over: then nothing holds its jobs back. */
const doubling: Millis = 1_000;
const returnsFor: Millis = 10_000;

interface Common {
  /** Rises with every change between the three; what an attempt of before tells does not count. */
  readonly epoch: number;
  /** Sends per second that it is used to. */
  readonly rate: number;
  /** Paths that were answered last. */
  readonly served: readonly number[];
}

interface Present extends Common {
  /** The paths of the failures in a row. */
  readonly failures: readonly number[];
  /** Jobs of paths that failed when others were served. */
  readonly held: Probing | null;
}

interface Answering extends Present {
  readonly kind: 'answering';
  readonly ratedAt: Millis;
  /** How much of the time that the rate is a mean over was seen: 0 to 1. */
  readonly seen: number;
  /** When it answered last, `null` before it did. */
  readonly answeredAt: Millis | null;
}

interface Away extends Common {
  readonly kind: 'away';
  /** All jobs; those of its paths, if something there answers them with 503, do not ask out of turn. */
  readonly line: Probing;
  /** Since when a job of another path is under way, beside the probes. */
  readonly trial: Millis | null;
}

interface Returning extends Present {
  readonly kind: 'returning';
  readonly since: Millis;
  /** Of what the rising rate allows since then: sends that are used up, and those that waiting jobs were told to take. */
  readonly used: number;
  readonly promised: number;
  readonly answeredAt: Millis;
}

export type Origin = Answering | Away | Returning;

/** What an attempt keeps from the time it was let through. */
export interface Pass {
  readonly epoch: number;
  /** `probe`: for those that wait. `trial`: for its own path, which did not fail yet. */
  readonly asks: 'nothing' | 'probe' | 'trial';
}

export type Verdict =
  | { readonly kind: 'send'; readonly pass: Pass }
  /** Nothing is sent; the job comes again after `delay`. */
  | { readonly kind: 'wait'; readonly delay: Millis; readonly why: Why }
  /** It has been away for so long that this attempt fails unsent. */
  | { readonly kind: 'give up'; readonly why: Why };

export interface Why {
  /** `path`: others of its origin are served. `return`: the web app is back, and not yet for all at once. */
  readonly of: 'origin' | 'path' | 'return';
  readonly cause: FailureCause | null;
}

export function newOrigin(now: Millis): Origin {
  return { kind: 'answering', epoch: 0, rate: 0, served: [], ratedAt: now, seen: 0, failures: [], answeredAt: null, held: null };
}

/** Everything is sent there, and it did not fail last. */
export const isWell = (origin: Origin): boolean => origin.kind === 'answering' && origin.failures.length === 0 && origin.held === null;

/** What a job that comes to be sent is told. `now` is any clock that does not go back. */
export function admit(origin: Origin, path: string, now: Millis): readonly [Origin, Verdict] {
  if (origin.kind === 'away') return admitAway(origin, path, now);
  if (origin.held?.paths.includes(pathKey(path)) === true) {
    const [held, verdict] = admitToLine(origin.held, pathKey(path), origin.epoch, 'path', now);
    return [{ ...origin, held }, verdict];
  }
  return origin.kind === 'answering' ? [withSend(origin, now), send(origin)] : admitReturning(origin, path, now);
}

/** A pass for what is sent whatever the origin does; what it tells counts as that of others. */
export const passOf = ({ epoch }: Origin): Pass => ({ epoch, asks: 'nothing' });

/** A job whose attempt sent nothing waits with the others; `null`: it does not, and the attempt counts. */
export function waitWith(origin: Origin, path: string, now: Millis): readonly [Origin, Millis] | null {
  if (origin.kind === 'away') {
    if (now - origin.line.since > patience) return null;
    const [line, delay] = defer(origin.line, now);
    return [{ ...origin, line }, delay];
  }
  if (origin.held?.paths.includes(pathKey(path)) === true && now - origin.held.since <= patience) {
    const [held, delay] = defer(origin.held, now);
    return [{ ...origin, held }, delay];
  }
  return origin.kind === 'answering' ? null : promise(origin, now);
}

/**
 * What is known after an attempt has ended.
 *
 * @param cause why it failed, `null` when it succeeded; `returned` when it was broken off and tells nothing
 * @param asked the wait that the web app asked for
 * @param random a number from [0, 1)
 */
export function learn(
  origin: Origin,
  path: string,
  pass: Pass,
  { cause, asked }: { readonly cause: FailureCause | null | 'returned'; readonly asked: Millis | null },
  now: Millis,
  random: number,
): Origin {
  if (pass.epoch !== origin.epoch) return origin;
  if (cause === 'returned' || cause === 'canceled' || cause === 'timeout') return withoutAsking(origin, pass);
  const key = pathKey(path);
  if (cause === null || !tellsOfAbsence(cause)) return answered(origin, key, now);
  return origin.kind === 'away'
    ? failedAway(origin, key, pass, { cause, asked }, now, random)
    : failed(origin, key, pass, { cause, asked }, now, random);
}

function withoutAsking(origin: Origin, { asks }: Pass): Origin {
  if (asks === 'nothing') return origin;
  if (origin.kind !== 'away') return origin.held === null ? origin : { ...origin, held: { ...origin.held, probing: null } };
  return asks === 'trial' ? { ...origin, trial: null } : { ...origin, line: { ...origin.line, probing: null } };
}

function answered(origin: Origin, key: number, now: Millis): Origin {
  const served = withPath(origin.served, key);
  if (origin.kind === 'away') return returning({ ...origin, served }, heldWithout(origin.line, key, now), now);
  const present = { served, failures: [], answeredAt: now };
  if (origin.held?.paths.includes(key) !== true) return { ...origin, ...present };
  const held = heldWithout(origin.held, key, now);
  // The jobs that waited come little by little, too.
  return origin.kind === 'answering' ? returning({ ...origin, served }, held, now) : { ...origin, ...present, held };
}

/** One path answers: those of the others that failed are asked one after the other, until none is left. */
function heldWithout(line: Probing, key: number, now: Millis): Probing | null {
  const paths = withoutPath(line.paths, key);
  if (paths.length === 0) return null;
  const isBack = paths.length < line.paths.length;
  return { ...(isBack ? probeNow(line, now) : { ...line, probing: null }), paths };
}

function returning({ epoch, rate, served }: Common, held: Probing | null, now: Millis): Returning {
  return {
    ...{ kind: 'returning', epoch: epoch + 1, rate: Math.max(leastRate, rate), served, held },
    ...{ since: now, used: 0, promised: 0, failures: [], answeredAt: now },
  };
}

function failed(origin: Answering | Returning, key: number, pass: Pass, failure: Failure, now: Millis, random: number): Origin {
  const isFound = !sentNothing(failure.cause);
  const { held } = origin;
  if (held?.paths.includes(key) === true && isFound) {
    return pass.asks === 'probe' ? { ...origin, held: probeFailed(held, key, failure, now, random) } : origin;
  }
  if (isFound && origin.answeredAt !== null && now - origin.answeredAt < present) return origin;
  const failures = [...origin.failures, key];
  const after = pass.asks === 'probe' && held !== null ? { ...origin, held: { ...held, probing: null } } : origin;
  if (failures.length < (origin.kind === 'answering' ? failuresOfAway : failuresOfAwayAgain)) return { ...after, failures };
  const rate = origin.kind === 'answering' ? origin.rate / Math.max(origin.seen, leastSeen) : origin.rate;
  const paths = isFound ? failures.reduce(failedLast, held?.paths ?? []) : [];
  const line = beginProbing(paths, failure, now, random);
  return { kind: 'away', epoch: origin.epoch + 1, rate, served: origin.served, line, trial: null };
}

function failedAway(origin: Away, key: number, { asks }: Pass, failure: Failure, now: Millis, random: number): Away {
  if (asks === 'nothing') return origin;
  const isFound = !sentNothing(failure.cause);
  const served = isFound ? withoutPath(origin.served, key) : origin.served;
  if (asks === 'probe') return { ...origin, served, line: probeFailed(origin.line, key, failure, now, random) };
  const paths = isFound ? failedLast(origin.line.paths, key) : origin.line.paths;
  return { ...origin, served, trial: null, line: { ...origin.line, cause: failure.cause, paths } };
}

function admitAway(origin: Away, path: string, now: Millis): readonly [Away, Verdict] {
  const key = pathKey(path);
  if (mayTry(origin, key, now)) return [{ ...origin, trial: now }, send(origin, 'trial')];
  const [line, verdict] = admitToLine(origin.line, key, origin.epoch, 'origin', now);
  return [{ ...origin, line }, verdict];
}

/** What answers 503 may be one path. Where many fail, which may have ids of a kind that is not known, only those served before are tried. */
function mayTry({ line, trial, served }: Away, key: number, now: Millis): boolean {
  if (sentNothing(line.cause) || (trial !== null && now < trial + probeAlone)) return false;
  return !line.paths.includes(key) && (line.paths.length < mostPaths || served.includes(key));
}

function admitToLine(line: Probing, key: number, epoch: number, of: 'origin' | 'path', now: Millis): readonly [Probing, Verdict] {
  if (mayProbe(line, key, now))
    return [
      { ...line, probing: now },
      { kind: 'send', pass: { epoch, asks: 'probe' } },
    ];
  const why: Why = { of, cause: line.cause };
  if (now - line.since > patience) return [line, { kind: 'give up', why }];
  const [after, delay] = defer(line, now);
  return [after, { kind: 'wait', delay, why }];
}

const send = ({ epoch }: Origin, asks: Pass['asks'] = 'nothing'): Verdict => ({ kind: 'send', pass: { epoch, asks } });

function withSend(origin: Answering, now: Millis): Answering {
  const kept = Math.exp((origin.ratedAt - now) / rateOver);
  return { ...origin, rate: origin.rate * kept + 1_000 / rateOver, ratedAt: now, seen: 1 - (1 - origin.seen) * kept };
}

function admitReturning(origin: Returning, path: string, now: Millis): readonly [Origin, Verdict] {
  const past = now - origin.since;
  if (past >= returnsFor) {
    const { epoch, rate, served, failures, answeredAt, held } = origin;
    const answering: Origin = { kind: 'answering', epoch: epoch + 1, rate, served, ratedAt: now, seen: 1, failures, answeredAt, held };
    return admit(answering, path, now);
  }
  const allowed = allowedAfter(past, origin.rate);
  // What was not used in time is lost, so that it does not come all at once.
  const used = Math.max(origin.used, allowed - allowedIn(grid, past, origin.rate) - 1);
  if (used + 1 <= allowed) return [{ ...origin, used: used + 1 }, send(origin)];
  const [after, delay] = promise({ ...origin, used }, now);
  return [after, { kind: 'wait', delay, why: { of: 'return', cause: null } }];
}

/** The next send that the rising rate allows and that nobody was told to take. */
function promise(origin: Returning, now: Millis): readonly [Returning, Millis] {
  const promised = Math.max(origin.promised, allowedAfter(now - origin.since, origin.rate)) + 1;
  return [{ ...origin, promised }, delayUntil(origin.since + allowedAt(promised, origin.rate), now)];
}

/** Sends that a doubling rate allows in so long, and when it has allowed so many. */
const allowedAfter = (past: Millis, rate: number): number => (perDoubling(rate) * (2 ** (past / doubling) - 1)) / Math.LN2;
const allowedAt = (sends: number, rate: number): Millis => doubling * Math.log2(1 + (sends * Math.LN2) / perDoubling(rate));
const allowedIn = (span: Millis, past: Millis, rate: number): number => (rate * 2 ** (past / doubling) * span) / 1_000;
const perDoubling = (rate: number): number => (rate * doubling) / 1_000;
