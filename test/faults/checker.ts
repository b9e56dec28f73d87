/**
 * What must hold after any fault, found by comparing three histories: what clients were told, what the web app saw running,
 * and what the store kept; beside them stands what the nodes believed, as they logged it.
 */
import type { Job } from '../../src/core/job.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { attemptsOf } from '../../src/stores/conformance/subject.ts';
import { until } from '../support/until.ts';
import type { App, Run } from './app.ts';
import type { Nodes } from './nodes.ts';
import type { Figures } from './report.ts';

export interface Histories {
  readonly store: Store;
  readonly app: App;
  readonly nodes: Nodes;
  /** Ids of all jobs that were acknowledged; no others were pushed. */
  readonly acknowledged: readonly string[];
  /** A failover forgot the newest steps: a job may be gone, an attempt have run that no history knows, a result count again. */
  readonly mayForget?: boolean;
}

export interface Findings extends Omit<Figures, 'recoveries'> {
  /** Whatever should not be, as sentences. */
  readonly faults: readonly string[];
}

/** Jobs that are read at once. */
const piece = 250;

/** Waits for the end of all jobs first, at most a minute. */
export async function check(histories: Histories): Promise<Findings> {
  const { store, nodes, acknowledged, mayForget = false } = histories;
  await until('the end of all jobs', () => haveAllEnded(store), 60_000);
  const faults: string[] = [];
  const successes = nodes.lines('job.ended').filter(({ outcome }) => outcome === 'succeeded');
  const accepted = Map.groupBy(successes, ({ job }) => job);
  let lost = 0;
  let repeated = 0;
  for (let at = 0; at < acknowledged.length; at += piece) {
    const ids = acknowledged.slice(at, at + piece);
    for (const [n, job] of (await Promise.all(ids.map((id) => store.jobs.get(id)))).entries()) {
      if (job === null) {
        lost += 1;
        if (!mayForget) faults.push(`job ${ids[n]} was acknowledged and is gone`);
        continue;
      }
      const runs = histories.app.runsOf(job.id);
      if (runs.length > 1) repeated += 1;
      faults.push(...(await faultsOf(job, runs, histories)));
    }
  }
  const twice = [...accepted.values()].filter((lines) => lines.length > 1);
  if (!mayForget) for (const lines of twice) faults.push(`two results were accepted: ${JSON.stringify(lines)}`);
  const surplus = (await jobsIn(store)) - (new Set(acknowledged).size - lost);
  if (surplus !== 0) faults.push(`there are ${surplus} jobs more than were acknowledged`);
  const duplicated = twice.length + Math.max(0, surplus);
  return { acknowledged: acknowledged.length, lost, duplicated, refused: nodes.lines('job.lost').length, repeated, faults };
}

async function jobsIn(store: Store): Promise<number> {
  const counts = (await store.jobs.count()).flatMap((line) => Object.values(line.counts));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function haveAllEnded(store: Store): Promise<boolean> {
  const lines = await store.jobs.count().catch(() => null);
  return lines?.every(({ counts }) => counts.scheduled + counts.queued + counts.running + counts.stopping === 0) ?? false;
}

async function faultsOf(job: Job, runs: readonly Run[], { store, mayForget = false }: Histories): Promise<readonly string[]> {
  const earlier = job.lost > 0 || runs.length > 1 ? await attemptsOf(store, job.id) : [];
  const fences = [BigInt(job.fence), ...earlier.map(({ fence }) => BigInt(fence))];
  const isOver = (fence: bigint): boolean => earlier.some((each) => BigInt(each.fence) === fence);
  const faults: string[] = [];
  const say = (what: string): void => void faults.push(`job ${job.id} ${what}; runs: ${runs.map(textOf).join(' ')}`);

  if (job.state !== 'succeeded') say(`is ${job.state} (${job.reason} ${job.result.error})`);
  else if (job.result.output !== job.fence) say(`keeps the result of the attempt ${job.result.output} under the fence ${job.fence}`);
  if (fences.some((fence, at) => at > 0 && fence >= (fences[at - 1] ?? 0n))) say(`has fences that go back: ${fences.join(' ')}`);
  if (runs.length === 0) say('never ran');
  if (new Set(runs.map(({ fence }) => fence)).size < runs.length) say('ran twice under one fence');
  if (mayForget) return faults;
  if (runs.some(({ fence }) => !fences.includes(fence))) say(`ran under a fence that no history knows: ${fences.join(' ')}`);
  for (const [older, newer] of overlaps(runs)) {
    // Its holder was taken for dead, or had handed it back and did not stop at once.
    if (!isOver(older.fence)) say(`ran under ${newer.fence} while ${older.fence} was neither lost nor returned`);
  }
  return faults;
}

/** Pairs that ran at the same time, the one with the smaller fence first. */
function overlaps(runs: readonly Run[]): readonly (readonly [Run, Run])[] {
  const ordered = runs.toSorted((a, b) => (a.fence < b.fence ? -1 : 1));
  return ordered.flatMap((older, at) =>
    ordered
      .slice(at + 1)
      .filter((newer) => newer.begunAt < (older.endedAt ?? Infinity) && older.begunAt < (newer.endedAt ?? Infinity))
      .map((newer) => [older, newer] as const),
  );
}

const textOf = ({ fence, begunAt, endedAt, isBroken }: Run): string =>
  `${fence}[${Math.round(begunAt)}–${endedAt === null ? '' : Math.round(endedAt)}${isBroken ? ' broken' : ''}]`;

/** For each run that was broken off before the job ran elsewhere: how long until it did. */
export function recoveries({ runs, runsOf }: App): readonly number[] {
  return runs.flatMap((run) => {
    if (!run.isBroken) return [];
    const next = runsOf(run.job).find(({ fence }) => fence > run.fence);
    const time = (next?.begunAt ?? 0) - (run.endedAt ?? 0);
    return time > 0 ? [time] : [];
  });
}
