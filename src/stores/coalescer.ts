/**
 * Calls made within one turn travel together: as one message and one transaction, or as one script call. A batch leaves at
 * once while few are under way; then the next one collects until an answer comes.
 */
import { HatstandError } from '../core/errors.ts';
import { type BatchBounds, takeBatch } from './batch.ts';

/**
 * No call is larger: it would hold up this process and the store, and neither a message between threads nor a command of
 * Redis takes half a gigabyte. All that may be asked for at once (engine/api/) is far smaller.
 */
const largestCall = 64 * 1024 * 1024;

/** A call as it waits and travels. */
export interface Call {
  /** Calls of a lower rank go first within a batch. */
  readonly rank: number;
  /** About how many bytes it takes on the way. */
  readonly size: number;
  reject(error: unknown): void;
}

/** The way to where the calls are done. */
export interface Way<C, Reply> {
  /** Rejects when it is not known what became of the batch, or when nothing did; all its calls are rejected then. */
  send(batch: readonly C[]): Promise<Reply>;
  /** Gives each call its part of the reply. What it throws rejects the calls that have none yet. */
  answer(batch: readonly C[], reply: Reply): void;
}

export interface CoalescerBounds extends BatchBounds {
  /** Batches under way at once. */
  readonly maxInFlight: number;
  /** This many waiting calls gain little by waiting for more: they leave although others are under way, … */
  readonly fairCalls: number;
  /** … up to this many batches in all. */
  readonly maxFullInFlight: number;
  /** With this many waiting calls a batch leaves before an answer is read, so that the other side is not kept waiting. */
  readonly worthLeaving: number;
}

export class Coalescer<C extends Call, Reply> {
  readonly #way: Way<C, Reply>;
  readonly #bounds: CoalescerBounds;
  #waiting: C[] = [];
  #inFlight = 0;
  #isScheduled: boolean = false;
  #resting: (() => void)[] = [];

  constructor(way: Way<C, Reply>, bounds: CoalescerBounds) {
    this.#way = way;
    this.#bounds = bounds;
  }

  /** Rejects a call of more than 64 MiB with `too_large`. */
  add(call: C): void {
    if (call.size > largestCall) {
      call.reject(
        new HatstandError('too_large', `One call may bring the store ${largestCall} bytes, not ${call.size}. Make several of it.`),
      );
      return;
    }
    this.#waiting.push(call);
    // A batch that is full need not wait for the rest of the turn: the other side works on it meanwhile.
    if (this.#waiting.length >= this.#bounds.maxCalls) this.#leave();
    else this.#schedule();
  }

  /** Rejects what has not been sent. */
  fail(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    rejectAll(waiting, error);
    this.#rest();
  }

  /** Resolves once nothing waits and nothing is under way. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#resting.push(resolve);
      this.#rest();
    });
  }

  /** A tick runs after the microtasks of the turn, so that all calls of the turn are there. */
  #schedule(): void {
    if (this.#isScheduled || !this.#mayLeave()) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#leave();
    });
  }

  #mayLeave(): boolean {
    const { maxInFlight, fairCalls, maxFullInFlight } = this.#bounds;
    return this.#waiting.length > 0 && this.#inFlight < (this.#waiting.length < fairCalls ? maxInFlight : maxFullInFlight);
  }

  #leave(): void {
    while (this.#mayLeave()) this.#dispatch(takeBatch(this.#waiting, this.#bounds).sort((a, b) => a.rank - b.rank));
  }

  #dispatch(batch: readonly C[]): void {
    this.#inFlight += 1;
    this.#way.send(batch).then(
      (reply) => {
        this.#landed();
        this.#answer(batch, reply);
        this.#goOn();
      },
      (error: unknown) => {
        this.#landed();
        rejectAll(batch, error);
        this.#goOn();
      },
    );
  }

  #landed(): void {
    this.#inFlight -= 1;
    if (this.#waiting.length >= this.#bounds.worthLeaving) this.#leave();
  }

  #answer(batch: readonly C[], reply: Reply): void {
    try {
      this.#way.answer(batch, reply);
    } catch (error) {
      rejectAll(batch, error);
    }
  }

  #goOn(): void {
    this.#schedule();
    this.#rest();
  }

  #rest(): void {
    if (this.#inFlight > 0 || this.#waiting.length > 0) return;
    const resting = this.#resting;
    this.#resting = [];
    for (const resolve of resting) resolve();
  }
}

function rejectAll(calls: readonly Call[], error: unknown): void {
  for (const call of calls) call.reject(error);
}
