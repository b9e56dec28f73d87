/** Ready jobs by queue and worker, and how many jobs of each line are in which state. */
import { compareIds } from '../../core/id.ts';
import { type Job, type JobState, jobStates } from '../../core/job.ts';
import { parkedKey } from '../../core/limit.ts';
import { manualFirst } from '../../core/queue.ts';
import { Sorted } from './sorted.ts';

const byPriority = (a: Job, b: Job): number => b.priority - a.priority || compareIds(a.id, b.id);

/** The jobs of one worker in one queue. */
export interface Line {
  readonly queue: string;
  readonly worker: string;
  readonly counts: Record<JobState, number>;
  readonly manual: Sorted<Job>;
  readonly others: Sorted<Job>;
  /** How many claims had to choose between the two lanes. */
  turn: number;
}

const keyOf = ({ queue, worker }: Pick<Job, 'queue' | 'worker'>): string => `${queue}/${worker}`;
const laneOf = (line: Line, job: Job): Sorted<Job> => (job.manual ? line.manual : line.others);

export class Lines {
  readonly #lines = new Map<string, Line>();
  /** By worker: its lines with ready jobs, the one served longest ago first. */
  readonly #ready = new Map<string, Set<Line>>();

  all(): Iterable<Line> {
    return this.#lines.values();
  }

  ready(worker: string): Iterable<Line> {
    return this.#ready.get(worker) ?? [];
  }

  enter(job: Job): void {
    const line = this.#line(job);
    line.counts[job.state] += 1;
    if (job.state !== 'queued' || parkedKey(job) !== null) return;
    laneOf(line, job).add(job);
    this.#readyLines(line.worker).add(line);
  }

  leave(job: Job): void {
    const line = this.#line(job);
    line.counts[job.state] -= 1;
    if (job.state !== 'queued' || parkedKey(job) !== null) return;
    laneOf(line, job).delete(job);
    if (line.manual.size + line.others.size === 0) this.#readyLines(line.worker).delete(line);
  }

  /** The job has gone. Nothing stays of a line without jobs. */
  forget(job: Job): void {
    const key = keyOf(job);
    const counts = this.#lines.get(key)?.counts;
    if (counts !== undefined && jobStates.every((state) => counts[state] === 0)) this.#lines.delete(key);
  }

  /** The job to start now; the line then stands behind the worker's others. */
  next(line: Line): Job | undefined {
    const lines = this.#readyLines(line.worker);
    if (lines.delete(line)) lines.add(line);
    const [manual, other] = [line.manual.first, line.others.first];
    if (manual === undefined || other === undefined) return manual ?? other;
    return manualFirst(line.turn++) ? manual : other;
  }

  #line(job: Job): Line {
    const key = keyOf(job);
    let line = this.#lines.get(key);
    if (line === undefined) {
      const counts = Object.fromEntries(jobStates.map((state) => [state, 0])) as Record<JobState, number>;
      const { queue, worker } = job;
      line = { queue, worker, counts, manual: new Sorted(byPriority), others: new Sorted(byPriority), turn: 0 };
      this.#lines.set(key, line);
    }
    return line;
  }

  #readyLines(worker: string): Set<Line> {
    let lines = this.#ready.get(worker);
    if (lines === undefined) {
      lines = new Set();
      this.#ready.set(worker, lines);
    }
    return lines;
  }
}
