/**
 * One store, seen so that two of them can be compared: ids by the order in which jobs were made, fences by the order of a
 * job's attempts, times in units since the beginning. On the way it checks what holds of every store by itself.
 */
import { expect } from 'vitest';
import { compareIds, type JobId } from '../../core/id.ts';
import { type Attempt, type AttemptRef, hasEnded, type Job } from '../../core/job.ts';
import type { NodeRecord } from '../../core/node.ts';
import type { ClaimRequest, LogPage } from '../../ports/store/jobs.ts';
import { operationOf, seatNames, unit } from './model.new-jobs.ts';
import { asked, kept, type Opened, only } from './subject.ts';

/** A place at which one node after the other runs. */
export interface Seat {
  readonly name: string;
  incarnation: string | null;
  incarnations: number;
  acknowledged: number;
  /** The attempts that it believes to hold, as they were given. */
  readonly held: Set<Job>;
  /** Its claim whose reply was lost. */
  unanswered: ClaimRequest | null;
}

interface Seen {
  readonly run: number;
  readonly fence: string;
  /** How the run ended; `null` while it has not. */
  readonly end: string | null;
}

const offUnits = 0.7 * unit;

export class World {
  readonly opened: Opened;
  /** What the other is compared with. */
  readonly isModel: boolean;
  readonly ids: JobId[] = [];
  /** Attempts as holders were given them, each once. */
  readonly given: Job[] = [];
  /** Those of them that nobody has settled. */
  readonly held = new Set<Job>();
  /** Claims as they were asked for, each once. */
  readonly requests: ClaimRequest[] = [];
  readonly seats: readonly Seat[];
  /** Calls that are planned to be made at once. */
  atOnce = 1;
  #origin = 0;
  #version = 0;
  readonly #fences = new Map<JobId, string[]>();
  readonly #seen = new Map<JobId, Seen>();
  readonly #told = new Map<Job, number>();

  constructor(opened: Opened, isModel: boolean) {
    this.opened = opened;
    this.isModel = isModel;
    this.seats = seatNames.map((name) => ({
      name,
      incarnation: null,
      incarnations: 0,
      acknowledged: 0,
      held: new Set(),
      unanswered: null,
    }));
  }

  /** Makes the first job; times are told from there. */
  async begin(): Promise<void> {
    const first = only(kept(await this.opened.store.jobs.push([asked({ queue: 'origin', worker: 'origin' })])));
    this.#origin = first.createdAt;
    this.made(first.id);
  }

  /** A job was made, or is seen again. */
  made(id: JobId): void {
    if (this.ids.includes(id)) return;
    if (this.ids.length > 0) expect(compareIds(id, this.newest()), 'a newer job has a larger id').toBeGreaterThan(0);
    this.ids.push(id);
  }

  /** A job came in from elsewhere: an older one than all that were made here. */
  cameIn(id: JobId): void {
    this.ids.unshift(id);
  }

