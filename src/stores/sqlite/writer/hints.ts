/** What the calls of a message make worth telling once they are committed. */
import type { Told } from '../calls/message.ts';
import { stateCodes } from '../file/codes.ts';
import type { Line } from './counters.ts';

export class Hints {
  readonly #readyLines = new Set<Line>();
  #readyAnyway: boolean = false;
  readonly #inboxes = new Set<string>();
  #defined: boolean = false;
  #told: boolean = false;
  #ended: string[] = [];
  /** So far the jobs that have ended are in the file. */
  #endedForSure = 0;

  /** A job of this line is ready, unless a later call of the message claims it. */
  ready(line: Line): void {
    this.#readyLines.add(line);
  }

  /** What was held up may be claimed. */
  readyAnyway(): void {
    this.#readyAnyway = true;
  }

  /** The holder has a new message. */
  inbox(holder: string): void {
    this.#inboxes.add(holder);
  }

  /** A definition was put or removed, or is due sooner than it was. */
  defined(): void {
    this.#defined = true;
  }

  /** Events were published. */
  told(): void {
    this.#told = true;
  }

  ended(id: string): void {
    this.#ended.push(id);
  }

  commit(): void {
    this.#endedForSure = this.#ended.length;
  }

  rollback(): void {
    this.#ended.length = this.#endedForSure;
  }

  /** All that was committed since this was asked last. */
  drain(): Told {
    const lines = [...this.#readyLines].filter(({ counts }) => (counts[stateCodes.queued] ?? 0) > 0);
    const ready = [...new Set(lines.map(({ worker }) => worker))];
    const told = {
      ready,
      readyAnyway: this.#readyAnyway,
      inboxes: [...this.#inboxes],
      defined: this.#defined,
      told: this.#told,
      ended: this.#ended,
    };
    this.#readyAnyway = false;
    this.#readyLines.clear();
    this.#inboxes.clear();
    this.#defined = false;
    this.#told = false;
    this.#ended = [];
    this.#endedForSure = 0;
    return told;
  }
}
