/** How far long work is, on stderr: a bar on a terminal, a line now and then elsewhere. */
export interface Progress {
  add(count: number): void;
  /** Removes the bar. */
  end(): void;
}

export interface ProgressOptions {
  /** What is counted, such as `pushed`. */
  readonly done: string;
  /** The part that is done, 0 to 1; `null`: nobody knows. */
  readonly part: () => number | null;
  /** Whether stderr is a terminal that shows nothing else. */
  readonly bar: boolean;
  write(text: string): void;
}

/** Short work shows nothing. */
const quietFor = { bar: 500, lines: 10_000 };
const every = { bar: 100, lines: 10_000 };
const barWidth = 30;
const clearLine = '\r\x1b[K';

export function makeProgress(options: ProgressOptions): Progress {
  const started = performance.now();
  const kind = options.bar ? 'bar' : 'lines';
  let count = 0;
  let next = started + quietFor[kind];
  let shown = false;

  return {
    add(more) {
      count += more;
      const now = performance.now();
      if (now < next) return;
      next = now + every[kind];
      const text = describe(count, options.done, options.part(), (now - started) / 1_000, options.bar);
      options.write(options.bar ? `${clearLine}${text}` : `${text}\n`);
      shown = options.bar;
    },
    end() {
      if (shown) options.write(clearLine);
      shown = false;
    },
  };
}

function describe(count: number, done: string, part: number | null, seconds: number, withBar: boolean): string {
  const amount = `${grouped(count)} ${done}, ${grouped(Math.round(count / seconds))}/s`;
  if (part === null || part <= 0) return amount;
  const left = Math.ceil((seconds * (1 - part)) / part);
  const percent = `${Math.floor(part * 100)} %`;
  if (!withBar) return `${amount}, ${percent}, ${left} s left`;
  const filled = Math.round(part * barWidth);
  return `[${'#'.repeat(filled)}${' '.repeat(barWidth - filled)}] ${percent}  ${amount}, ${left} s left`;
}

const grouped = (count: number): string => count.toLocaleString('en');
