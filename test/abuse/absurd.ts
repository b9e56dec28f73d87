/** Texts and values that nobody means, as they come in addresses, fields and bodies. */
import fc from 'fast-check';

const texts = [
  ...['', ' ', '\t', '.', '..', '/', '//', '\\', '"', "'", '`', '%', '%00', '%zz', '+', '&', '=', '#', '?', ';', ',', '*', ':', '-', '--'],
  ...['null', 'true', 'undefined', 'NaN', 'Infinity', '[]', '{}', '__proto__', 'constructor', 'toString', 'hasOwnProperty'],
  ...['0', '-0', '-1', '00', '007', '1.5', '1e3', '0x10', '1_000', '٣', '９', '2147483648', '4294967296', '9007199254740993'],
  ...['9223372036854775807', '9223372036854775808', '18446744073709551616', '9'.repeat(25), '1e309', '-9'.repeat(30)],
  ...['\u0000', 'a\u0000b', '\u0007', '\u001b[31mred', '\r\nX-Injected: yes', '\u007f', '\u0085', '\u2028', '\ufeff', '\ufffe'],
  ...['\ud800', '\udfff', 'a\ud83d', '\u202eabc\u202c', '\u2066x', 'e\u0301', 'ﬁ', '🎩', '👨‍👩‍👧‍👦', '\u{10ffff}'],
  ...['🎩'.repeat(500), 'x'.repeat(1_025), 'x'.repeat(70_000), ' '.repeat(5_000), '((((((((((a*)*)*)*)*)*)*)*)*)*b', '(a{1,1000}){1,1000}'],
  ...['../../etc/passwd', "'; DROP TABLE jobs; --", '<script>alert(1)</script>', '{{7*7}}', `\${env}`, '2026-02-30', '25:61', '1s1', '-5m'],
  ...[
    '9999999999999999d',
    '1e9s',
    'P1D',
    'tomorrow',
    'http://',
    'http:///x',
    'file:///etc/passwd',
    'javascript:1',
    '//x',
    'http://[::1',
    'http://:80',
  ],
];

export const absurdText: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...texts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
);

/** What JSON can write and `JSON.stringify` does not. */
const tokens = [
  ...[
    '-0',
    '1e999',
    '-1e999',
    '1E400',
    '0.1e-999',
    '1.0',
    '10e-1',
    '9007199254740993',
    '123456789012345678901234567890',
    '1'.repeat(2_000),
  ],
  ...[
    '"\\ud800"',
    '"\\u0000"',
    '"\\/"',
    '{"a":1,"a":2}',
    '{"":{"":{"":0}}}',
    '{"__proto__":{"admin":true}}',
    `${'['.repeat(90)}${']'.repeat(90)}`,
  ],
  ...[
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    `${'{"a":'.repeat(300)}0${'}'.repeat(300)}`,
    `[${'0,'.repeat(11_000)}0]`,
    ' 1 ',
    '[1 ,2]',
  ],
  // No JSON at all.
  ...['NaN', 'undefined', '01', '+1', '.5', '1.', "'a'", '[1,]', '{a:1}', '/* */1', '\u00a01', '"\t"'],
];

const mark = '\u0001';
const token: fc.Arbitrary<string> = fc.nat(tokens.length - 1).map((at) => `${mark}${at}${mark}`);

export const absurdValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { a: 1 }, { '': '' }, [{}], { length: 1 }),
  fc.constantFrom<unknown>(
    0,
    -1,
    0.5,
    1e9,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 63,
    8.64e15,
    8.64e15 + 1,
    1e300,
    -1e300,
    Number.MIN_VALUE,
  ),
  absurdText,
  token,
  fc.jsonValue({ maxDepth: 3 }),
);

/** As JSON, with each token as it is. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value).replace(/"\\u0001(\d+)\\u0001"/g, (_, at: string) => tokens[Number(at)] ?? 'null');

export type Encoding = 'usual' | 'all' | 'lower' | 'raw' | 'plus' | 'twice' | 'surrogates';
export const encodings: readonly Encoding[] = ['usual', 'all', 'lower', 'raw', 'plus', 'twice', 'surrogates'];

/** As a part of an address. What cannot stand there in any case is encoded. */
export function encoded(text: string, how: Encoding): string {
  const bytes = (piece: string): string =>
    [...Buffer.from(piece)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  const usual = encodeURIComponent(text.toWellFormed());
  switch (how) {
    case 'usual':
      return usual;
    case 'all':
      return bytes(text);
    case 'lower':
      return bytes(text).toLowerCase();
    case 'raw':
      return text.replace(/[^\x21-\x7e]/gu, bytes);
    case 'plus':
      return usual.replaceAll('%20', '+');
    case 'twice':
      return encodeURIComponent(usual);
    case 'surrogates':
      // As UTF-8 would have them if it had them.
      return text.replace(/[^\x21-\x7e]/g, (unit) => {
        const code = unit.charCodeAt(0);
        return `%${(0xe0 | (code >> 12)).toString(16)}%${(0x80 | ((code >> 6) & 63)).toString(16)}%${(0x80 | (code & 63)).toString(16)}`;
      });
  }
}
