/** What scripts write, gathered and bounded on its way to the node. */
import type { Line } from '../messages.ts';

const gatheredFor = 100;

export class Lines {
  readonly #most: number;
  readonly #send: (lines: readonly Line[]) => void;
  #lines: Line[] = [];
  #timer: NodeJS.Timeout | null = null;
  #since = 0;
  #count = 0;
  #leftOut = 0;

  /** @param most lines in a second; those beyond are left out, and the next one that is not says how many */
  constructor(most: number, send: (lines: readonly Line[]) => void) {
    this.#most = most;
    this.#send = send;
  }

  add(line: Line): void {
    const now = performance.now();
    if (now - this.#since >= 1_000) {
      this.#since = now;
      this.#count = 0;
    }
    if (this.#count >= this.#most) {
      this.#leftOut += 1;
      return;
    }
    this.#count += 1;
    this.#tellLeftOut();
    this.#lines.push(line);
    this.#timer ??= setTimeout(() => this.flush(), gatheredFor);
  }

  /** The script has ended: what was left out is told now. */
  close(): void {
    this.#tellLeftOut();
    this.flush();
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#lines.length === 0) return;
    this.#send(this.#lines);
    this.#lines = [];
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return;
    this.#lines.push({ level: 'warn', text: `${this.#leftOut} lines were left out: a script may write ${this.#most} in a second.` });
    this.#leftOut = 0;
  }
}
