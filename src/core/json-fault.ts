/** Where a text stops being JSON, for people: `JSON.parse` gives no position for many faults, and quotes the text. */

export interface JsonFault {
  /** Index into the text, from 0. */
  readonly position: number;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** What could have stood there. */
  readonly expected: string;
}

const blanks = /[ \t\r\n]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** `null` when the text is valid JSON. Works without recursion, so nesting of any depth is read. */
export function findJsonFault(text: string): JsonFault | null {
  const scan = makeScan(text);
  const position = scan.run();
  if (position === null) return null;
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  return { position, line, column: position - before.lastIndexOf('\n'), expected: scan.expected() };
}

interface Scan {
  /** The position of the first fault; `null` when there is none. */
  run(): number | null;
  expected(): string;
}

function makeScan(text: string): Scan {
  /** The brackets that close what is open, innermost last. */
  const open: ('}' | ']')[] = [];
  let at = 0;
  let expected = 'a value';

  function match(pattern: RegExp): boolean {
    pattern.lastIndex = at;
    const matched = pattern.test(text);
    if (matched) at = pattern.lastIndex;
    return matched;
  }

  function take(char: string): boolean {
    match(blanks);
    if (text.charAt(at) !== char) return false;
    at += 1;
    return true;
  }

  function wants(what: string, met: boolean): boolean {
    if (!met) expected = what;
    return met;
  }

  function string(): boolean {
    if (!take('"')) return wants('a text in double quotes', false);
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        at += 1;
        return true;
      }
      if (code === 0x5c) {
        if (!wants('an escape such as \\n or \\u0041', match(escapeSequence))) return false;
      } else if (wants('no control character in a text', code >= 0x20)) at += 1;
      else return false;
    }
    return wants('the closing quote of a text', false);
  }

  const key = (): boolean => string() && wants('":"', take(':'));

  /** A scalar, or the beginning of an object or array up to its first value. `closed`: an empty one, or a scalar. */
  function value(): 'fault' | 'opened' | 'closed' {
    match(blanks);
    const char = text.charAt(at);
    if (char === '"') return string() ? 'closed' : 'fault';
    if (char !== '{' && char !== '[') return wants('a value', match(scalar)) ? 'closed' : 'fault';
    at += 1;
    const close = char === '{' ? '}' : ']';
    if (take(close)) return 'closed';
    open.push(close);
    return char === '[' || key() ? 'opened' : 'fault';
  }

  /** Closes all that ends here and goes to the next value; `end`: nothing is open any more. */
  function next(): 'fault' | 'value' | 'end' {
    for (let close = open.at(-1); close !== undefined; close = open.at(-1)) {
      if (take(',')) return close === ']' || key() ? 'value' : 'fault';
      if (!wants(`"," or "${close}"`, take(close))) return 'fault';
      open.pop();
    }
    match(blanks);
    return wants('the end of the text', at === text.length) ? 'end' : 'fault';
  }

  return {
    expected: () => expected,
    run() {
      for (;;) {
        const kind = value();
        if (kind === 'fault') return at;
        if (kind === 'opened') continue;
        const after = next();
        if (after !== 'value') return after === 'end' ? null : at;
      }
    },
  };
}
