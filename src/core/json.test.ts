import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactJson, findMember, findRepeated, indentJson, jsonIdentity, nestsDeeper } from './json.ts';

/** JSON texts as people and programs write them: with blanks anywhere, escapes, repeated keys. */
const blank = fc.constantFrom('', '', ' ', '\n', '\t', '\r\n ');
const string = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"\\u0041\\/"', '"\\\\"', '"{[,:]}"', '"\\""', '" a "'),
);
/**
 * No key ends with a backslash: where V8 13.6 (Node 24) has seen an object with such a key, `JSON.parse` reads the key
 * `"\\""` in its place as a backslash, so it cannot be compared with.
 */
const key = string.filter((text) => !text.endsWith('\\\\"'));
const number = fc.constantFrom('0', '-0', '1.0', '1e400', '12345678901234567890', '-1.5E-3');
const { value: jsonText } = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, string, number, fc.constantFrom('true', 'false', 'null'), tie('array'), tie('object')),
  array: fc
    .tuple(fc.array(fc.tuple(blank, tie('value'), blank), { maxLength: 4 }), blank)
    .map(([items, inner]) => `[${items.length === 0 ? inner : items.map((item) => item.join('')).join(',')}]`),
  object: fc.tuple(fc.array(fc.tuple(blank, key, blank, blank, tie('value'), blank), { maxLength: 4 }), blank).map(([members, inner]) => {
    const texts = members.map(([a, name, b, c, value, d]) => `${a}${name}${b}:${c}${value}${d}`);
    return `{${texts.length === 0 ? inner : texts.join(',')}}`;
  }),
}));
const padded = fc.tuple(blank, jsonText, blank).map((parts) => parts.join(''));
/** Lone surrogates and -0 come out alike on both sides, so the parsed values may be compared as they are. */
const parsed = (text: string): unknown => JSON.parse(text);

describe('compactJson', () => {
  it('takes away the blanks between tokens and nothing else', () => {
    fc.assert(
      fc.property(padded, (text) => {
        const compact = compactJson(text);
        expect(parsed(compact)).toEqual(parsed(text));
        expect(compact.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')).not.toMatch(/\s/);
        expect(compactJson(compact)).toBe(compact);
      }),
      { numRuns: 500 },
    );
  });

  it('is what JSON.stringify writes, for what it can write', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(compactJson(JSON.stringify(parsed(text), null, 3))).toBe(JSON.stringify(parsed(text)));
      }),
    );
  });

  it('keeps digits and escapes as they came', () => {
    expect(compactJson(' { "a" : 1.0 , "\\u0061" : [ 12345678901234567890 ] } ')).toBe('{"a":1.0,"\\u0061":[12345678901234567890]}');
  });
});

describe('indentJson', () => {
  it('leaves a text as it is that would become many times as long', () => {
    const deep = `${'['.repeat(1_000)}${'1,'.repeat(100_000)}1${']'.repeat(1_000)}`;
    expect(indentJson(` ${deep} `)).toBe(deep);
  });

  it('is what JSON.stringify writes with two blanks', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(indentJson(text)).toBe(JSON.stringify(parsed(text), null, 2));
      }),
    );
  });

  it('keeps the value and loses its blanks again', () => {
    fc.assert(
      fc.property(padded, (text) => {
        expect(parsed(indentJson(text))).toEqual(parsed(text));
        expect(compactJson(indentJson(text))).toBe(compactJson(text));
      }),
      { numRuns: 500 },
    );
  });
});

describe('jsonIdentity', () => {
  it('is one text for what other programs escape and space in their own way', () => {
    const python = '{"text": "\\u00fc \\u20ac\\/", "big": 12345678901234567890, "list": [1.0, "\\u0022"]}';
    expect(jsonIdentity(python)).toBe('{"text":"ü €/","big":12345678901234567890,"list":[1.0,"\\""]}');
    for (const [a, b] of [
      ['12345678901234567890', '12345678901234567891'],
      ['"a b"', '"ab"'],
      ['"\\\\u0041"', '"A"'],
    ] as const) {
      expect(jsonIdentity(a)).not.toBe(jsonIdentity(b));
    }
  });

  it('keeps the value, and is what JSON.stringify writes of texts', () => {
    fc.assert(
      fc.property(padded, (text) => {
        const identity = jsonIdentity(text);
        expect(parsed(identity)).toEqual(parsed(text));
        expect(jsonIdentity(indentJson(identity))).toBe(identity);
      }),
      { numRuns: 500 },
    );
    const written = fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text));
    fc.assert(fc.property(written, (text) => jsonIdentity(text) === text));
  });
});

describe('findMember', () => {
  const find = (text: string, key: string): string | undefined => {
    const span = findMember(text, (each) => each === key);
    return span === null ? undefined : text.slice(span.start, span.end);
  };

  it('finds what JSON.parse finds, for every key', () => {
    fc.assert(
      fc.property(padded, (text) => {
        const value = parsed(text);
        const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
        for (const [key, member] of members) expect(parsed(find(text, key) ?? '')).toEqual(member);
        expect(find(text, 'a key that is not there')).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives the bytes as they came, without the blanks around', () => {
    expect(find('{"payload" :  { "n" : 1.0 }  , "x":1}', 'payload')).toBe('{ "n" : 1.0 }');
    expect(find('{"a":12}', 'a')).toBe('12');
    expect(find('{"a":"\\"}"}', 'a')).toBe('"\\"}"');
    expect(find('\n{"a": null\n}', 'a')).toBe('null');
  });

  it('takes the last of repeated keys, decoded', () => {
    expect(find('{"a":1,"\\u0061":2}', 'a')).toBe('2');
  });

  it('asks about the decoded key', () => {
    const span = findMember('{"PayLoad":1}', (key) => key.toLowerCase() === 'payload');
    expect(span).toEqual({ start: 11, end: 12 });
  });

  it.each(['[{"a":1}]', '"a"', 'null', '{}', '{"b":{"a":1}}'])('finds nothing at the top of %s', (text) =>
    expect(find(text, 'a')).toBeUndefined(),
  );
});

describe('findRepeated', () => {
  it.each([
    ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}', null],
    ['["a","a"]', null],
    ['{"a":"a","b":["a:","b","b"]}', null],
    ['{"a":{"b":1,"c":[{}],"b" : 2}}', 'b'],
    ['[{"x":1},{"y":"{","\\u0079":1}]', 'y'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"":1,"a":{},"":2}', ''],
    ['"a"', null],
  ])('of %s is %j', (text, key) => expect(findRepeated(text)).toBe(key));

  it('finds none in what JSON.stringify wrote', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => findRepeated(JSON.stringify(value)) === null));
  });
});

describe('nestsDeeper', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

  it('agrees with the depth of the value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const depth = depthOf(parsed(text));
        expect(nestsDeeper(text, depth)).toBe(false);
        if (depth > 0) expect(nestsDeeper(text, depth - 1)).toBe(true);
      }),
    );
  });

  it('answers for a hundred thousand brackets, closed or not', () => {
    expect(nestsDeeper('['.repeat(100_000), 512)).toBe(true);
    expect(nestsDeeper(`"${'['.repeat(1_000)}"`, 0)).toBe(false);
  });
});
