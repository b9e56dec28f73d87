/** What may be asked of the store as a whole. */
import type { Millis } from '../../core/duration.ts';
import { conditionOf, type NodeRecord } from '../../core/node.ts';
import { readUnreadableId, type UnreadableId, unreadableText } from '../../core/unreadable.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Scrubbed, UnreadablePage, UnreadableRecord } from '../../ports/store/upkeep.ts';
import type { ClockCheck } from '../clock-check.ts';
import { readThrough } from '../readable.ts';

export interface Examined extends Scrubbed {
  /** What somebody should see to, each in one sentence; told by the first part, what cannot be read by the last. */
  readonly warnings: readonly string[];
}

export interface Upkeep {
  /**
   * Compares what the store keeps beside its records (indexes, counters) with them, and repairs it; then reads all that there is, and
   * sets aside what nobody can read: a part that takes about a second.
   *
   * @param cursor `null` begins; then what the part before answered as `next`, until that is `null`
   */
  examine(cursor: string | null): Promise<Examined>;
  /** Records that nobody can read. */
  unreadable(from: UnreadableId | null, limit: number): Promise<UnreadablePage>;
  /** The one of this name; `null`: there is none. */
  raw(id: UnreadableId): Promise<UnreadableRecord | null>;
  /** Removes it for good. Answers whether there was one. */
  discard(id: UnreadableId): Promise<boolean>;
}

export interface UpkeepParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly clockCheck: ClockCheck;
  readonly log: Logger;
  /** What this node knows that somebody should see to, beside what the store does. */
  readonly warnings?: readonly string[] | undefined;
  /** There may be something to claim. */
  wake(): void;
}

/** What a cursor begins with when the store is through, and all is read. */
const reading = 'read ';
/** Records that cannot be read and are told one by one. */
const mostTold = 10;
const advice = (id: UnreadableId): string => {
  const argument = /^[\w.:/-]+$/.test(id) ? id : `'${id.replaceAll("'", "'\\''")}'`;
  return `"hatstand info ${argument} --raw" shows what is left of it, "hatstand delete ${argument}" removes it.`;
};

const partLasts: Millis = 1_000;
/** Records of one step, which keeps other calls waiting: on Redis as many take up to 50 ms. */
const perStep = 1_000;

export function makeUpkeep({ store, clock, clockCheck, log, warnings: ofNode = [], wake }: UpkeepParts): Upkeep {
  const allWarnings = async (): Promise<readonly string[]> => [
    ...ofNode,
    ...store.warnings,
    ...(await clockCheck.warnings()),
    ...warningsOf(await store.nodes.list()),
  ];

  async function readOn(from: string): Promise<string | null> {
    const next = await readThrough({ store, clock }, from === '' ? null : from);
    return next === null ? null : `${reading}${next}`;
  }

  async function tellUnreadable(): Promise<readonly string[]> {
    const { total, records } = await store.upkeep.unreadable(null, mostTold);
    const rest = total > records.length ? [`${total - records.length} more records cannot be read; GET /v1/unreadable lists them.`] : [];
    return [
      ...records.map(({ id, reason }) => `The ${unreadableText(id)} cannot be read and is set aside: ${reason}. ${advice(id)}`),
      ...rest,
    ];
  }

  return {
    unreadable: (from, limit) => store.upkeep.unreadable(from, limit),
    async raw(id) {
      if (readUnreadableId(id) === null) return null;
      const { records } = await store.upkeep.unreadable(id, 1);
      return records.find((record) => record.id === id) ?? null;
    },
    discard: (id) => store.upkeep.discard(id),
    async examine(cursor) {
      const until = clock.monotonic() + partLasts;
      const warnings = cursor === null ? await allWarnings() : [];
      const repaired: Record<string, number> = {};
      let checked = 0;
      let next = cursor;
      do {
        if (next?.startsWith(reading) === true) next = await readOn(next.slice(reading.length));
        else {
          const step = await store.upkeep.scrub(next, perStep);
          checked += step.checked;
          for (const [kind, count] of Object.entries(step.repaired)) repaired[kind] = (repaired[kind] ?? 0) + count;
          next = step.next ?? reading;
        }
      } while (next !== null && clock.monotonic() < until);
      if (Object.keys(repaired).length > 0) {
        log.warn('store.repaired', repaired);
        wake();
      }
      return { next, checked, repaired, warnings: next === null ? [...warnings, ...(await tellUnreadable())] : warnings };
    },
  };
}

function warningsOf(nodes: readonly NodeRecord[]): readonly string[] {
  const live = nodes.filter(({ state }) => state === 'live');
  const late = live.filter((node) => conditionOf(node) === 'late');
  const namesakes = [...Map.groupBy(live, ({ name }) => name)].filter(([, those]) => those.length > 1);
  const idle = live.length > 0 && live.every(({ mode }) => mode === 'draining');
  return [
    ...late.map(
      ({ incarnation, heardAgo }) =>
        `The node ${incarnation} was last heard from ${Math.round(heardAgo / 1_000)} s ago and its lease has expired; if it is dead, forget it.`,
    ),
    ...namesakes.map(([name, those]) => `${those.length} nodes have the name ${JSON.stringify(name)}; give each its own.`),
    ...(idle ? ['Every node is draining: no job starts.'] : []),
  ];
}
