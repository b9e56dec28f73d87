/**
 * Pushes jobs for what the journal tells, each entry once in the cluster: the jobs of a page and the place behind it are kept in one step,
 * which is done only if the place is still where it was. Any node may do it; those that did not join first leave it to the others for
 * as long as these go on.
 */
import type { Millis } from '../core/duration.ts';
import type { EventCause } from '../core/event-cause.ts';
import type { Clock } from '../ports/clock.ts';
import type { JournalEntry } from '../ports/store/journal.ts';
import type { Store } from '../ports/store/store.ts';

export interface JournalFollower {
  /** All that has been told so far; resolves when nothing is left, or it is another node's turn. */
  tick(): Promise<void>;
}

export interface FollowerParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Under which the store keeps its place. */
  readonly name: string;
  /** What follows from an entry. */
  causesOf(entry: JournalEntry): Promise<readonly EventCause[]>;
  /** Of the rules by which that is decided; `null`: there are none. */
  rules(): number | null;
  /** The rules have changed: to be read before it is decided again. */
  catchUp(): Promise<void>;
  /** Of this node among those that are live (rank.ts). */
  rank(): Promise<number>;
  isStopping(): boolean;
  /** Entries that were written before this were swept before anybody had seen them; `null`: there are none left. */
  onGap(before: number | null): void;
  onPushed(): void;
}

const pageSize = 100;
/** With more causes the page ends. */
const mostCauses = 1_000;
/** Nobody stands there: the answer tells where the reader of this name does. */
const nowhere = -1;
/** For each rank, how long the place must have stood still while there was more. */
const patience: Millis = 2_000;

interface Page {
  readonly causes: readonly EventCause[];
  readonly to: number;
}

export function makeJournalFollower(parts: FollowerParts): JournalFollower {
  const { store, clock } = parts;
  let known = nowhere;
  let knownSince = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | null = null;

  const step = (from: number, to: number, causes: readonly EventCause[], rules: number | null) =>
    store.journal.publish({
      ...{ events: [], rules, follow: { name: parts.name, from, to } },
      causes: causes.map((cause) => ({ ...cause, event: null })),
    });

  function learn(at: number): void {
    if (at !== known) knownSince = clock.monotonic();
    known = at;
  }

  async function look(): Promise<void> {
    const answer = await step(nowhere, 0, [], null);
    if (answer.kind !== 'moved') return;
    // It begins where the journal is when it is asked for first.
    const { newest } = answer.at === 0 ? await store.journal.entries(Number.MAX_SAFE_INTEGER, 1) : { newest: null };
    if (newest !== null && newest.seq > 0) await step(0, newest.seq, [], null);
    learn(newest?.seq ?? answer.at);
  }

  async function read(): Promise<Page | null> {
    const { entries, gap, newest } = await store.journal.entries(known, pageSize);
    if (gap !== null) parts.onGap(entries[0]?.at ?? null);
    // A store that was rewound has the place rewound with it, unless somebody has set it since.
    if (gap === 'rewound') return { causes: [], to: newest.seq };
    const causes: EventCause[] = [];
    let to = known;
    for (const entry of entries) {
      const those = await parts.causesOf(entry);
      if (causes.length > 0 && causes.length + those.length > mostCauses) return { causes, to };
      causes.push(...those);
      to = entry.seq;
    }
    return entries.length === 0 ? null : { causes, to };
  }

  async function isOthersTurn(): Promise<boolean> {
    return clock.monotonic() - knownSince < (await parts.rank()) * patience;
  }

  async function round(): Promise<void> {
    await look();
    while (!parts.isStopping()) {
      const rules = parts.rules();
      const page = await read();
      if (page === null || (await isOthersTurn())) return;
      const answer = await step(known, page.to, page.causes, rules);
      if (answer.kind === 'stale') await parts.catchUp();
      else learn(answer.kind === 'moved' ? answer.at : page.to);
      if (answer.kind === 'published' && page.causes.length > 0) parts.onPushed();
      if (answer.kind === 'moved') return;
    }
  }

  return {
    tick() {
      underWay ??= round().finally(() => {
        underWay = null;
      });
      return underWay;
    },
  };
}
