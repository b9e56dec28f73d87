/** Time zones by their IANA names: when their clocks are set to another offset. Times here are whole Unix seconds. */

import { malformed, shown } from '../malformed.ts';
import { didYouMean } from '../nearest.ts';
import { Recent } from './recent.ts';

/** A time within which a zone's offset stays the same; it ends with a year (UTC) at the latest. */
export interface Span {
  readonly from: number;
  /** The first second that does not belong to it. */
  readonly until: number;
  /** Seconds that the zone's clocks are ahead of UTC. */
  readonly offset: number;
  /** The offset just before it: less, and the clocks were put forward; more, and they were put back. */
  readonly before: number;
}

const everlasting: Span = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, offset: 0, before: 0 };

/** The years of the zones that were asked for lately: at most so many of each. */
const zones = new Recent<Map<number, readonly Span[]>>(512);
const mostYears = 64;

/** Zones that are UTC under all their names need no look at a table. */
const utcNames = new Set(['UTC', 'Etc/UTC', 'Z', 'GMT', 'Etc/GMT', 'UCT', 'Etc/UCT', 'Zulu', 'Etc/Zulu', 'Universal', 'Etc/Universal']);

/** The span in which this second lies. */
export function spanAt(zone: string, second: number): Span {
  if (utcNames.has(zone)) return everlasting;
  const year = new Date(second * 1_000).getUTCFullYear();
  const years = zones.get(zone, () => new Map());
  const spans = years.get(year) ?? readSpans(zone, year);
  if (!years.has(year)) {
    if (years.size === mostYears) years.clear();
    years.set(year, spans);
  }
  return spans.findLast((span) => span.from <= second) ?? everlasting;
}

/** Two changes of one zone's offset are further apart than this: a test of all zones says so. */
const stride = 7 * 86_400;

/** A moment at which a zone's clocks are set to another offset. */
export interface Change {
  readonly at: number;
  readonly before: number;
  readonly offset: number;
}

/** A look at the changes of a zone goes through so many spans at most: about 30 years with daylight saving. */
const mostSpans = 96;

/** The changes after the first of these seconds and up to the last, the oldest first, as far as the look goes. */
export function changesBetween(zone: string, after: number, until: number): readonly Change[] {
  const changes: Change[] = [];
  let span = spanAt(zone, after);
  for (let looked = 0; looked < mostSpans && span.until <= until; looked++) {
    span = spanAt(zone, span.until);
    if (span.offset !== span.before) changes.push({ at: span.from, before: span.before, offset: span.offset });
  }
  return changes;
}

/** Of a year in UTC. */
function readSpans(zone: string, year: number): readonly Span[] {
  const offsetAt = offsetsOf(zone);
  const start = Date.UTC(year, 0, 1) / 1_000;
  const end = Date.UTC(year + 1, 0, 1) / 1_000;
  const changes = [{ from: start, offset: offsetAt(start), before: offsetAt(start - 1) }];
  let before = offsetAt(start);
  for (let from = start; from < end; from += stride) {
    const to = Math.min(from + stride, end - 1);
    const offset = offsetAt(to);
    if (offset !== before) changes.push({ from: changeBetween(offsetAt, from, to, before), offset, before });
    before = offset;
  }
  return changes.map((change, at) => ({ ...change, until: changes[at + 1]?.from ?? end }));
}

/** The first second with another offset. */
function changeBetween(offsetAt: (second: number) => number, from: number, to: number, before: number): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

function offsetsOf(zone: string): (second: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', second: 'numeric' });
  return (second) => {
    const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(format.format(second * 1_000)) ?? [];
    const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0);
    return sign === '-' ? -offset : offset;
  };
}

/** The longest name of a zone has 32 characters. */
const longestName = 64;
/** Names, with whether they are known; others than those of `supportedValuesOf` are, too. */
const names = new Recent<boolean>(1_024);

/**
 * Throws `malformed_trigger` for what is no name of the IANA time zone database.
 *
 * @param at where it stands in the arguments
 */
export function checkZone(zone: string, at: number): void {
  if (zone.length <= longestName && /^[A-Za-z]/.test(zone) && names.get(zone, () => isKnown(zone))) return;
  const meant = zone.length <= longestName ? didYouMean(zone, Intl.supportedValuesOf('timeZone')) : '';
  throw malformed(
    `There is no time zone ${shown(zone)}${meant || '.'} Give a name of the IANA database, such as Europe/Berlin, or UTC.`,
    at,
  );
}

function isKnown(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
