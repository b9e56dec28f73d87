/**
 * Calls made within one turn travel together: as one message, one transaction, one fsync. While a batch is under way the
 * next one collects; it leaves when the answer comes, before that is read, so that the other thread is never idle.
 */
import { HatstandError, messageOf } from '../../core/errors.ts';
import { type BatchBounds, takeBatch } from '../batch.ts';
import { type Link, readError } from './link.ts';
import type { Cell, TapeReader } from './tape.ts';

export interface CoalescerOptions<Name extends string> extends BatchBounds {
  readonly codeOf: (name: Name) => number;
  /** Calls of a lower rank go first within a batch. */
  readonly rankOf: (name: Name) => number;
  readonly maxInFlight: number;
  /** So many calls of one turn gain little by waiting for more: they leave although others are under way, … */
  readonly fairCalls: number;
  /** … up to this many batches in all. */
  readonly maxFullInFlight: number;
  /** What stands on the answer after those of the calls. */
  readonly onRest?: (tape: TapeReader) => void;
}

interface Waiting<Name> {
  readonly name: Name;
  readonly size: number;
  write(cells: Cell[]): void;
  /** Takes its answer off the tape. */
  answer(tape: TapeReader): void;
  reject(error: unknown): void;
}

export class Coalescer<Name extends string> {
  readonly #link: Link;
  readonly #options: CoalescerOptions<Name>;
  #waiting: Waiting<Name>[] = [];
  #inFlight = 0;
  #scheduled: boolean = false;
  #idle: (() => void)[] = [];

  constructor(link: Link, options: CoalescerOptions<Name>) {
    this.#link = link;
    this.#options = options;
  }

  /** @param size about how many bytes the call and its answer take beyond what every call takes */
  call<T>(name: Name, size: number, write: (cells: Cell[]) => void, read: (tape: TapeReader) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = (tape: TapeReader): void => {
        if (tape.flag()) reject(readError(tape));
        else resolve(read(tape));
      };
      this.#waiting.push({ name, size, write, answer, reject });
      if (this.#waiting.length >= this.#options.maxCalls && this.#inFlight < this.#options.maxFullInFlight) this.#leave();
      else this.#schedule();
    });
  }

  /** Rejects what has not been sent. */
  fail(error: HatstandError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) call.reject(error);
    this.#rest();
  }

  /** Resolves once nothing waits and nothing is under way. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#rest();
    });
  }

  /** A tick runs after the microtasks of the turn, so that all calls of the turn are there. */
  #schedule(): void {
    if (this.#scheduled || !this.#mayLeave()) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      if (this.#mayLeave()) this.#leave();
    });
  }

  #mayLeave(): boolean {
    const { maxInFlight, fairCalls, maxFullInFlight } = this.#options;
    return this.#waiting.length > 0 && this.#inFlight < (this.#waiting.length < fairCalls ? maxInFlight : maxFullInFlight);
  }

  /** Sends a batch; there may be none left when its calls could not be written. */
  #leave(): void {
    this.#flush();
    this.#rest();
  }

  /** Never throws: it also runs where the calls of another batch are answered. */
  #flush(): void {
    while (this.#waiting.length > 0) {
      const cells: Cell[] = [0];
      const batch = this.#write(cells);
      if (batch.length === 0) continue;
      this.#send(batch, cells);
      return;
    }
  }

  /** Writes the next batch without the calls that cannot be written: these are rejected. */
  #write(cells: Cell[]): Waiting<Name>[] {
    const { codeOf, rankOf } = this.#options;
    const batch = takeBatch(this.#waiting, this.#options).sort((a, b) => rankOf(a.name) - rankOf(b.name));
    return batch.filter((call) => {
      const start = cells.push(codeOf(call.name), 0);
      try {
        call.write(cells);
      } catch (error) {
        cells.length = start - 2;
        call.reject(new HatstandError('internal', `The call ${call.name} cannot be written: ${messageOf(error)}`, {}, { cause: error }));
        return false;
      }
      cells[start - 1] = cells.length - start;
      return true;
    });
  }

  #send(batch: readonly Waiting<Name>[], cells: Cell[]): void {
    this.#inFlight += 1;
    this.#link
      .request(cells)
      .finally(() => {
        this.#inFlight -= 1;
        if (this.#mayLeave()) this.#flush();
      })
      .then(
        (tape) => this.#answer(batch, tape),
        (error: unknown) => rejectAll(batch, error),
      )
      .finally(() => this.#rest());
  }

  #answer(batch: readonly Waiting<Name>[], tape: TapeReader): void {
    try {
      for (const call of batch) call.answer(tape);
      this.#options.onRest?.(tape);
    } catch (error) {
      rejectAll(batch, error);
    }
  }

  #rest(): void {
    if (this.#inFlight > 0 || this.#waiting.length > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}

function rejectAll(calls: readonly { reject(error: unknown): void }[], error: unknown): void {
  for (const call of calls) call.reject(error);
}
