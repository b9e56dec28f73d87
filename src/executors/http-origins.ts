/** What this node knows of the origins that it sends jobs to: which answer, and which are away (core/origin.ts). */
import type { Millis } from '../core/duration.ts';
import { admit, learn, newOrigin, type Origin, type Pass, passOf, type Verdict, waitWith } from '../core/origin.ts';
import type { Outcome } from '../core/outcome.ts';

/** With more origins than this, the one known for longest is forgotten; one that answers before one that is away. */
const mostOrigins = 512;

export interface OriginsOptions {
  /** Told when an origin is away, with the failure that was one too many, and when it is back. */
  readonly onAway: (origin: string, error: string) => void;
  readonly onBack: (origin: string, after: Millis) => void;
}

export class Origins {
  readonly #origins = new Map<string, Origin>();
  readonly #options: OriginsOptions;

  constructor(options: OriginsOptions) {
    this.#options = options;
  }

  /** Whether a job may be sent there now. */
  admit(name: string): Verdict {
    const now = performance.now();
    const [after, verdict] = admit(this.#find(name, now), now);
    this.#origins.set(name, after);
    return verdict;
  }

  /** For a job that is sent whatever the origin does. */
  passOf(name: string): Pass {
    return passOf(this.#find(name, performance.now()));
  }

  learn(name: string, pass: Pass, outcome: Outcome): void {
    const now = performance.now();
    const before = this.#find(name, now);
    const cause = outcome.kind === 'returned' ? 'returned' : outcome.result.cause;
    const asked = (outcome.kind === 'failed' && outcome.retryAfter) || null;
    const after = learn(before, pass, { cause, asked }, now, Math.random());
    if (after === before) return;
    this.#origins.set(name, after);
    if (after.kind === 'away' && before.kind !== 'away') this.#options.onAway(name, 'result' in outcome ? outcome.result.error : '');
    if (after.kind === 'returning' && before.kind === 'away') this.#options.onBack(name, now - before.since);
  }

  /** How long a job waits whose attempt sent nothing; `null`: the attempt counts. */
  waitWith(name: string): Millis | null {
    const now = performance.now();
    const waits = waitWith(this.#find(name, now), now);
    if (waits === null) return null;
    this.#origins.set(name, waits[0]);
    return waits[1];
  }

  #find(name: string, now: Millis): Origin {
    const known = this.#origins.get(name);
    if (known !== undefined) return known;
    if (this.#origins.size >= mostOrigins) this.#forgetOne();
    const made = newOrigin(now);
    this.#origins.set(name, made);
    return made;
  }

  #forgetOne(): void {
    let oldest: string | null = null;
    for (const [name, { kind }] of this.#origins) {
      oldest ??= name;
      if (kind !== 'answering') continue;
      oldest = name;
      break;
    }
    if (oldest !== null) this.#origins.delete(oldest);
  }
}
