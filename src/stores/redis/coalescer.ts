/**
 * Calls made within one turn travel together, as one script call. One leaves at once while nothing is under way; then the
 * next ones collect until an answer comes, or until they fill a batch.
 */
import { HatstandError, messageOf } from '../../core/errors.ts';
import type { Argument, Reply } from './driver/driver.ts';

/** A call as it waits and travels. */
export interface Call {
  readonly name: string;
  /** Calls of a lower rank go first within a batch. */
  readonly rank: number;
  /** About how many bytes it takes on the way. */
  readonly size: number;
  /** The ids whose records it is about, as its script takes them. */
  readonly targets: readonly string[];
  /** Adds jobs: it cannot be done while the store is full. */
  readonly adds: boolean;
  /** Called when it leaves. */
  write(args: Argument[]): void;
  answer(reply: Reply): void;
  reject(error: unknown): void;
}

/** Answers one reply for each call. */
export type SendBatch = (batch: readonly WrittenCall[]) => Promise<readonly Reply[]>;

export interface WrittenCall {
  readonly call: Call;
  readonly args: readonly Argument[];
}

export interface CoalescerBounds {
  readonly maxCalls: number;
  /** Bytes in one batch, about; a single larger call travels alone. */
  readonly maxSize: number;
  /** A further batch leaves although others are under way, up to this many in all, if it is full or these are fewer. */
  readonly maxInFlight: number;
}

export class Coalescer {
  readonly #send: SendBatch;
  readonly #bounds: CoalescerBounds;
  readonly #waiting: Call[] = [];
  #inFlight = 0;
  #isScheduled: boolean = false;
  #resting: (() => void)[] = [];

  constructor(send: SendBatch, bounds: CoalescerBounds) {
    this.#send = send;
    this.#bounds = bounds;
  }

  add(call: Call): void {
    this.#waiting.push(call);
    this.#schedule();
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
    if (this.#isScheduled || this.#inFlight >= this.#bounds.maxInFlight || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#leave();
    });
  }

  #leave(): void {
    while (this.#waiting.length > 0 && this.#inFlight < this.#bounds.maxInFlight) {
      const batch = writeCalls(this.#nextBatch());
      if (batch.length > 0) this.#dispatch(batch);
    }
    this.#rest();
  }

  #dispatch(batch: readonly WrittenCall[]): void {
    this.#inFlight += 1;
    this.#send(batch)
      .then(
        (replies) => answerCalls(batch, replies),
        (error: unknown) => rejectCalls(batch, error),
      )
      .finally(() => {
        this.#inFlight -= 1;
        this.#schedule();
        this.#rest();
      });
  }

  /** The longest waiting calls, as many as a batch may have, by rank. */
  #nextBatch(): Call[] {
    const { maxCalls, maxSize } = this.#bounds;
    let size = 0;
    let count = 0;
    for (const call of this.#waiting) {
      size += call.size;
      if (count > 0 && (count >= maxCalls || size > maxSize)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count).sort((a, b) => a.rank - b.rank);
  }

  #rest(): void {
    if (this.#inFlight > 0 || this.#waiting.length > 0) return;
    const resting = this.#resting;
    this.#resting = [];
    for (const resolve of resting) resolve();
  }
}

/** Without the calls that cannot be written: these are rejected. */
function writeCalls(calls: readonly Call[]): WrittenCall[] {
  const written: WrittenCall[] = [];
  for (const call of calls) {
    const args: Argument[] = [call.name];
    try {
      call.write(args);
      written.push({ call, args });
    } catch (error) {
      call.reject(new HatstandError('internal', `The call ${call.name} cannot be written: ${messageOf(error)}`, {}, { cause: error }));
    }
  }
  return written;
}

function answerCalls(batch: readonly WrittenCall[], replies: readonly Reply[]): void {
  for (const [at, { call }] of batch.entries()) {
    try {
      call.answer(replies[at] ?? null);
    } catch (error) {
      call.reject(new HatstandError('internal', `The answer to ${call.name} cannot be read: ${messageOf(error)}`, {}, { cause: error }));
    }
  }
}

function rejectCalls(batch: readonly WrittenCall[], error: unknown): void {
  for (const { call } of batch) call.reject(error);
}
