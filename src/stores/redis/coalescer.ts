/**
 * Calls made within one turn travel together, as one script call. A batch leaves at once while fewer than so many are under
 * way; then the next one collects until an answer comes.
 */
import { HatstandError, messageOf } from '../../core/errors.ts';
import { type BatchBounds, takeBatch } from '../batch.ts';
import type { Reply } from './driver/driver.ts';

/** A call as it waits and travels. */
export interface Call {
  /** For messages. */
  readonly name: string;
  /** Calls of a lower rank go first within a batch. */
  readonly rank: number;
  /** About how many bytes it takes on the way. */
  readonly size: number;
  /** Reads its reply; what it throws is its caller's to hear. */
  answer(reply: Reply): void;
  reject(error: unknown): void;
}

/** Answers one reply for each call. */
export type SendBatch<C> = (batch: readonly C[]) => Promise<readonly Reply[]>;

export interface CoalescerBounds extends BatchBounds {
  /** Batches under way at once. */
  readonly maxInFlight: number;
}

/** Fewer calls than this wait for those that an answer brings about. */
const worthLeaving = 50;

export class Coalescer<C extends Call> {
  readonly #send: SendBatch<C>;
  readonly #bounds: CoalescerBounds;
  readonly #waiting: C[] = [];
  #inFlight = 0;
  #isScheduled: boolean = false;
  #resting: (() => void)[] = [];

  constructor(send: SendBatch<C>, bounds: CoalescerBounds) {
    this.#send = send;
    this.#bounds = bounds;
  }

  add(call: C): void {
    this.#waiting.push(call);
    // A batch that is full need not wait for the rest of the turn: Redis works on it meanwhile.
    if (this.#waiting.length >= this.#bounds.maxCalls) this.#leave();
    else this.#schedule();
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
      this.#dispatch(this.#nextBatch());
    }
    this.#rest();
  }

  #dispatch(batch: readonly C[]): void {
    this.#inFlight += 1;
    const settled = (): void => {
      this.#inFlight -= 1;
      // What has collected goes before the answers are read, so that Redis is not kept waiting.
      if (this.#waiting.length >= worthLeaving) this.#leave();
    };
    this.#send(batch).then(
      (replies) => {
        settled();
        answerCalls(batch, replies);
        this.#goOn();
      },
      (error: unknown) => {
        settled();
        rejectCalls(batch, error);
        this.#goOn();
      },
    );
  }

  #goOn(): void {
    this.#schedule();
    this.#rest();
  }

  #nextBatch(): C[] {
    return takeBatch(this.#waiting, this.#bounds).sort((a, b) => a.rank - b.rank);
  }

  #rest(): void {
    if (this.#inFlight > 0 || this.#waiting.length > 0) return;
    const resting = this.#resting;
    this.#resting = [];
    for (const resolve of resting) resolve();
  }
}

function answerCalls(batch: readonly Call[], replies: readonly Reply[]): void {
  for (const [at, call] of batch.entries()) {
    try {
      call.answer(replies[at] ?? null);
    } catch (error) {
      call.reject(new HatstandError('internal', `The answer to ${call.name} cannot be read: ${messageOf(error)}`, {}, { cause: error }));
    }
  }
}

function rejectCalls(batch: readonly Call[], error: unknown): void {
  for (const call of batch) call.reject(error);
}
