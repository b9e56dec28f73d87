/** Who serves a worker, as this node knows it: itself at once, other nodes by what they tell the store. */
import type { Millis } from '../core/duration.ts';
import type { WorkerRules } from '../core/run-limits.ts';
import { anyServed, type IsServed, type Line, rulesBy, servedBy } from '../core/serving.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';

export interface Serving {
  /** Of these jobs. Never rejects: when the store cannot tell, all are taken to be served. */
  of(lines: readonly Line[]): Promise<IsServed>;
  /** Such jobs were pushed. Warns when nobody serves them: once for each worker in some minutes. */
  pushed(lines: readonly Line[]): void;
  /** What its nodes say of who may push to the worker; `null`: nothing, or the store cannot tell. Never rejects. */
  rulesOf(worker: string): Promise<WorkerRules | null>;
}

export interface ServingParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether this node itself serves such jobs. */
  serves(line: Line): boolean;
}

/** That somebody serves a worker is believed for this long, that nobody does for a tenth of it. */
const believedFor: Millis = 1_000;
/** What nodes say of who may push is believed for longer; it is asked for as often. */
const rulesBelievedFor: Millis = 10_000;
const warnEvery: Millis = 600_000;
/** Workers of which it is remembered that it was warned of them. */
const mostWarned = 1_000;

export function makeServing({ store, clock, log, serves }: ServingParts): Serving {
  let known: Known | null = null;
  let asking: Promise<Known> | null = null;
  const warnedAt = new Map<string, Millis>();

  const isRecent = (at: Millis, within: Millis): boolean => clock.monotonic() - at < within;

  async function ask(): Promise<Known> {
    try {
      const nodes = await store.nodes.list();
      known = { at: clock.monotonic(), isServed: servedBy(nodes), rules: rulesBy(nodes) };
      return known;
    } catch {
      return nothingKnown;
    } finally {
      asking = null;
    }
  }

  /** Who asks while somebody asks already gets the same answer. */
  function asked(): Promise<Known> {
    asking ??= ask();
    return asking;
  }

  /** Without asking anybody. */
  const isKnown: IsServed = (line) => serves(line) || (known !== null && isRecent(known.at, believedFor) && known.isServed(line));

  async function of(lines: readonly Line[]): Promise<IsServed> {
    if (lines.every(isKnown)) return anyServed;
    const isServed = known !== null && isRecent(known.at, believedFor / 10) ? known.isServed : (await asked()).isServed;
    return (line) => serves(line) || isServed(line);
  }

  async function warn(lines: readonly Line[]): Promise<void> {
    const isServed = await of(lines);
    for (const { worker, queue } of lines) {
      if (wasWarned(worker) || isServed({ worker, queue })) continue;
      if (warnedAt.size >= mostWarned) warnedAt.clear();
      warnedAt.set(worker, clock.monotonic());
      log.warn('worker.unserved', { worker, queue, hint });
    }
  }

  function wasWarned(worker: string): boolean {
    const at = warnedAt.get(worker);
    return at !== undefined && isRecent(at, warnEvery);
  }

  const isSettled: IsServed = (line) => isKnown(line) || wasWarned(line.worker);

  return {
    of,
    async rulesOf(worker) {
      if (known === null || !isRecent(known.at, rulesBelievedFor)) return (await asked()).rules.get(worker) ?? null;
      // Nobody waits for a look again and again: a store that is away would hold up each push.
      if (!isRecent(known.at, believedFor)) void asked();
      return known.rules.get(worker) ?? null;
    },
    pushed(lines) {
      if (lines.every(isSettled)) return;
      void warn(lines.filter((line) => !isSettled(line)));
    },
  };
}

/** What the nodes tell. */
interface Known {
  readonly at: Millis;
  readonly isServed: IsServed;
  readonly rules: ReadonlyMap<string, WorkerRules>;
}

const nothingKnown: Known = { at: 0, isServed: anyServed, rules: new Map() };

const hint = 'No live node serves this worker: its jobs wait until one does. Check its name, or start a node that serves it.';
