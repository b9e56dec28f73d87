/**
 * Which workers somebody serves by way of this node, from elsewhere: those of polls that wait, and for as long as it may take them to
 * come back those of polls that have ended, and of attempts that were claimed here or report here.
 */
import type { Millis } from '../core/duration.ts';
import type { JobId } from '../core/id.ts';
import type { Job } from '../core/job.ts';
import type { Serving } from '../core/node.ts';
import { type IsServed, servesLine } from '../core/serving.ts';
import type { Clock } from '../ports/clock.ts';

/** Jobs of these workers in these queues. */
interface Asked {
  readonly workers: readonly string[];
  readonly queues: Serving['queues'];
}

export interface ServedElsewhere {
  /** A poll begins to wait. Answers what is called when it waits no longer. */
  poll(asked: Asked): () => void;
  /** Attempts were claimed, each of which is held for so long. */
  claimed(jobs: readonly Job[], queues: Serving['queues'], ttl: Millis): void;
  /** An attempt has reported, and is held for so long; 0: it has ended. */
  heard(id: JobId, ttl: Millis): void;
  now(): readonly Serving[];
  serves: IsServed;
  /** Looks whether anything has changed, and tells it. */
  tick(): void;
}

/** Somebody who has got a job, or nothing, comes back within this. */
const comesBackWithin: Millis = 10_000;
/** Attempts that are remembered, and workers in queues. */
const mostKnown = 10_000;

interface Known {
  readonly serving: Serving;
  polls: number;
  until: Millis;
}

/** @param onChange others are served, or fewer */
export function makeServedElsewhere(clock: Pick<Clock, 'monotonic'>, onChange: () => void): ServedElsewhere {
  /** By worker, and by its queues. */
  const all = new Map<string, Map<string, Known>>();
  const byJob = new Map<JobId, Serving>();
  let size = 0;
  let told = '';

  function knownOf(serving: Serving): Known {
    const { worker, queues } = serving;
    const ofWorker = all.get(worker) ?? new Map<string, Known>();
    const key = JSON.stringify(queues);
    const known = ofWorker.get(key) ?? { serving, polls: 0, until: 0 };
    // Beyond all measure nobody is told of more.
    if (size >= mostKnown || ofWorker.get(key) === known) return known;
    all.set(worker, ofWorker.set(key, known));
    size += 1;
    return known;
  }

  function keep(known: Known, within: Millis): void {
    known.until = Math.max(known.until, clock.monotonic() + within + comesBackWithin);
  }

  const isServing = ({ polls, until }: Known): boolean => polls > 0 || until > clock.monotonic();
  const now = (): readonly Serving[] =>
    [...all.values()].flatMap((ofWorker) => [...ofWorker.values()].filter(isServing)).map(({ serving }) => serving);

  function forgetOthers(): void {
    for (const [worker, ofWorker] of all) {
      for (const [key, known] of ofWorker) if (!isServing(known) && ofWorker.delete(key)) size -= 1;
      if (ofWorker.size === 0) all.delete(worker);
    }
  }

  function tick(): void {
    forgetOthers();
    const names = JSON.stringify(now());
    if (names === told) return;
    told = names;
    onChange();
  }

  return {
    poll({ workers, queues }) {
      const before = size;
      const those = workers.map((worker) => knownOf({ worker, queues }));
      for (const known of those) known.polls += 1;
      if (size > before) tick();
      return () => {
        for (const known of those) {
          known.polls -= 1;
          keep(known, 0);
        }
      };
    },
    claimed(jobs, queues, ttl) {
      for (const { id, worker } of jobs) {
        if (byJob.size >= mostKnown) byJob.clear();
        byJob.set(id, { worker, queues });
        keep(knownOf({ worker, queues }), ttl);
      }
    },
    heard(id, ttl) {
      const serving = byJob.get(id);
      if (serving !== undefined) keep(knownOf(serving), ttl);
      if (ttl === 0) byJob.delete(id);
    },
    now,
    serves: (line) => [...(all.get(line.worker)?.values() ?? [])].some((known) => isServing(known) && servesLine(known.serving, line)),
    tick,
  };
}
