/** The jobs with all that stands beside them, and what they are found by. One place puts a record into its indexes. */
import { leftOf } from '../../core/after.ts';
import { compareIds, type JobId } from '../../core/id.ts';
import { type Attempt, type AttemptRef, hasEnded, type Job, type JobState } from '../../core/job.ts';
import { byParking, keysOf, parkedKey } from '../../core/limit.ts';
import type { LogHead, LogLine, Progress } from '../../core/report.ts';
import { Lines } from './lines.ts';
import { Sorted } from './sorted.ts';

/** What is known of a running attempt beside its job. */
export interface Hold {
  /** The claim that started it. */
  readonly operation: string;
  /** Of a holder that is no node, in Unix milliseconds. */
  readonly deadline: number | null;
}

export interface Entry {
  readonly job: Job;
  /** Set as long as the job is held. */
  readonly hold: Hold | null;
  /** Earlier attempts, oldest first. */
  readonly history: readonly Attempt[];
}

/** What attempts have told of a job. */
export interface JobLog {
  readonly head: LogHead;
  readonly lines: readonly LogLine[];
  readonly progress: Progress | null;
}

export const isHeld = (state: JobState): boolean => state === 'running' || state === 'stopping';

const isForItsTime = (job: Job): boolean => job.state === 'scheduled' && leftOf(job) === null;

export class Records {
  readonly lines = new Lines();
  /** Scheduled jobs that wait for no others, the next one first. */
  readonly due = new Sorted<Job>((a, b) => a.dueAt - b.dueAt || compareIds(a.id, b.id));
  /** All ids, oldest first. */
  readonly ids = new Sorted<JobId>(compareIds);
  /** Of jobs of which an attempt has told anything. */
  readonly logs = new Map<JobId, JobLog>();
  readonly #entries = new Map<JobId, Entry>();
  /** Ended jobs, in the order in which they ended. */
  readonly #ended = new Sorted<Job>((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0) || compareIds(a.id, b.id));
  readonly #held = new Map<string, Set<JobId>>();
  readonly #heldInQueue = new Map<string, number>();
  readonly #deadlines = new Set<JobId>();
  readonly #heldUnder = new Map<string, number>();
  readonly #parked = new Map<string, Sorted<Job>>();
  readonly #owned = new Map<string, Sorted<JobId>>();
  /** By owner and state, how many. */
  readonly #ownedIn = new Map<string, Map<JobState, number>>();

  get(id: JobId): Entry | undefined {
    return this.#entries.get(id);
  }

  /** The attempt that the reference proves. */
  held(ref: AttemptRef): Entry | undefined {
    const entry = this.#entries.get(ref.id);
    return entry?.job.fence === ref.fence && isHeld(entry.job.state) ? entry : undefined;
  }

  /** By id, so that every store hands a holder's attempts back in the same order. */
  heldBy(holder: string): readonly Entry[] {
    return this.#found([...(this.#held.get(holder) ?? [])].sort(compareIds));
  }

  heldInQueue(queue: string): number {
    return this.#heldInQueue.get(queue) ?? 0;
  }

  /** How many held jobs are counted under a key. */
  heldUnder(key: string): number {
    return this.#heldUnder.get(key) ?? 0;
  }

  /** Those that wait for a key. */
  parkedUnder(key: string): Sorted<Job> | undefined {
    return this.#parked.get(key);
  }

  get parkedKeys(): readonly string[] {
    return [...this.#parked.keys()];
  }

  /** The jobs of a definition, by id. */
  ownedBy(owner: string): readonly Entry[] {
    return this.#found(this.#owned.get(owner) ?? []);
  }

  /** How many jobs of a definition are in this state. */
  ownedIn(owner: string, state: JobState): number {
    return this.#ownedIn.get(owner)?.get(state) ?? 0;
  }

  withDeadline(): readonly Entry[] {
    return this.#found([...this.#deadlines].sort(compareIds));
  }

  /** Jobs that ended before the time, longest ago first. */
  *endedBefore(time: number): Generator<Entry> {
    for (let at = 0, job = this.#ended.first; job !== undefined && (job.endedAt ?? 0) < time; job = this.#ended.at(++at)) {
      const entry = this.#entries.get(job.id);
      if (entry !== undefined) yield entry;
    }
  }

  /** Adds the record, or puts it in the place of the one with its id. */
  put(entry: Entry): void {
    const before = this.#entries.get(entry.job.id);
    if (before === undefined) this.#add(entry.job);
    else this.#leaveIndexes(before);
    this.#entries.set(entry.job.id, entry);
    this.#enterIndexes(entry);
  }

  remove(entry: Entry): void {
    this.#leaveIndexes(entry);
    this.lines.forget(entry.job);
    this.#entries.delete(entry.job.id);
    this.logs.delete(entry.job.id);
    this.ids.delete(entry.job.id);
    const owned = this.#owned.get(entry.job.owner);
    owned?.delete(entry.job.id);
    if (owned?.size !== 0) return;
    this.#owned.delete(entry.job.owner);
    this.#ownedIn.delete(entry.job.owner);
  }

  #add(job: Job): void {
    this.ids.add(job.id);
    if (job.owner === '') return;
    const owned = this.#owned.get(job.owner) ?? new Sorted(compareIds);
    owned.add(job.id);
    this.#owned.set(job.owner, owned);
  }

  #enterIndexes({ job, hold }: Entry): void {
    this.lines.enter(job);
    this.#countOwned(job, 1);
    this.#park(job);
    if (isForItsTime(job)) this.due.add(job);
    if (hasEnded(job.state)) this.#ended.add(job);
    if (!isHeld(job.state)) return;
    this.#heldInQueue.set(job.queue, this.heldInQueue(job.queue) + 1);
    for (const key of keysOf(job)) this.#heldUnder.set(key, this.heldUnder(key) + 1);
    const held = this.#held.get(job.holder) ?? new Set();
    this.#held.set(job.holder, held.add(job.id));
    if (hold !== null && hold.deadline !== null) this.#deadlines.add(job.id);
  }

  #leaveIndexes({ job }: Entry): void {
    this.lines.leave(job);
    this.#countOwned(job, -1);
    this.#unpark(job);
    if (isForItsTime(job)) this.due.delete(job);
    if (hasEnded(job.state)) this.#ended.delete(job);
    if (!isHeld(job.state)) return;
    this.#heldInQueue.set(job.queue, this.heldInQueue(job.queue) - 1);
    for (const key of keysOf(job)) this.#heldUnder.set(key, this.heldUnder(key) - 1);
    const held = this.#held.get(job.holder);
    held?.delete(job.id);
    if (held?.size === 0) this.#held.delete(job.holder);
    this.#deadlines.delete(job.id);
  }

  #countOwned({ owner, state }: Job, by: number): void {
    if (owner === '') return;
    const counts = this.#ownedIn.get(owner) ?? new Map<JobState, number>();
    this.#ownedIn.set(owner, counts.set(state, (counts.get(state) ?? 0) + by));
  }

  #park(job: Job): void {
    const key = parkedKey(job);
    if (key === null) return;
    const parked = this.#parked.get(key) ?? new Sorted(byParking);
    parked.add(job);
    this.#parked.set(key, parked);
  }

  #unpark(job: Job): void {
    const key = parkedKey(job);
    if (key === null) return;
    const parked = this.#parked.get(key);
    parked?.delete(job);
    if (parked?.size === 0) this.#parked.delete(key);
  }

  #found(ids: Iterable<JobId>): readonly Entry[] {
    return [...ids].flatMap((id) => this.#entries.get(id) ?? []);
  }
}
