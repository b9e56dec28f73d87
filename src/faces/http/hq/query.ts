/** Query and form values as HQ (Go's strconv) reads them; one that cannot be read is refused with 400 and Go's text. */
import type { FastifyRequest } from 'fastify';
import { badRequest } from './refusal.ts';

/** By lower-case key, the first of each: names count without regard to case. */
export type Values = ReadonlyMap<string, string>;

export function valuesOf(pairs: Iterable<readonly [string, string]>): Values {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, value);
  }
  return values;
}

export function queryOf(request: FastifyRequest): Values {
  const query = request.query as Readonly<Record<string, string | readonly string[]>>;
  return valuesOf(Object.entries(query).map(([name, value]) => [name, typeof value === 'string' ? value : (value[0] ?? '')]));
}

const bounds = { ParseInt: [-(2n ** 63n), 2n ** 63n - 1n], ParseUint: [0n, 2n ** 64n - 1n] } as const;
/** Characters of the least and the greatest of them. */
const longestWhole = 20;
const shapes = { ParseInt: /^[+-]?\d+$/, ParseUint: /^\d+$/ } as const;

/** An empty text is zero. */
export function parseWhole(text: string, by: 'ParseInt' | 'ParseUint'): bigint {
  if (text === '') return 0n;
  if (!shapes[by].test(text)) throw senseless(by, text, 'invalid syntax');
  const [least, most] = bounds[by];
  const digits = text.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1');
  // Longer ones are out of range, and making a number of very many digits takes seconds.
  const value = digits.length > longestWhole ? most + 1n : BigInt(digits);
  if (value < least || value > most) throw senseless(by, text, 'value out of range');
  return value;
}

const truths: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False', ''].map((word) => [word, false])),
};

export function parseBool(text: string): boolean {
  const value = Object.hasOwn(truths, text) ? truths[text] : undefined;
  if (value === undefined) throw senseless('ParseBool', text, 'invalid syntax');
  return value;
}

function senseless(by: string, text: string, why: string): Error {
  return badRequest(`strconv.${by}: parsing ${JSON.stringify(text.slice(0, 100))}: ${why}`);
}
