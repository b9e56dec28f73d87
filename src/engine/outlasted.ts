/** Tells the log of triggers whose runs outlast their interval: once, until a run of theirs begins when no other one goes on. */
import { type Decision, type Definition, dueAt, ownerOf } from '../core/definition.ts';
import type { Logger } from '../ports/logger.ts';

/** A definition that is due, and what was decided about it. */
export type HearFiring = (definition: Definition, decision: Decision) => void;

/** Definitions of which it is remembered that it was told. */
const most = 1_000;

export function makeOutlasted(log: Logger): HearFiring {
  const told = new Set<string>();
  return (definition, { jobs, collect, overlap }) => {
    // What is gathered waits for others by itself.
    if (jobs.length === 0 || collect !== null) return;
    const owner = ownerOf(definition);
    const { live, newest } = definition.owned;
    if (live === 0) told.delete(owner);
    // Jobs that were pushed after its time, for ticks that were missed, say nothing of its interval.
    const isBehind = newest === null || newest.at >= (dueAt(definition) ?? 0);
    if (live === 0 || isBehind || told.has(owner)) return;
    if (told.size >= most) told.clear();
    told.add(owner);
    log.warn('trigger.outlasted', { trigger: owner, live, overlap });
  };
}
