/**
 * Whether jobs may be sent to an origin (scheme, host and port) now. While its web app is away, one job at a time asks whether
 * it is back and the others wait without burning an attempt; when it is back, they come at the rate that it is used to, which
 * then doubles every second. One node knows this of the origins it sends to, in memory.
 */
import { type FailureCause, sentNothing, tellsOfAbsence } from './cause.ts';
import type { Millis } from './duration.ts';

/** Failures in a row that tell of absence, with no answer between: then it is away. */
export const failuresOfAway = 5;
/** As many while it returns. */
export const failuresOfAwayAgain = 3;
/**
 * A failure that something at the origin gave (503, say) does not count so shortly after an answer: it tells of a path that is
 * broken, or of a few requests that were too many, while others are served.
 */
export const present: Millis = 1_000;
/** How long its jobs wait without burning attempts; then they are tried as their own policies say. */
export const patience: Millis = 3_600_000;
/** When it is asked again: after the first of these, after twice as long, and so on up to the second; ±10 %. */
const probeEvery = { first: 500, most: 5_000 };
const jitter = 0.1;
/** The one that probes after a 503 is picked among so many: the first may be of the one path that is broken, and again. */
const mostPassedOver = 1_000;
/** When fewer come than are to be passed over, the next one probes after this. */
const passesOverFor: Millis = 1_000;
/** A probe that takes longer than this does not keep another job from being one. */
const probeAlone: Millis = 2_000;
/** The longest wait that it can ask for itself (`Retry-After`) before it is asked again. */
const longestRest: Millis = 60_000;
/** Jobs that wait are looked at again one after the other, so many in a second however many they are. */
const looksPerSecond = 1_000;
/** Jobs that are due at about the same time are due together, so that one claim begins many of them. */
const grid: Millis = 100;
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
}

interface Answering extends Common {
  readonly kind: 'answering';
  readonly ratedAt: Millis;
  /** How much of the time that the rate is a mean over was seen: 0 to 1. */
  readonly seen: number;
  /** In a row. */
  readonly failures: number;
  /** When it answered last, `null` before it did. */
  readonly answeredAt: Millis | null;
}

interface Away extends Common {
  readonly kind: 'away';
  readonly since: Millis;
  /** Probes that have failed. */
  readonly probes: number;
  readonly probeAt: Millis;
  /** Since when a probe is under way. */
  readonly probing: Millis | null;
  /** When the last job that waits is due. */
  readonly tail: Millis;
  /** Why the newest attempt failed. */
  readonly cause: FailureCause;
  /** Jobs that were told to wait since the last probe, and how many more are to be before one of them is the next. */
  readonly waiting: number;
  readonly passOver: number;
}

interface Returning extends Common {
  readonly kind: 'returning';
  readonly since: Millis;
  /** Of what the rising rate allows since then: sends that are used up, and those that waiting jobs were told to take. */
  readonly used: number;
  readonly promised: number;
  /** In a row. */
  readonly failures: number;
  readonly answeredAt: Millis;
}

export type Origin = Answering | Away | Returning;

/** What an attempt keeps from the time it was let through. */
export interface Pass {
  readonly epoch: number;
  readonly isProbe: boolean;
}

export type Verdict =
  | { readonly kind: 'send'; readonly pass: Pass }
  /** Nothing is sent; the job comes again after this. `cause` is `null` when the web app is back, and not yet for all at once. */
  | Wait
  /** It has been away for so long that this attempt fails unsent. */
  | { readonly kind: 'give up'; readonly cause: FailureCause };

export interface Wait {
  readonly kind: 'wait';
  readonly delay: Millis;
  readonly cause: FailureCause | null;
}

export const newOrigin = (now: Millis): Origin => {
  return { kind: 'answering', epoch: 0, rate: 0, ratedAt: now, seen: 0, failures: 0, answeredAt: null };
};

/** What a job that comes to be sent is told. `now` is any clock that does not go back. */
export function admit(origin: Origin, now: Millis): readonly [Origin, Verdict] {
  switch (origin.kind) {
    case 'answering':
      return [withSend(origin, now), send(origin)];
    case 'away':
      if (mayProbe(origin, now)) return [{ ...origin, probing: now }, send(origin, true)];
      if (now - origin.since > patience) return [origin, { kind: 'give up', cause: origin.cause }];
      return defer(origin, now);
    case 'returning':
      return admitReturning(origin, now);
  }
}

/** A pass for what is sent whatever the origin does; what it tells counts as that of others. */
export const passOf = ({ epoch }: Origin): Pass => ({ epoch, isProbe: false });

/** A job whose attempt sent nothing waits with the others; `null`: it does not, and the attempt counts. */
export function waitWith(origin: Origin, now: Millis): readonly [Origin, Millis] | null {
  if (origin.kind === 'answering' || (origin.kind === 'away' && now - origin.since > patience)) return null;
  const [after, { delay }] = origin.kind === 'away' ? defer(origin, now) : promise(origin, now);
  return [after, delay];
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
  pass: Pass,
  { cause, asked }: { readonly cause: FailureCause | null | 'returned'; readonly asked: Millis | null },
  now: Millis,
  random: number,
): Origin {
  if (pass.epoch !== origin.epoch) return origin;
  if (cause === 'returned' || cause === 'canceled' || cause === 'timeout') return withoutProbe(origin, pass);
  return cause !== null && tellsOfAbsence(cause) ? failed(origin, pass, { cause, asked }, now, random) : answered(origin, now);
}

