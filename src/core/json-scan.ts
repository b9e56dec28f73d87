/**
 * Reads JSON in steps of any length, without building anything and without recursion: it tells where the text stops being
 * JSON, counts what stands in it, and remembers where the parts of its outermost object or array stand. So what a text would
 * cost can be known, and refused, before it is parsed, and others have their turn while a long one is read.
 */
import type { Span } from './json.ts';
import { backslash, closeBrace, closeBracket, colon, comma, isBlank, openBrace, openBracket, quote } from './json-codes.ts';

/** An element of the outermost array, or a member of the outermost object. */
export interface Part extends Span {
  /** Where its key stands, with its quotes; `null` in an array. */
  readonly key: Span | null;
}

export interface ScanBounds {
  /** Parts whose places are remembered. */
  readonly parts: number;
}

const plain = /[\u0020\u0021\u0023-\u005b\u005d-\uffff]*/y;
const unicodeEscape = /\\u[0-9a-fA-F]{4}/y;
const shortEscapes: ReadonlySet<number> = new Set(['"', '\\', '/', 'b', 'f', 'n', 'r', 't'].map((char) => char.charCodeAt(0)));
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** What may stand at the place that has been reached. */
type State = 'value' | 'first element' | 'first key' | 'key' | 'colon' | 'after' | 'over';

export class JsonScan {
  readonly #text: string;
  readonly #bounds: ScanBounds;
  /** What closes all that is open, innermost last. */
  readonly #open: number[] = [];
  #state: State = 'value';
  #at = 0;
  #expected: string | null = null;
  #key: Span | null = null;
  #partStart = 0;
  #deepest = 0;
  #values = 0;
  #partCount = 0;
  readonly #parts: Part[] = [];

  constructor(text: string, bounds: ScanBounds = { parts: 0 }) {
    this.#text = text;
    this.#bounds = bounds;
  }

  /** Where it stands; at the end, where the text stops being JSON. */
  get position(): number {
    return this.#at;
  }

  /** What could have stood at the position; `null` as long as all is JSON. */
  get expected(): string | null {
    return this.#expected;
  }

  /** Levels of objects and arrays. */
  get deepest(): number {
    return this.#deepest;
  }

  /** Values of every level, keys not counted. */
  get values(): number {
    return this.#values;
  }

  /** How many parts the outermost object or array has, also beyond those that are remembered. */
  get partCount(): number {
    return this.#partCount;
  }

  /** In the order of the text; a key that stands twice has two. */
  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Reads on for about so many characters; a text or a number is read whole. Answers whether it goes on. */
  step(characters: number): boolean {
    const until = this.#at + characters;
    while (this.#state !== 'over' && this.#at < until) this.#next();
    return this.#state !== 'over';
  }

  #next(): void {
    const text = this.#text;
    let code = text.charCodeAt(this.#at);
    while (isBlank(code)) code = text.charCodeAt(++this.#at);
    switch (this.#state) {
      case 'first element':
      case 'first key':
        if (code === this.#open.at(-1)) this.#close();
        else if (this.#state === 'first key') this.#readKey(code);
        else this.#value(code);
        break;
      case 'value':
        this.#value(code);
        break;
      case 'key':
        this.#readKey(code);
        break;
      case 'colon':
        this.#readColon(code);
        break;
      default:
        this.#after(code);
    }
  }

  #value(code: number): void {
    if (this.#open.length === 1) this.#partStart = this.#at;
    if (code === openBrace || code === openBracket) {
      this.#at += 1;
      this.#open.push(code === openBrace ? closeBrace : closeBracket);
      this.#values += 1;
      if (this.#open.length > this.#deepest) this.#deepest = this.#open.length;
      this.#state = code === openBrace ? 'first key' : 'first element';
    } else if (code === quote ? this.#readText() : this.#readScalar()) {
      this.#values += 1;
      this.#ended();
    }
  }

  #readScalar(): boolean {
    scalar.lastIndex = this.#at;
    if (!scalar.test(this.#text)) {
      this.#fail('a value');
      return false;
    }
    this.#at = scalar.lastIndex;
    return true;
  }

  /** Whether a text stands here, without a fault. */
  #readText(): boolean {
    const text = this.#text;
    this.#at += 1;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === quote) {
        this.#at += 1;
        return true;
      }
      if (code === backslash) {
        if (!this.#readEscape()) return false;
      } else if (code >= 0x20) {
        plain.lastIndex = this.#at;
        plain.test(text);
        this.#at = plain.lastIndex;
      } else {
        this.#fail(this.#at >= text.length ? 'the closing quote of a text' : 'no control character in a text');
        return false;
      }
    }
  }

  #readEscape(): boolean {
    const named = shortEscapes.has(this.#text.charCodeAt(this.#at + 1));
    unicodeEscape.lastIndex = this.#at;
    if (!named && !unicodeEscape.test(this.#text)) {
      this.#fail('an escape such as \\n or \\u0041');
      return false;
    }
    this.#at += named ? 2 : 6;
    return true;
  }

  #readKey(code: number): void {
    const start = this.#at;
    if (code !== quote) this.#fail('a text in double quotes');
    else if (this.#readText()) {
      if (this.#open.length === 1) this.#key = { start, end: this.#at };
      this.#state = 'colon';
    }
  }

  #readColon(code: number): void {
    if (code === colon) {
      this.#at += 1;
      this.#state = 'value';
    } else this.#fail('":"');
  }

  #after(code: number): void {
    const close = this.#open.at(-1);
    if (close === undefined) {
      if (this.#at < this.#text.length) this.#fail('the end of the text');
      else this.#state = 'over';
    } else if (code === comma) {
      this.#at += 1;
      this.#state = close === closeBrace ? 'key' : 'value';
    } else if (code === close) this.#close();
    else this.#fail(`"," or "${String.fromCharCode(close)}"`);
  }

  #close(): void {
    this.#at += 1;
    this.#open.pop();
    this.#ended();
  }

  /** A value has ended where it stands. */
  #ended(): void {
    this.#state = 'after';
    if (this.#open.length !== 1) return;
    this.#partCount += 1;
    if (this.#partCount <= this.#bounds.parts) this.#parts.push({ key: this.#key, start: this.#partStart, end: this.#at });
    this.#key = null;
  }

  #fail(expected: string): void {
    this.#expected = expected;
    this.#state = 'over';
  }
}
