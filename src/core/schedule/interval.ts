/** Lengths of time in triggers: as Hatstand writes them (`1d12h`), and as Go does (`1.5h`, `500ms`, `1h30m`). */
import { formatDuration, longestDuration, type Millis } from '../duration.ts';
import { malformed, shown } from '../malformed.ts';
import type { Word } from '../words.ts';

const units: Readonly<Record<string, Millis>> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1 },
  ...{ s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 },
};
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)/y;

/** Milliseconds, with a fraction if it has one. Throws `malformed_trigger`, also for what is negative or beyond ten years. */
export function parseLength({ text, at }: Word): Millis {
  if (text.startsWith('-')) throw malformed(`The length of time ${shown(text)} is negative.`, at);
  const unsigned = text.startsWith('+') ? text.slice(1) : text;
  if (unsigned === '0') return 0;
  const sign = text.length - unsigned.length;
  let total = 0;
  let end = 0;
  part.lastIndex = 0;
  for (let match = part.exec(unsigned); match !== null; match = part.exec(unsigned)) {
    total += Number(match[1]) * (units[match[2] ?? ''] ?? 0);
    end = part.lastIndex;
  }
  if (end === 0 || end !== unsigned.length) {
    throw malformed(`A length of time is expected, such as "90s", "1h30m" or "1d", not ${shown(text)}.`, at + sign + end);
  }
  if (total > longestDuration) throw malformed(`A length of time is at most 3653d (ten years), not ${shown(text)}.`, at);
  return total;
}

/** How often something runs: whole seconds, at least one. Throws `malformed_trigger`. */
export function parseInterval(word: Word): Millis {
  const length = parseLength(word);
  // Sums of fractions, such as 0.1s ten times, are as whole as they are meant.
  const every = Math.round(length);
  if (every < 1_000) throw malformed(`The shortest interval is 1s, not ${shown(word.text)}.`, word.at);
  if (every % 1_000 !== 0 || Math.abs(length - every) > 1e-3) {
    const whole = formatDuration(Math.max(1_000, Math.floor(every / 1_000) * 1_000));
    throw malformed(`An interval is of whole seconds, such as ${whole}, not ${shown(word.text)}.`, word.at);
  }
  return every;
}
