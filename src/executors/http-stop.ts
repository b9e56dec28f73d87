/** What can end an attempt from outside: its own deadline, or the node's signal. */
import { longestTimer, type Millis } from '../core/duration.ts';
import type { StopReason, StopSignal } from '../ports/executor.ts';

export class Stop {
  /** Why the attempt must end; `null` while it need not. */
  reason: StopReason | null = null;
  readonly #signal: StopSignal;
  #onStop: (reason: StopReason) => void = () => undefined;
  #timer: NodeJS.Timeout | null = null;

  /** `timeout` runs from now; `null`: no deadline. Call `release` when the attempt is over. */
  constructor(signal: StopSignal, timeout: Millis | null) {
    this.#signal = signal;
    if (signal.aborted) {
      this.reason = reasonOf(signal);
      return;
    }
    signal.addEventListener('abort', this.#onAbort);
    if (timeout !== null) this.#arm(timeout);
  }

  /** The listener is told the reason, once. A new listener takes the place of the one before. */
  onStop(listener: (reason: StopReason) => void): void {
    this.#onStop = listener;
  }

  release(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  readonly #onAbort = (): void => this.#stop(reasonOf(this.#signal));

  #arm(rest: Millis): void {
    this.#timer =
      rest > longestTimer
        ? setTimeout(() => this.#arm(rest - longestTimer), longestTimer)
        : setTimeout(() => this.#stop('timeout'), Math.max(0, rest));
  }

  #stop(reason: StopReason): void {
    if (this.reason !== null) return;
    this.reason = reason;
    this.#onStop(reason);
  }
}

const reasons: ReadonlySet<unknown> = new Set<StopReason>(['canceled', 'timeout', 'shutdown', 'lost']);

/** A signal aborted without a reason of ours means that nobody waits for this attempt. */
function reasonOf(signal: StopSignal): StopReason {
  return reasons.has(signal.reason) ? (signal.reason as StopReason) : 'canceled';
}
