/** What this node knows of the origins that it sends jobs to: which answer, on which paths, and which are away (core/origin.ts). */
import type { Millis } from '../core/duration.ts';
import { admit, isWell, learn, newOrigin, type Origin, type Pass, passOf, type Verdict, waitWith } from '../core/origin.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Target } from '../core/target.ts';

/**
 * With more origins than this, one that answers is forgotten. An entry takes about 350 bytes, and up to 1,000 where many paths are
 * told apart. As many as a node may send to while its own network is away, and so all of them.
 */
export const mostOrigins = 50_000;
/**
 * One that failed or is away is forgotten for another only after no job has come for it for so long: those that wait come at least
 * once a minute, or as soon as the others before them have. Until then nothing is remembered of an origin that would be one more.
 */
export const idleAfter: Millis = 300_000;

export interface OriginsOptions {
  /** Told when an origin is away, with the failure that was one too many, and when it is back. */
  readonly onAway: (origin: string, error: string) => void;
  readonly onBack: (origin: string, after: Millis) => void;
  /** Default: the process's monotonic clock. */
  readonly now?: () => Millis;
}

/** Where a job is sent. */
type Place = Pick<Target, 'origin' | 'path'>;

interface Troubled {
  readonly origin: Origin;
  readonly askedAt: Millis;
}

export class Origins {
  /** Those that answer, the one known for longest first. */
  readonly #well = new Map<string, Origin>();
  /** Those that failed last or are not as usual, the one that was asked for longest ago first. */
  readonly #troubled = new Map<string, Troubled>();
  readonly #options: OriginsOptions;
  readonly #now: () => Millis;

  constructor(options: OriginsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Whether a job may be sent there now. */
  admit({ origin: name, path }: Place): Verdict {
    const now = this.#now();
    const [after, verdict] = admit(this.#find(name, now), path, now);
    this.#keep(name, after, now);
    return verdict;
  }

  /** For a job that is sent whatever the origin does. */
  passOf({ origin: name }: Place): Pass {
    return passOf(this.#find(name, this.#now()));
  }

  /** @param outcome `redirected`: it answered, and what another place told counts for none of both */
  learn({ origin: name, path }: Place, pass: Pass, outcome: Outcome | 'redirected'): void {
    const now = this.#now();
    const before = this.#find(name, now);
    const after = learn(before, path, pass, toldBy(outcome), now, Math.random());
    if (after === before) return;
    this.#keep(name, after, now);
    if (after.kind === 'away' && before.kind !== 'away') this.#options.onAway(name, errorOf(outcome));
    if (after.kind !== 'away' && before.kind === 'away') this.#options.onBack(name, now - before.line.since);
  }

  /** How long a job waits whose attempt sent nothing; `null`: the attempt counts. */
  waitWith({ origin: name, path }: Place): Millis | null {
    const now = this.#now();
    const waits = waitWith(this.#find(name, now), path, now);
    if (waits === null) return null;
    this.#keep(name, waits[0], now);
    return waits[1];
  }

  #find(name: string, now: Millis): Origin {
    return this.#well.get(name) ?? this.#troubled.get(name)?.origin ?? newOrigin(now);
  }

  #keep(name: string, origin: Origin, now: Millis): void {
    const wasTroubled = this.#troubled.delete(name);
    if (!wasTroubled && !this.#well.has(name) && !this.#hasRoom(now)) return;
    if (isWell(origin)) {
      this.#well.set(name, origin);
    } else {
      this.#well.delete(name);
      this.#troubled.set(name, { origin, askedAt: now });
    }
  }

  /** For one more, which another may have made. */
  #hasRoom(now: Millis): boolean {
    if (this.#well.size + this.#troubled.size < mostOrigins) return true;
    for (const name of this.#well.keys()) return this.#well.delete(name);
    for (const [name, { askedAt }] of this.#troubled) return now - askedAt > idleAfter && this.#troubled.delete(name);
    return false;
  }
}

function toldBy(outcome: Outcome | 'redirected'): Parameters<typeof learn>[3] {
  if (outcome === 'redirected') return { cause: null, asked: null };
  const cause = outcome.kind === 'returned' ? 'returned' : outcome.result.cause;
  return { cause, asked: (outcome.kind === 'failed' && outcome.retryAfter) || null };
}

const errorOf = (outcome: Outcome | 'redirected'): string =>
  typeof outcome === 'object' && 'result' in outcome ? outcome.result.error : '';
