/**
 * Pushes jobs for what the journal tells, each entry once in the cluster: the jobs of a page and the place behind it are kept in one step,
 * which is done only if the place is still where it was. Any node may do it; one that has lost a place to another leaves it to that for
 * a while, the longer the later it joined.
 *
 * An entry that causes more than one step takes is told in several, and the place says that it is begun. Its jobs carry keys, so that
 * whoever begins with it again pushes none twice, also when it causes less by then; a part of a window may be gathered twice.
 */
import type { Millis } from '../core/duration.ts';
import { type EventCause, sizeOfCause } from '../core/event-cause.ts';
import type { Clock } from '../ports/clock.ts';
import type { JournalEntry, Published } from '../ports/store/journal.ts';
import type { Store } from '../ports/store/store.ts';
import type { Rules } from './rules.ts';

export interface JournalFollower {
  /** It has a place, from which it goes on. */
  begin(): Promise<void>;
  /** All that has been told so far; resolves when nothing is left, or it is another node's turn. */
  tick(): Promise<void>;
}

/** `number`: of its event in the entry, whoever reads that. An event causes one at most for each owner. */
export type FollowerCause = EventCause & { readonly number: number };

type Causes = AsyncIterable<FollowerCause> | Iterable<FollowerCause>;

export interface FollowerParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Under which the store keeps its place. */
  readonly name: string;
  /** What follows from an entry: gone through once. */
  causesOf(entry: JournalEntry): Promise<Causes>;
  /** By which that is decided; `null`: no rules do. */
  readonly rules: Pick<Rules, 'version' | 'catchUp'> | null;
  /** From nothing that was written before this anything follows, in Unix milliseconds of the store's clock. */
  since(): number;
  /** Where a reader begins that never stood anywhere: behind all that is told by then, or before all that was told from `since` on. */
  readonly begins: 'now' | 'since';
  /** Of this node among those that are live (rank.ts). */
  rank(): Promise<number>;
  isStopping(): boolean;
  /** Entries that were written before this were swept before anybody had seen them; `null`: there are none left. */
  onGap(before: number | null): void;
  onPushed(): void;
  /**
   * Jobs were not pushed into these queues, which are closed, or limits are reached; `null`: it waits until they are open, and no limit
   * refuses its jobs.
   */
  readonly onRefused: ((queues: readonly string[]) => void) | null;
}

const pageSize = 100;
/** Of what is only passed. */
const oldPageSize = 1_000;
/** What travels in one step, but one cause at least. */
const most = { causes: 1_000, characters: 4 * 1024 * 1024 } as const;
/** Nobody stands there: the answer tells where the reader of this name does. */
const nowhere = -1;

/** All that is told up to an entry, and of the one behind it so many steps. */
interface Place {
  readonly seq: number;
  readonly steps: number;
}

/** Steps are counted in the bits above the number of any entry, and from one again behind so many: places are below 10^15. */
const stepUnit = 2 ** 45;
const mostSteps = 16;
/** As one number. Of the entry it keeps one more than its number: 0 is a reader that never stood anywhere. */
const kept = ({ seq, steps }: Place): number => seq + 1 + steps * stepUnit;
const placeOf = (at: number): Place => ({ seq: (at % stepUnit) - 1, steps: Math.floor(at / stepUnit) });
const behind = (seq: number): Place => ({ seq, steps: 0 });

/** For each rank, how long the place must have stood still while there was more. */
const patience: Millis = 2_000;

interface Step {
  readonly causes: readonly FollowerCause[];
  readonly characters: number;
}

interface Page {
  readonly causes: readonly EventCause[];
  readonly to: number;
  /** Of an entry that causes more than one step takes: the further ones. */
  readonly further: AsyncIterable<readonly EventCause[]> | readonly [];
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
  let known = behind(nowhere);
  let knownSince = Number.NEGATIVE_INFINITY;
  let passed: Passed | null = null;
  /** This node was the last to move the place. */
  let isMine: boolean = false;
  let underWay: Promise<void> | null = null;
  let isAsked: boolean = false;

  const step = (from: number, to: Place, causes: readonly EventCause[], rules: number | null) =>
    store.journal.publish({
      ...{ events: [], rules, follow: { name: parts.name, from, to: kept(to), waits: parts.onRefused === null } },
      causes: causes.map((cause) => ('job' in cause ? { job: cause.job, event: null } : { part: cause.part, event: null })),
    });

  function learn(at: Place): void {
    if (kept(at) === kept(known)) return;
    knownSince = clock.monotonic();
    known = at;
    passed = null;
  }

  /** Where the reader stands. */
  async function look(): Promise<void> {
    const answer = await step(nowhere, behind(nowhere), [], null);
    if (answer.kind !== 'moved') return;
    if (answer.at > 0) return learn(placeOf(answer.at));
    const { newest } = await store.journal.entries(Number.MAX_SAFE_INTEGER, 1);
    const first = behind(parts.begins === 'now' ? newest.seq : await newestBefore(parts.since(), newest.seq));
    const begun = await step(0, first, [], null);
    learn(begun.kind === 'moved' ? placeOf(begun.at) : first);
  }