  /** A put or a removal of a definition gave this version. */
  versionMade(version: number): void {
    expect(version, 'a newer version is greater').toBeGreaterThan(this.#version);
    this.#version = version;
  }

  newest(): JobId {
    return this.ids.at(-1) ?? '0';
  }

  /** An attempt as a holder was given it first. */
  give(job: Job): Job {
    const known = this.given.find(({ id, fence }) => id === job.id && fence === job.fence);
    if (known !== undefined) return known;
    this.given.push(job);
    this.held.add(job);
    return job;
  }

  /** A settle of the attempt is asked for. */
  settles(job: Job): void {
    for (const holder of [this, ...this.seats]) holder.held.delete(job);
  }

  /** How many lines the attempt has told. */
  told(job: Job): number {
    return this.#told.get(job) ?? 0;
  }

  tells(job: Job, number: number): void {
    this.#told.set(job, Math.max(number, this.told(job)));
  }

  /** A claim that was never made before. */
  request(asked: Omit<ClaimRequest, 'operation'>): ClaimRequest {
    const request = { ...asked, operation: operationOf(this.requests.length) };
    this.requests.push(request);
    return request;
  }

  number(id: JobId): number {
    return this.ids.indexOf(id);
  }

  time(time: number | null): number | null {
    return time === null ? null : Math.round((time - this.#origin) / unit);
  }

  /** A time that a history asks for: so many whole units behind another, and then off the units, where nothing happens by itself. */
  askedTime(after: number, units: number): number {
    return this.#origin + (Math.round((after - this.#origin) / unit) + units) * unit + offUnits;
  }

  wasAsked(time: number): boolean {
    return (time - this.#origin) % unit === offUnits;
  }

  /** How long a claim may wait: a store may have it come again too early, never later than the model. */
  wait(wait: number | null): unknown {
    const latest = wait === null ? Number.POSITIVE_INFINITY : Math.round(wait / unit);
    return this.isModel ? expect.toSatisfy((other) => other <= latest, `a wait of at most ${latest}`) : latest;
  }

  /** The how-manieth fence of its job this is; fences become known by claims alone and rise. */
  fence({ id, fence }: AttemptRef): number {
    return fence === '0' ? 0 : (this.#fences.get(id) ?? []).indexOf(fence) + 1;
  }

  ref(ref: AttemptRef): string {
    return `${this.number(ref.id)}/${this.fence(ref)}`;
  }

  refs(refs: readonly AttemptRef[]): readonly string[] {
    return refs.map((ref) => this.ref(ref)).toSorted((a, b) => (a < b ? -1 : 1));
  }

  /** A claim gave this attempt, or gave it again. */
  started(job: Job): void {
    const fences = this.#fences.get(job.id) ?? [];
    this.#fences.set(job.id, fences);
    if (fences.includes(job.fence)) return;
    expect(compareIds(job.fence, fences.at(-1) ?? '0'), 'a newer attempt has a larger fence').toBeGreaterThan(0);
    fences.push(job.fence);
  }

  job(job: Job): unknown {
    this.#check(job);
    return {
      ...job,
      id: this.number(job.id),
      reason: job.reason.replace(/^after (\d+)$/, (_, id: JobId) => `after ${this.number(id)}`),
      options: {
        ...job.options,
        after: job.options.after && { ...job.options.after, jobs: job.options.after.jobs.map((id) => this.number(id)) },
      },
      fence: this.fence(job),
      createdAt: this.time(job.createdAt),
      dueAt: this.time(job.dueAt),
      startedAt: this.time(job.startedAt),
      endedAt: this.time(job.endedAt),
    };
  }

  attempt(id: JobId, attempt: Attempt): unknown {
    const { fence, startedAt, endedAt } = attempt;
    return { ...attempt, fence: this.fence({ id, fence }), startedAt: this.time(startedAt), endedAt: this.time(endedAt) };
  }

  log(id: JobId, { lines, dropped, progress }: LogPage): unknown {
    const told = <T extends { readonly fence: string; readonly at: number }>(each: T): object => {
      return { ...each, fence: this.fence({ id, fence: each.fence }), at: this.time(each.at) };
    };
    return { lines: lines.map(told), dropped, progress: progress && told(progress) };
  }

  /** Without its server id, which each store gives in its own way. */
  node({ serverId: _, ...node }: NodeRecord): unknown {
    const { startedAt, heardAgo, leaseLeft } = node;
    return { ...node, startedAt: this.time(startedAt), heardAgo: Math.round(heardAgo / unit), leaseLeft: Math.round(leaseLeft / unit) };
  }

  /** Runs and fences never go back, and what a run ended with stays. */
  #check(job: Job): void {
    const before = this.#seen.get(job.id);
    const end = hasEnded(job.state) ? JSON.stringify([job.state, job.reason, job.endedAt, job.result]) : null;
    this.#seen.set(job.id, { run: job.run, fence: job.fence, end });
    if (before === undefined) return;
    expect(job.run).toBeGreaterThanOrEqual(before.run);
    expect(compareIds(job.fence, before.fence)).toBeGreaterThanOrEqual(0);
    if (job.run === before.run && before.end !== null) expect(end, 'a run ends once').toBe(before.end);
  }
}
