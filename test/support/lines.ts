/** The lines that a server writes, as they come. */
import type { Readable } from 'node:stream';
import { makeChanges } from './changes.ts';

export interface Lines {
  /** Those written so far. */
  readonly lines: readonly string[];
  /** Resolves with the first one, written or to be written, that matches; rejects when `ended` comes first, saying how. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves once it is true; looks at each line. */
  seen(isTrue: () => boolean): Promise<void>;
}

/** @param ended resolves with how the process ended, after its last line */
export function collectLines(streams: readonly Readable[], ended: Promise<unknown>): Lines {
  const lines: string[] = [];
  const { changed, seen } = makeChanges();
  for (const stream of streams) {
    // A line ends with a line feed, behind a carriage return on a terminal: U+2028, at which readline ends one too, may stand in a JSON text.
    let rest = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      const whole = `${rest}${text}`.split(/\r?\n/);
      rest = whole.pop() ?? '';
      lines.push(...whole);
      changed();
    });
    stream.once('end', () => {
      if (rest !== '') lines.push(rest);
      changed();
    });
  }
  return {
    lines,
    seen,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        let looked = 0;
        void seen(() => {
          const found = lines.slice(looked).find((line) => pattern.test(line));
          looked = lines.length;
          if (found !== undefined) resolve(found);
          return found !== undefined;
        });
        void ended.then((how) => reject(new Error(`the server ended without writing ${pattern} (${how}):\n${lines.join('\n')}`)));
      }),
  };
}
