/**
 * Jobs that wait for one of them to find out whether they can be sent again: when the next one asks (the probe), and when the others
 * come back.
 */
import { type FailureCause, sentNothing } from './cause.ts';
import type { Millis } from './duration.ts';
import { mostPaths, withoutPath, withPath } from './origin-paths.ts';

/** How long jobs wait without burning attempts; then they are tried as their own policies say. */
export const patience: Millis = 3_600_000;
/** When is asked again: after the first of these, after twice as long, and so on up to the second; ±10 %. */
const probeEvery = { first: 500, most: 5_000 };
const jitter = 0.1;
/** The one that probes after a 503 is picked among so many: the first may be of the one path that is broken, and again. */
const mostPassedOver = 1_000;
/** When fewer come than are to be passed over, the next one probes after this. */
const passesOverFor: Millis = 1_000;
/** A probe that takes longer than this does not keep another job from being one. */
export const probeAlone: Millis = 2_000;
/** The longest wait that a web app can ask for (`Retry-After`) before it is asked again. */
const longestRest: Millis = 60_000;
/** Jobs that wait are looked at again one after the other, so many in a second however many they are. */
const looksPerSecond = 1_000;
/** Jobs that are due at about the same time are due together, so that one claim begins many of them. */
export const grid: Millis = 100;

export interface Probing {
  /** Those that something at the origin failed, each in its turn: every other probe is of the first one. */
  readonly paths: readonly number[];
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

export interface Failure {
  readonly cause: FailureCause;
  /** The wait that the web app asked for. */
  readonly asked: Millis | null;
}

export function beginProbing(paths: readonly number[], failure: Failure, now: Millis, random: number): Probing {
  return {
    ...{ paths, since: now, probes: 0, probeAt: now + restAfter(0, failure, random), probing: null },
    ...{ tail: now, cause: failure.cause, waiting: 0, passOver: 0 },
  };
}

export function mayProbe({ paths, probes, probing, probeAt, passOver }: Probing, key: number, now: Millis): boolean {
  if (now < probeAt || (probing !== null && now < probing + probeAlone)) return false;
  if (now >= probeAt + passesOverFor) return true;
  return paths.length > 1 && probes % 2 === 1 ? paths[0] === key : passOver === 0;
}

export function probeFailed(line: Probing, key: number, failure: Failure, now: Millis, random: number): Probing {
  const probes = line.probes + 1;
  const { cause } = failure;
  const passOver = sentNothing(cause) ? 0 : Math.floor(random * Math.min(line.waiting, mostPassedOver));
  const paths = sentNothing(cause) ? line.paths : failedLast(line.paths, key);
  return { ...line, paths, probes, probeAt: now + restAfter(probes, failure, random), probing: null, cause, waiting: 0, passOver };
}

/** Its turn is after those of the others. One more than are told apart has none. */
export function failedLast(paths: readonly number[], key: number): readonly number[] {
  const others = withoutPath(paths, key);
  return others.length < mostPaths ? withPath(others, key) : paths;
}

/** The next one that comes asks at once. */
export const probeNow = (line: Probing, now: Millis): Probing => ({ ...line, probes: 0, probeAt: now, probing: null, passOver: 0 });

/** Behind the others that wait, and not before the next probe: of those that are due then, the first one is it. */
export function defer(line: Probing, now: Millis): readonly [Probing, Millis] {
  const tail = Math.max(line.tail, line.probing === null ? line.probeAt : now) + 1_000 / looksPerSecond;
  const passOver = Math.max(0, line.passOver - (now < line.probeAt ? 0 : 1));
  return [{ ...line, tail, waiting: line.waiting + 1, passOver }, delayUntil(tail, now)];
}

const restAfter = (probes: number, { asked }: Failure, random: number): Millis =>
  Math.max(nextProbeIn(probes, random), Math.min(asked ?? 0, longestRest));

function nextProbeIn(probes: number, random: number): Millis {
  const grown = Math.min(probeEvery.most, probeEvery.first * 2 ** Math.min(probes, 10));
  return grown * (1 + jitter * (2 * random - 1));
}

/** Times on the grid, so at least a moment ahead. */
export const delayUntil = (time: Millis, now: Millis): Millis => Math.max(0, (Math.floor(Math.max(time, now) / grid) + 1) * grid - now);
