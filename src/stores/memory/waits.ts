/** Which jobs wait for which, and ends of awaited jobs of which those have not been told. */
import { compareIds, type JobId } from '../../core/id.ts';
import { type EndState, endStates } from '../../core/job.ts';
import { Sorted } from './sorted.ts';

interface End {
  readonly id: JobId;
  readonly state: EndState;
}

/** Every store tells them in this order, so that each names the same job when several have failed. */
const byTelling = (a: End, b: End): number => endStates.indexOf(a.state) - endStates.indexOf(b.state) || compareIds(a.id, b.id);

export class Waits {
  /** By awaited job. */
  readonly #waiting = new Map<JobId, Sorted<JobId>>();
  /** By waiting job, those that are left. */
  readonly #awaited = new Map<JobId, Set<JobId>>();
  readonly #untold = new Sorted<End>(byTelling);
  readonly #endOf = new Map<JobId, End>();

  add(id: JobId, awaited: readonly JobId[]): void {
    this.#awaited.set(id, new Set(awaited));
    for (const each of awaited) {
      const waiting = this.#waiting.get(each) ?? new Sorted(compareIds);
      waiting.add(id);
      this.#waiting.set(each, waiting);
    }
  }

  /** It waits for this one no more. */
  delete(id: JobId, awaited: JobId): void {
    this.#awaited.get(id)?.delete(awaited);
    if (this.#awaited.get(id)?.size === 0) this.#awaited.delete(id);
    const waiting = this.#waiting.get(awaited);
    waiting?.delete(id);
    if (waiting?.size === 0) this.#waiting.delete(awaited);
  }

  /** It waits for none any more. */
  forget(id: JobId): void {
    for (const awaited of this.#awaited.get(id) ?? []) this.delete(id, awaited);
  }

  /** A job has ended. Answers whether any wait for it. */
  ended(id: JobId, state: EndState): boolean {
    if (!this.#waiting.has(id)) return false;
    this.told(id);
    const end = { id, state };
    this.#untold.add(end);
    this.#endOf.set(id, end);
    return true;
  }

  /** The next end that is to be told. */
  get next(): End | null {
    return this.#untold.first ?? null;
  }

  /** The first of those that wait for it, by id. */
  waitingFor(awaited: JobId, limit: number): readonly JobId[] {
    return [...(this.#waiting.get(awaited) ?? [])].slice(0, limit);
  }

  /** All that waited for it have been told. */
  told(id: JobId): void {
    const end = this.#endOf.get(id);
    if (end !== undefined) this.#untold.delete(end);
    this.#endOf.delete(id);
  }
}
