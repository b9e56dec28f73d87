/** Which jobs wait for which, and ends of awaited jobs of which those have not been told. */
import { compareIds, type JobId } from '../../core/id.ts';
import { type EndState, endStates } from '../../core/job.ts';
import { Sorted } from './sorted.ts';

/** Of an awaited job: those that waited for it when it ended. */
export interface End {
  readonly id: JobId;
  readonly state: EndState;
  /** The older one has the smaller number. */
  readonly turn: number;
  readonly waiting: Sorted<JobId>;
}

/** Every store tells them in this order, so that each names the same job when several have failed. */
const byTelling = (a: End, b: End): number =>
  endStates.indexOf(a.state) - endStates.indexOf(b.state) || compareIds(a.id, b.id) || a.turn - b.turn;

export class Waits {
  /** By awaited job, those that wait for an end that has not come. */
  readonly #waiting = new Map<JobId, Sorted<JobId>>();
  /** By waiting job, those that are left, with the others that wait for the same end. */
  readonly #awaited = new Map<JobId, Map<JobId, Sorted<JobId>>>();
  readonly #untold = new Sorted<End>(byTelling);
  #turn = 0;

  add(id: JobId, awaited: readonly JobId[]): void {
    const left = new Map<JobId, Sorted<JobId>>();
    for (const each of awaited) {
      const waiting = this.#waiting.get(each) ?? new Sorted(compareIds);
      waiting.add(id);
      this.#waiting.set(each, waiting);
      left.set(each, waiting);
    }
    this.#awaited.set(id, left);
  }

  /** It waits for this one no more. */
  delete(id: JobId, awaited: JobId): void {
    const left = this.#awaited.get(id);
    const waiting = left?.get(awaited);
    left?.delete(awaited);
    if (left?.size === 0) this.#awaited.delete(id);
    waiting?.delete(id);
    if (waiting?.size === 0 && this.#waiting.get(awaited) === waiting) this.#waiting.delete(awaited);
  }

  /** It waits for none any more. */
  forget(id: JobId): void {
    for (const awaited of this.#awaited.get(id)?.keys() ?? []) this.delete(id, awaited);
  }

  /** A job has ended. Answers whether any wait for it. */
  ended(id: JobId, state: EndState): boolean {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return false;
    // Who comes later waits for the next end.
    this.#waiting.delete(id);
    this.#turn += 1;
    this.#untold.add({ id, state, turn: this.#turn, waiting });
    return true;
  }

  /** The next end that is to be told. */
  get next(): End | null {
    return this.#untold.first ?? null;
  }

  /** All that waited for it have been told. */
  told(end: End): void {
    this.#untold.delete(end);
  }
}
