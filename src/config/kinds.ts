/** The kinds of values that keys take: how each is read from a TOML value and from text. */
import { parseDuration } from '../core/duration.ts';
import type { ListenAddress } from './settings.ts';

export interface Kind<T> {
  /** One word for the reference. */
  readonly label: string;
  /** Completes "must be …". */
  readonly expected: string;
  /** All that it takes, where that is a set of words. */
  readonly words?: readonly string[];
  /** From a TOML value; `null` when it is not what is expected. */
  read(raw: unknown): { readonly value: T } | null;
  /** From the text of an environment variable or a flag to what `read` takes. */
  fromText(text: string): unknown;
}

const asIs = (text: string): unknown => text;

export function whole(min: number, max: number): Kind<number> {
  return {
    label: 'integer',
    expected: `a whole number from ${min} to ${max}`,
    read: (raw) => (typeof raw === 'number' && Number.isInteger(raw) && raw >= min && raw <= max ? { value: raw } : null),
    fromText: (text) => (/^-?\d{1,16}$/.test(text.trim()) ? Number(text) : text),
  };
}

/** As `whole`, where 0 stands for none. */
export function wholeOrNone(max: number): Kind<number | null> {
  const kind = whole(0, max);
  const expected = `${kind.expected}; 0: none`;
  return {
    ...kind,
    expected,
    read(raw) {
      const read = kind.read(raw);
      return read === null ? null : { value: read.value === 0 ? null : read.value };
    },
  };
}

/** Whole seconds, as a number or as a duration. */
export function seconds(min: number, max: number): Kind<number> {
  const isWithin = (value: number): boolean => Number.isInteger(value) && value >= min && value <= max;
  return {
    label: 'duration',
    expected: `a whole number of seconds from ${min} to ${max}, or a duration of so many such as "30s" or "1m30s"`,
    read(raw) {
      const value = typeof raw === 'string' ? secondsOf(raw.trim()) : raw;
      return typeof value === 'number' && isWithin(value) ? { value } : null;
    },
    fromText: asIs,
  };
}

function secondsOf(text: string): number {
  try {
    return /^\d{1,16}$/.test(text) ? Number(text) : parseDuration(text, 'it') / 1_000;
  } catch {
    return Number.NaN;
  }
}

export const truth: Kind<boolean> = {
  label: 'boolean',
  expected: 'true or false',
  read: (raw) => (typeof raw === 'boolean' ? { value: raw } : null),
  fromText(text) {
    const word = text.trim().toLowerCase();
    return ['true', '1', 'yes', 'on'].includes(word) ? true : ['false', '0', 'no', 'off'].includes(word) ? false : text;
  },
};

export function oneOf<T extends string>(words: readonly T[], aliases: Readonly<Record<string, T>> = {}): Kind<T> {
  return {
    label: 'string',
    expected: `one of ${words.join(', ')}`,
    words: [...words, ...Object.keys(aliases)],
    read(raw) {
      if (typeof raw !== 'string') return null;
      const word = raw.toLowerCase();
      const found = words.find((each) => each === word) ?? aliases[word];
      return found === undefined ? null : { value: found };
    },
    fromText: asIs,
  };
}

/** Text that stands for a value: `accept` answers the value, or `undefined` when the text is not `expected`. */
export function text<T>(expected: string, accept: (text: string) => T | undefined): Kind<T> {
  return {
    label: 'string',
    expected,
    read(raw) {
      const value = typeof raw === 'string' ? accept(raw) : undefined;
      return value === undefined ? null : { value };
    },
    fromText: asIs,
  };
}

/** A list; as text its items stand between commas. */
export function listOf(expected: string, isItem: (item: string) => boolean): Kind<readonly string[]> {
  return {
    label: 'list of strings',
    expected,
    read: (raw) => (Array.isArray(raw) && raw.every((item) => typeof item === 'string' && isItem(item)) ? { value: raw } : null),
    fromText: (items) =>
      items
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
  };
}

/** Exactly this list of numbers, for a key of HQ's that has one fixed value here. */
export function exactly(numbers: readonly number[]): Kind<readonly number[]> {
  const written = `[${numbers.join(', ')}]`;
  return {
    label: 'list of integers',
    expected: `${written}, the only value that is supported`,
    read: (raw) => (JSON.stringify(raw) === JSON.stringify(numbers) ? { value: numbers } : null),
    fromText: (items) =>
      items
        .replace(/[[\]\s]/g, '')
        .split(',')
        .map(Number),
  };
}

/** `host:port`, `:port` (every IPv4 address of the machine) or `[IPv6]:port`. */
export function parseAddress(written: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^\s:[\]/]*)):(\d{1,5})$/.exec(written);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return undefined;
  return { host: match[1] ?? (match[2] === '' ? '0.0.0.0' : (match[2] ?? '')), port };
}
