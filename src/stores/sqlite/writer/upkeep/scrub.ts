/**
 * The scrub: what is known twice is compared with the records. Each noun gives its part. The first step makes all checks and
 * begins the first walk; the others go on where the one before ended. SQLite itself keeps its indexes true to their tables.
 */
import type { WriterHandlers } from '../../calls/calls.ts';

export interface Found {
  readonly checked: number;
  /** Put right. */
  readonly wrong: number;
}

export interface Slice extends Found {
  /** Where the next slice goes on; `null`: the walk is over. */
  readonly next: string | null;
}

/** By the kind of what may be wrong. */
export interface ScrubPart {
  /** Looks at `limit` records at most, about. */
  readonly checks: Readonly<Record<string, (limit: number) => Found>>;
  /** Looks at the next `limit` records; `after` null: at the first ones. */
  readonly walks: Readonly<Record<string, (after: string | null, limit: number) => Slice>>;
}

/** A walk under way, or the first one. */
const cursorPattern = /^(\w+) (.*)$/s;

export function makeScrub(parts: readonly ScrubPart[]): WriterHandlers['upkeep']['scrub'] {
  const checks = parts.flatMap((part) => Object.entries(part.checks));
  const walks = parts.flatMap((part) => Object.entries(part.walks));
  const placeOf = (cursor: string | null): { readonly at: number; readonly after: string | null } | null => {
    const [, kind, after = ''] = cursorPattern.exec(cursor ?? '') ?? [];
    const at = walks.findIndex(([name]) => name === kind);
    return at < 0 ? null : { at, after: after === '' ? null : after };
  };

  return (cursor, limit) => {
    let checked = 0;
    const repaired: Record<string, number> = {};
    const add = (kind: string, found: Found): void => {
      checked += found.checked;
      if (found.wrong > 0) repaired[kind] = found.wrong;
    };
    const place = placeOf(cursor);
    if (place === null) for (const [kind, check] of checks) add(kind, check(limit));
    let after = place?.after ?? null;
    let left = limit;
    for (const [kind, walk] of walks.slice(place?.at ?? 0)) {
      if (left <= 0) return { next: `${kind} `, checked, repaired };
      const slice = walk(after, left);
      add(kind, slice);
      if (slice.next !== null) return { next: `${kind} ${slice.next}`, checked, repaired };
      after = null;
      left -= slice.checked;
    }
    return { next: null, checked, repaired };
  };
}
