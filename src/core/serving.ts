/** Which jobs somebody serves: what live nodes tell of themselves, against what waits. */
import type { Job } from './job.ts';
import { mostServed, type NodeRecord, type Serving } from './node.ts';
import { strictest, type WorkerRules } from './run-limits.ts';

/** Where a job waits. */
export interface Line {
  readonly worker: string;
  readonly queue: string;
}

/** What a node tells of all that it serves; `null`: more than it tells. */
export function toldOf(all: readonly Serving[]): readonly Serving[] | null {
  const told = all.reduce((sum, { queues }) => sum + (queues === 'any' ? 1 : queues.length), 0);
  return told > mostServed ? null : all;
}

export type IsServed = (line: Line) => boolean;

/** Whether who serves this takes jobs of that line. */
export const servesLine = ({ worker, queues }: Serving, line: Line): boolean =>
  worker === line.worker && (queues === 'any' || queues.includes(line.queue));

export const anyServed: IsServed = () => true;

/**
 * By live nodes. One that drains or is late counts: somebody has drained it, or it is soon taken for dead, and both are told
 * elsewhere. So does one of which it is not known what it serves.
 */
export function servedBy(nodes: readonly NodeRecord[]): IsServed {
  const byWorker = new Map<string, Serving[]>();
  for (const { serves } of nodes.filter(({ state }) => state === 'live')) {
    if (serves === null) return anyServed;
    for (const each of serves) if (each.concurrency !== 0) byWorker.set(each.worker, [...(byWorker.get(each.worker) ?? []), each]);
  }
  return (line) => byWorker.get(line.worker)?.some((serving) => servesLine(serving, line)) === true;
}

/** What live nodes say of their workers that do not take any job from anybody. */
export function rulesBy(nodes: readonly NodeRecord[]): ReadonlyMap<string, WorkerRules> {
  const found = new Map<string, WorkerRules>();
  for (const { serves } of nodes.filter(({ state }) => state === 'live')) {
    for (const { worker, rules } of serves ?? []) {
      const known = found.get(worker);
      if (rules !== undefined) found.set(worker, known === undefined ? rules : strictest(known, rules));
    }
  }
  return found;
}

/** It waits, and nobody takes it. */
export const isUnserved = (job: Pick<Job, 'state' | 'worker' | 'queue'>, isServed: IsServed): boolean =>
  (job.state === 'scheduled' || job.state === 'queued') && !isServed(job);
