/** What an attack is: a name, what it does to a server, and what may come of it. */
import type { Stage, Stand } from './stage.ts';

export interface Attack {
  readonly name: string;
  /** Who is attacked. Default: the server without a token. */
  readonly on?: keyof Stage['stands'];
  /** All that may come of it, each as it is told to `Came`. */
  readonly comes: RegExp;
  /** Too long for the ordinary test run: a time of the server's own has to pass. */
  readonly isLong?: boolean;
  /** It is played once, and lasts as long as others are watched; any other one is played again until then. */
  readonly isHeld?: boolean;
  play(target: Target, came: Came): Promise<void>;
}

export interface Target extends Stand {
  /** Jobs of 1 MiB each, which the store has. */
  readonly large: readonly string[];
  /** Resolves when others have been watched for long enough. */
  watched(): Promise<void>;
}

/** What came of an attack, and how often: statuses of answers, and `cut off` where there was none. */
export class Came {
  readonly #counts = new Map<string, number>();

  add(what: string, times = 1): void {
    if (times > 0) this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  /** All that is not among what may come. */
  beyond(comes: RegExp): readonly string[] {
    return [...this.#counts.keys()].filter((what) => !comes.test(what));
  }

  /** Such as `413 ×20, cut off ×180`; the most frequent first. */
  toString(): string {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    return sorted.map(([what, times]) => `${what} ×${times}`).join(', ');
  }
}
