/** The figures of one bench. */
import { median } from './statistics.ts';

/** One round's measurement of one side. */
export interface Measured {
  readonly value: number;
  /** Of all processes of that side, a server of its own included. */
  readonly cpuMicrosPerJob: number | null;
}

export interface Figure {
  readonly what: string;
  /** Whom it is compared with; `null`: nobody, only the target counts. */
  readonly peer: string | null;
  readonly unit: string;
  /** Which way is better. */
  readonly better: 'higher' | 'lower';
  /** What the ratio should be at least; without a peer, what our value should reach. `null`: told, not promised. */
  readonly target: number | null;
  readonly ours: readonly Measured[];
  /** Of the same rounds, in the same order; or one value that was measured elsewhere. */
  readonly theirs: readonly Measured[] | number | null;
}

export interface Report {
  add(figure: Figure): void;
  /** The table, on stderr. */
  print(): void;
}

interface Line {
  readonly bench: string;
  readonly what: string;
  readonly peer: string | null;
  readonly ours: number;
  readonly theirs: number | null;
  /** How many times better ours is. */
  readonly ratio: number;
  readonly unit: string;
  readonly rounds: number;
  readonly target: number | null;
  readonly met: boolean | null;
}

const short = (value: number): number => Number(value.toPrecision(4));

export function openReport(bench: string, rounds: number): Report {
  const rows: string[][] = [];
  return {
    add(figure) {
      const line = lineOf(bench, figure, rounds);
      console.log(JSON.stringify(line));
      rows.push(rowOf(line, figure));
    },
    print() {
      const head = ['what', 'beside', 'ours', 'theirs', 'unit', 'ratio', 'target', '', 'CPU µs/job', 'theirs'];
      console.error(`\n${tableOf([head, ...rows])}\n`);
    },
  };
}

function lineOf(bench: string, figure: Figure, rounds: number): Line {
  const { what, peer, unit, target } = figure;
  const ours = median(figure.ours.map(({ value }) => value));
  const theirs = theirsOf(figure);
  const ratio = ratioOf(figure, ours);
  const met = target === null ? null : peer === null ? ratio >= 1 : ratio >= target;
  return {
    bench,
    what,
    peer,
    ours: short(ours),
    theirs: theirs === null ? null : short(theirs),
    ratio: short(ratio),
    unit,
    rounds,
    target,
    met,
  };
}

function theirsOf({ theirs }: Figure): number | null {
  if (theirs === null || typeof theirs === 'number') return theirs;
  return median(theirs.map(({ value }) => value));
}

/** The median of the rounds' own ratios; without a peer, how far beyond the target it is. */
function ratioOf(figure: Figure, ours: number): number {
  const { theirs, target, better } = figure;
  const times = (mine: number, other: number): number => (better === 'higher' ? mine / other : other / mine);
  if (theirs === null) return target === null ? 1 : times(ours, target);
  if (typeof theirs === 'number') return times(ours, theirs);
  return median(figure.ours.map((mine, round) => times(mine.value, theirs[round]?.value ?? Number.NaN)));
}

function rowOf(line: Line, figure: Figure): string[] {
  const cpu = (side: readonly Measured[] | number | null): string => {
    if (side === null || typeof side === 'number' || side.some((each) => each.cpuMicrosPerJob === null)) return '';
    return median(side.map((each) => each.cpuMicrosPerJob ?? 0)).toFixed(1);
  };
  const number = (value: number | null): string => (value === null ? '' : value.toLocaleString('en-US', { maximumSignificantDigits: 4 }));
  const promise = line.peer === null ? (figure.better === 'higher' ? '≥ ' : '≤ ') : '≥ ×';
  return [
    line.what,
    line.peer ?? '',
    number(line.ours),
    number(line.theirs),
    line.unit,
    `×${number(line.ratio)}`,
    line.target === null ? '' : `${promise}${number(line.target)}`,
    line.met === null ? '' : line.met ? 'met' : 'MISSED',
    cpu(figure.ours),
    cpu(figure.theirs),
  ];
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const isText = (column: number): boolean => [0, 1, 4, 7].includes(column);
  return rows
    .map((row) =>
      row.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
    )
    .join('\n');
}
