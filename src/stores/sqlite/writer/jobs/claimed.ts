/**
 * The lines of claimed jobs. A job never changes its line, so this may forget and need not be undone; what it knows is
 * one read less when the attempt ends.
 */
import type { Line } from '../counters.ts';
import type { Counted } from '../limits/tally.ts';

export interface ClaimedJob {
  readonly line: Line;
  /** 1: of the manual lane. */
  readonly manual: number;
  readonly owner: string;
  /** `null`: nobody asked under which keys it counts when it was claimed. */
  readonly counted: Counted | null;
}

const remembered = 50_000;

export class ClaimedJobs {
  readonly #jobs = new Map<string, ClaimedJob>();

  keep(id: string, job: ClaimedJob): void {
    if (this.#jobs.size >= remembered) this.#jobs.clear();
    this.#jobs.set(id, job);
  }

  get(id: string): ClaimedJob | undefined {
    return this.#jobs.get(id);
  }

  forget(id: string): void {
    this.#jobs.delete(id);
  }
}