  /** The number of the newest entry that was written before, or the one before the oldest. Each step halves what is left. */
  async function newestBefore(time: number, newest: number): Promise<number> {
    const [oldest] = (await store.journal.entries(0, 1)).entries;
    let [before, end] = [oldest === undefined ? newest : oldest.seq - 1, newest];
    while (before < end) {
      const middle = Math.floor((before + end) / 2);
      const [next] = (await store.journal.entries(middle, 1)).entries;
      if (next !== undefined && next.at < time) before = next.seq;
      else end = middle;
    }
    return before;
  }

  async function read(rules: number | null): Promise<Page | null> {
    const old = passed?.rules === rules ? passed.to : null;
    const from = old ?? known.seq;
    const { entries, gap, newest } = await store.journal.entries(from, old === null ? pageSize : oldPageSize);
    if (gap !== null) parts.onGap(entries[0]?.at ?? null);
    // A store that was rewound has the place rewound with it, unless somebody has set it since.
    if (gap === 'rewound') return { causes: [], to: newest.seq, further: [] };
    const last = entries.at(-1);
    if (last === undefined) return from > known.seq ? { causes: [], to: from, further: [] } : null;
    const since = parts.since();
    if (entries.every(({ at }) => at < since)) return { causes: [], to: last.seq, further: [], isOld: true };
    return pageOf(entries, from);
  }

  /** @param from it is told from there on */
  async function pageOf(entries: readonly JournalEntry[], from: number): Promise<Page> {
    const causes: EventCause[] = [];
    let [characters, to] = [0, from];
    for (const entry of entries) {
      const steps = stepsOf(await parts.causesOf(entry));
      const first = (await steps.next()).value ?? noStep;
      const second = (await steps.next()).value;
      const isMuch = causes.length + first.causes.length > most.causes || characters + first.characters > most.characters;
      const isLong = second !== undefined || known.steps > 0;
      // One that is begun is the first behind the place, which moves up to it before.
      if ((causes.length > 0 && isMuch) || (to > known.seq && isLong)) break;
      if (isLong) {
        const keyed = (each: Step): readonly EventCause[] => each.causes.map((cause) => withKey(cause, parts.name, entry));
        return { causes: keyed(first), to: entry.seq, further: second === undefined ? [] : followedBy(second, steps, keyed) };
      }
      causes.push(...first.causes);
      characters += first.characters;
      to = entry.seq;
    }
    return { causes, to, further: [] };
  }

  function tellRefused(answer: Published, causes: readonly EventCause[]): void {
    if (answer.kind !== 'published' || parts.onRefused === null) return;
    const refused = answer.causes.flatMap(({ kind }, at) => {
      const cause = causes[at];
      return (kind === 'closed' || kind === 'limited') && cause !== undefined && 'job' in cause ? cause.job.queue : [];
    });
    if (refused.length > 0) parts.onRefused([...new Set(refused)]);
  }

  /** `null`: it is stopping. */
  async function tell({ causes, to, further }: Page, rules: number | null): Promise<Published | null> {
    let now = causes;
    for await (const next of further) {
      const begun = { seq: known.seq, steps: (known.steps % mostSteps) + 1 };
      const answer = await step(kept(known), begun, now, rules);
      tellRefused(answer, now);
      if (answer.kind !== 'published') return answer;
      learn(begun);
      parts.onPushed();
      if (parts.isStopping()) return null;
      now = next;
    }
    const answer = await step(kept(known), behind(to), now, rules);
    tellRefused(answer, now);
    return answer;
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
      const answer = await tell(page, rules);
      // Where it waits it looks again in the next round.
      if (answer === null || answer.kind === 'closed') return;
      isMine = answer.kind === 'published' || (isMine && answer.kind === 'stale');
      if (answer.kind === 'stale') await parts.rules?.catchUp();
      else learn(answer.kind === 'moved' ? placeOf(answer.at) : behind(page.to));
      if (answer.kind === 'published' && page.causes.length > 0) parts.onPushed();
      if (answer.kind === 'moved') return;
    }
  }

  /** What is told while it reads for the last time is looked for once more. */
  async function rounds(): Promise<void> {
    try {
      do {
        isAsked = false;
        await round();
      } while (isAsked && !parts.isStopping());
    } finally {
      // In the same turn: whoever asks later begins other rounds.
      underWay = null;
    }
  }

  return {
    begin: look,
    tick() {
      isAsked = true;
      underWay ??= rounds();
      return underWay;
    },
  };
}

const noStep: Step = { causes: [], characters: 0 };

async function* stepsOf(all: Causes): AsyncGenerator<Step, undefined> {
  let causes: FollowerCause[] = [];
  let characters = 0;
  for await (const cause of all) {
    const size = sizeOfCause(cause);
    if (causes.length > 0 && (causes.length >= most.causes || characters + size > most.characters)) {
      yield { causes, characters };
      [causes, characters] = [[], 0];
    }
    causes.push(cause);
    characters += size;
  }
  if (causes.length > 0) yield { causes, characters };
  return undefined;
}

async function* followedBy<T>(first: Step, others: AsyncIterable<Step>, made: (step: Step) => T): AsyncIterable<T> {
  yield made(first);
  for await (const step of others) yield made(step);
}

/** The same at whichever node, also when its record says something else by then; another in a store that was rewound. */
function withKey(cause: FollowerCause, name: string, { seq, at }: JournalEntry): EventCause {
  if ('part' in cause) return cause;
  const key = JSON.stringify(['follow', name, seq, at, cause.number, cause.job.owner]);
  return { job: { ...cause.job, idempotency: { key, digest: 'follow' } } };
}