function withoutProbe(origin: Origin, pass: Pass): Origin {
  return origin.kind === 'away' && pass.isProbe ? { ...origin, probing: null } : origin;
}

function answered(origin: Origin, now: Millis): Origin {
  switch (origin.kind) {
    case 'answering':
    case 'returning':
      return { ...origin, failures: 0, answeredAt: now };
    case 'away': {
      const rate = Math.max(leastRate, origin.rate);
      return { kind: 'returning', epoch: origin.epoch + 1, rate, since: now, used: 0, promised: 0, failures: 0, answeredAt: now };
    }
  }
}

interface Failure {
  readonly cause: FailureCause;
  readonly asked: Millis | null;
}

function failed(origin: Origin, pass: Pass, failure: Failure, now: Millis, random: number): Origin {
  if (origin.kind === 'away') return pass.isProbe ? probeFailed(origin, failure, now, random) : origin;
  if (!sentNothing(failure.cause) && origin.answeredAt !== null && now - origin.answeredAt < present) return origin;
  const failures = origin.failures + 1;
  if (failures < (origin.kind === 'answering' ? failuresOfAway : failuresOfAwayAgain)) return { ...origin, failures };
  const rate = origin.kind === 'answering' ? origin.rate / Math.max(origin.seen, leastSeen) : origin.rate;
  return {
    ...{ kind: 'away', epoch: origin.epoch + 1, rate, since: now, tail: now, cause: failure.cause },
    ...{ probes: 0, probeAt: now + restAfter(0, failure, random), probing: null, waiting: 0, passOver: 0 },
  };
}

function probeFailed(origin: Away, failure: Failure, now: Millis, random: number): Away {
  const probes = origin.probes + 1;
  const { cause } = failure;
  const passOver = sentNothing(cause) ? 0 : Math.floor(random * Math.min(origin.waiting, mostPassedOver));
  return { ...origin, probes, probeAt: now + restAfter(probes, failure, random), probing: null, cause, waiting: 0, passOver };
}

const restAfter = (probes: number, { asked }: Failure, random: number): Millis =>
  Math.max(nextProbeIn(probes, random), Math.min(asked ?? 0, longestRest));

function nextProbeIn(probes: number, random: number): Millis {
  const grown = Math.min(probeEvery.most, probeEvery.first * 2 ** Math.min(probes, 10));
  return grown * (1 + jitter * (2 * random - 1));
}

const send = ({ epoch }: Origin, isProbe = false): Verdict => ({ kind: 'send', pass: { epoch, isProbe } });

function mayProbe({ probing, probeAt, passOver }: Away, now: Millis): boolean {
  if (now < probeAt || (passOver > 0 && now < probeAt + passesOverFor)) return false;
  return probing === null || now >= probing + probeAlone;
}

function withSend(origin: Answering, now: Millis): Answering {
  const kept = Math.exp((origin.ratedAt - now) / rateOver);
  return { ...origin, rate: origin.rate * kept + 1_000 / rateOver, ratedAt: now, seen: 1 - (1 - origin.seen) * kept };
}

/** Behind the others that wait, and not before the next probe: of those that are due then, the first one is it. */
function defer(origin: Away, now: Millis): readonly [Away, Wait] {
  const tail = Math.max(origin.tail, origin.probing === null ? origin.probeAt : now) + 1_000 / looksPerSecond;
  return [
    { ...origin, tail, waiting: origin.waiting + 1, passOver: Math.max(0, origin.passOver - (now < origin.probeAt ? 0 : 1)) },
    { kind: 'wait', delay: delayUntil(tail, now), cause: origin.cause },
  ];
}

function admitReturning(origin: Returning, now: Millis): readonly [Origin, Verdict] {
  const past = now - origin.since;
  if (past >= returnsFor) {
    const { epoch, rate, failures, answeredAt } = origin;
    return admit({ kind: 'answering', epoch: epoch + 1, rate, ratedAt: now, seen: 1, failures, answeredAt }, now);
  }
  const allowed = allowedAfter(past, origin.rate);
  // What was not used in time is lost, so that it does not come all at once.
  const used = Math.max(origin.used, allowed - allowedIn(grid, past, origin.rate) - 1);
  if (used + 1 <= allowed) return [{ ...origin, used: used + 1 }, send(origin)];
  return promise({ ...origin, used }, now);
}

/** The next send that the rising rate allows and that nobody was told to take. */
function promise(origin: Returning, now: Millis): readonly [Returning, Wait] {
  const promised = Math.max(origin.promised, allowedAfter(now - origin.since, origin.rate)) + 1;
  const delay = delayUntil(origin.since + allowedAt(promised, origin.rate), now);
  return [
    { ...origin, promised },
    { kind: 'wait', delay, cause: null },
  ];
}

/** Sends that a doubling rate allows in so long, and when it has allowed so many. */
const allowedAfter = (past: Millis, rate: number): number => (perDoubling(rate) * (2 ** (past / doubling) - 1)) / Math.LN2;
const allowedAt = (sends: number, rate: number): Millis => doubling * Math.log2(1 + (sends * Math.LN2) / perDoubling(rate));
const allowedIn = (span: Millis, past: Millis, rate: number): number => (rate * 2 ** (past / doubling) * span) / 1_000;
const perDoubling = (rate: number): number => (rate * doubling) / 1_000;

/** Times on the grid, so at least a moment ahead. */
const delayUntil = (time: Millis, now: Millis): Millis => Math.max(0, (Math.floor(Math.max(time, now) / grid) + 1) * grid - now);
