/**
 * Pushes jobs for what the journal tells, each entry once in the cluster: the jobs of a page and the place behind it are kept in one step,
 * which is done only if the place is still where it was. Any node may do it; one that has lost a place to another leaves it to that for
 * a while, the longer the later it joined.
 */
import type { Millis } from '../core/duration.ts';
import type { EventCause } from '../core/event-cause.ts';
import type { Clock } from '../ports/clock.ts';
import type { JournalEntry } from '../ports/store/journal.ts';
import type { Store } from '../ports/store/store.ts';
import type { Rules } from './rules.ts';

export interface JournalFollower {
  /** It has a place, from which it goes on. */
  begin(): Promise<void>;
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
  /** By which that is decided; `null`: no rules do. */
  readonly rules: Pick<Rules, 'version' | 'catchUp'> | null;
  /** From nothing that was written before this anything follows, in Unix milliseconds of the store's clock. */
  since(): number;
  /** Of this node among those that are live (rank.ts). */
  rank(): Promise<number>;
  isStopping(): boolean;
  /** Entries that were written before this were swept before anybody had seen them; `null`: there are none left. */
  onGap(before: number | null): void;
  onPushed(): void;
}

const pageSize = 100;
/** Of what is only passed. */
const oldPageSize = 1_000;
/** With more causes the page ends. */
const mostCauses = 1_000;
/** Nobody stands there: the answer tells where the reader of this name does. */
const nowhere = -1;
/** The store keeps one more than the number of the entry: 0 is a reader that never stood anywhere. */
const kept = (seq: number): number => seq + 1;
/** For each rank, how long the place must have stood still while there was more. */
const patience: Millis = 2_000;

interface Page {
  readonly causes: readonly EventCause[];
  readonly to: number;
  /** All of it was written before anybody listened: the place may stay where it is until there is something else. */
  readonly isOld?: true;
}

/** Up to where the journal is old, by rules of this version. */
interface Passed {
  readonly to: number;
  readonly rules: number | null;
}

export function makeJournalFollower(parts: FollowerParts): JournalFollower {
  const { store, clock } = parts;
  let known = nowhere;
  let knownSince = Number.NEGATIVE_INFINITY;
  let passed: Passed | null = null;
  /** This node was the last to move the place. */
  let isMine: boolean = false;
  let underWay: Promise<void> | null = null;
  let isAsked: boolean = false;

  /** @param from as the store keeps it */
  const step = (from: number, to: number, causes: readonly EventCause[], rules: number | null) =>
    store.journal.publish({
      ...{ events: [], rules, follow: { name: parts.name, from, to: kept(to) } },
      causes: causes.map((cause) => ({ ...cause, event: null })),
    });

  function learn(at: number): void {
    if (at === known) return;
    knownSince = clock.monotonic();
    known = at;
    passed = null;
  }

  /** Where the reader stands, which begins where the journal is when it is asked for first. */
  async function look(): Promise<void> {
    const answer = await step(nowhere, 0, [], null);
    if (answer.kind !== 'moved') return;
    if (answer.at > 0) return learn(answer.at - 1);
    const { newest } = await store.journal.entries(Number.MAX_SAFE_INTEGER, 1);
    const begun = await step(0, newest.seq, [], null);
    learn(begun.kind === 'moved' ? begun.at - 1 : newest.seq);
  }

  async function read(rules: number | null): Promise<Page | null> {
    const behind = passed?.rules === rules ? passed.to : null;
    const from = behind ?? known;
    const { entries, gap, newest } = await store.journal.entries(from, behind === null ? pageSize : oldPageSize);
    if (gap !== null) parts.onGap(entries[0]?.at ?? null);
    // A store that was rewound has the place rewound with it, unless somebody has set it since.
    if (gap === 'rewound') return { causes: [], to: newest.seq };
    const last = entries.at(-1);
    if (last === undefined) return from > known ? { causes: [], to: from } : null;
    const since = parts.since();
    if (entries.every(({ at }) => at < since)) return { causes: [], to: last.seq, isOld: true };
    const causes: EventCause[] = [];
    let to = from;
    for (const entry of entries) {
      const those = await parts.causesOf(entry);
      if (causes.length > 0 && causes.length + those.length > mostCauses) return { causes, to };
      causes.push(...those);
      to = entry.seq;
    }
    return { causes, to };
  }

  async function isOthersTurn(): Promise<boolean> {
    return !isMine && clock.monotonic() - knownSince < (await parts.rank()) * patience;
  }

  async function round(): Promise<void> {
    await look();
    while (!parts.isStopping()) {
      const rules = parts.rules?.version() ?? null;
      if (parts.rules !== null && rules === null) {
        // They are half read. What they would miss now would be gone: the place moves on behind it.
        await parts.rules.catchUp();
        continue;
      }
      const page = await read(rules);
      if (page === null || (await isOthersTurn())) return;
      if (page.isOld) {
        passed = { to: page.to, rules };
        continue;
      }
      const answer = await step(kept(known), page.to, page.causes, rules);
      isMine = answer.kind === 'published' || (isMine && answer.kind === 'stale');
      if (answer.kind === 'stale') await parts.rules?.catchUp();
      else learn(answer.kind === 'moved' ? answer.at - 1 : page.to);
      if (answer.kind === 'published' && page.causes.length > 0) parts.onPushed();
      if (answer.kind === 'moved') return;
    }
  }

  /** What is told while it reads for the last time is looked for once more. */
  async function rounds(): Promise<void> {
    do {
      isAsked = false;
      await round();
    } while (isAsked && !parts.isStopping());
  }

  return {
    begin: look,
    tick() {
      isAsked = true;
      underWay ??= rounds().finally(() => {
        underWay = null;
      });
      return underWay;
    },
  };
}
