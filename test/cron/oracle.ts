/**
 * What cron expressions mean, by brute force: walks through time minute by minute, asks Intl each time what the clocks show, and
 * looks whether the expression names that. Shares no code with what it is compared to.
 */

/** Seconds, minutes, hours, days, months and weekdays. */
type Sets = readonly [
  ReadonlySet<number>,
  ReadonlySet<number>,
  ReadonlySet<number>,
  ReadonlySet<number>,
  ReadonlySet<number>,
  ReadonlySet<number>,
];

export interface Expression {
  readonly sets: Sets;
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
  readonly isFixed: boolean;
  readonly seconds: readonly number[];
}

const bounds = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

/** Six fields of numbers. */
export function readExpression(text: string): Expression {
  const fields = text.split(' ');
  const set = (at: 0 | 1 | 2 | 3 | 4 | 5): ReadonlySet<number> => {
    const [least, most] = bounds[at];
    const values = new Set<number>();
    for (const part of (fields[at] ?? '').split(',')) {
      const [range = '', step] = part.split('/');
      const isWild = range === '*' || range === '?';
      const [first = '', last] = isWild ? [`${least}`, `${most}`] : range.split('-');
      const end = last ?? (step === undefined ? first : `${most}`);
      for (let value = Number(first); value <= Number(end); value++) {
        if ((value - Number(first)) % Number(step ?? 1) === 0) values.add(at === 5 && value === 7 ? 0 : value);
      }
    }
    return values;
  };
  const isAny = (at: number): boolean => (fields[at] ?? '').split(',').some((part) => /^[*?](\/1)?$/.test(part));
  const isNamed = (at: 1 | 2): boolean => !/[*?/]/.test(fields[at] ?? '') && set(at).size <= bounds[at][1];
  const sets: Sets = [set(0), set(1), set(2), set(3), set(4), set(5)];
  return {
    sets,
    anyDay: isAny(3),
    anyWeekday: isAny(5),
    isFixed: isNamed(1) && isNamed(2),
    seconds: [...sets[0]].toSorted((a, b) => a - b),
  };
}

/** What a zone's clocks show then, as if it were UTC. Both in Unix seconds. */
export function wallClock(zone: string): (second: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  return (second) => {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, rest = 0] = (format.format(second * 1_000).match(/\d+/g) ?? []).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, rest) / 1_000;
  };
}

export type Choice = { readonly gap: 'once' | 'skip'; readonly fold: 'first' | 'last' | 'both' };
export const usualChoice = ({ isFixed }: Expression): Choice => (isFixed ? { gap: 'once', fold: 'first' } : { gap: 'skip', fold: 'both' });

/** A stretch of time in a zone, walked step by step; for zones whose offsets are whole steps. */
export class Walk {
  readonly from: number;
  readonly until: number;
  readonly #step: number;
  readonly #walls: readonly number[];
  readonly #first = new Map<number, number>();
  readonly #last = new Map<number, number>();
  /** By the step behind it: what the clocks left out. */
  readonly #missing = new Map<number, readonly number[]>();

  /** @param step in seconds: 60, or 1 where offsets have seconds */
  constructor(zone: string, from: number, until: number, step: 60 | 1 = 60) {
    this.from = from;
    this.until = until;
    this.#step = step;
    const wallAt = wallClock(zone);
    this.#walls = Array.from({ length: (until - from) / step }, (_, at) => wallAt(from + at * step));
    for (const [at, wall] of this.#walls.entries()) {
      if (!this.#first.has(wall)) this.#first.set(wall, at);
      this.#last.set(wall, at);
      const before = this.#walls[at - 1] ?? wall;
      if (wall - before > step) this.#missing.set(at, missingBetween(before, wall, step));
    }
  }

  /** The first second after this one at which it is due; `null`: none in this stretch. */
  nextAfter(expression: Expression, { gap, fold }: Choice, after: number): number | null {
    const step = this.#step;
    for (let at = Math.max(0, Math.floor((after + 1 - this.from) / step)); at < this.#walls.length; at++) {
      const wall = this.#walls[at] ?? 0;
      const start = this.from + at * step;
      const missing = gap === 'once' && start > after ? (this.#missing.get(at) ?? []) : [];
      if (missing.some((each) => isDue(expression, each, step) !== null)) return start;
      const due = isDue(expression, wall, step, after - start);
      if (due === null) continue;
      const isChosen = fold === 'both' || (fold === 'first' ? this.#first : this.#last).get(wall) === at;
      if (isChosen) return start + due;
    }
    return null;
  }
}

/** What the clocks would have shown between two steps, and did not. */
function missingBetween(before: number, wall: number, step: number): readonly number[] {
  const missing: number[] = [];
  for (let each = before + step; each < wall; each += step) missing.push(each);
  return missing;
}

/** The first second of this step, later than `after` within it, that it names. */
function isDue({ sets, anyDay, anyWeekday, seconds }: Expression, wall: number, step: number, after = -1): number | null {
  const [, minutes, hours, days, months, weekdays] = sets;
  if (!minutes.has(Math.floor(wall / 60) % 60) || !hours.has(Math.floor(wall / 3_600) % 24)) return null;
  const date = new Date(wall * 1_000);
  if (!months.has(date.getUTCMonth() + 1)) return null;
  const [day, weekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
  if (!(anyDay || anyWeekday ? day && weekday : day || weekday)) return null;
  return seconds.map((second) => second - (wall % 60)).find((second) => second > after && second >= 0 && second < step) ?? null;
}

/** Where the clocks of a zone are changed between these two times: the steps of so many hours (UTC) within which it happens. */
export function changes(zone: string, from: number, until: number, hours = 1): readonly number[] {
  const wallAt = wallClock(zone);
  const step = hours * 3_600;
  const found: number[] = [];
  let before = wallAt(from) - from;
  for (let time = from + step; time <= until; time += step) {
    const offset = wallAt(time) - time;
    if (offset !== before) found.push(time - step);
    before = offset;
  }
  return found;
}
