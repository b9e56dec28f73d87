/** Splits a stream into its JSON values: one after the other, on lines of their own or not (NDJSON, or concatenated). */
import { isUtf8 } from 'node:buffer';
import { HatstandError } from '../../core/errors.ts';
import { findJsonFault } from '../../core/json-fault.ts';

export interface JsonText {
  readonly text: string;
  /** What the text means. */
  readonly value: unknown;
  /** Where it begins, from 1. */
  readonly line: number;
  readonly column: number;
}

/** A value, or what is wrong with the text that stands in the place of one, with its line in the details. */
export type Found = JsonText | HatstandError;

/** No value may be longer, in characters; a job's payload is far smaller. */
const maxLength = 32 * 1024 * 1024;
/** Whoever writes a value over several lines writes the next one at once. */
const patience = 1_000;

/**
 * Yields what each chunk completes, so that values go on as they come. What is no JSON, or no UTF-8, is an error in its
 * place, as soon as it is certain: values go on with the next line, or, when it was a value over several lines, with the next
 * line that begins with `{`.
 *
 * @param source names the stream in errors
 * @param onOpen told of the line of a value that does not end on it, when nothing more comes for a second
 * Throws `too_large`.
 */
export async function* jsonValues(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  onOpen: (line: number) => void = () => undefined,
): AsyncGenerator<readonly Found[]> {
  const splitter = new Splitter(source);
  let rest: Buffer = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const chunk of chunks) {
      clearTimeout(timer);
      const bytes = rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([rest, chunk]);
      const whole = bytes.length - cutLength(bytes);
      rest = bytes.subarray(whole);
      const found = splitter.feed(bytes.subarray(0, whole));
      if (found.length > 0) yield found;
      const { openLine } = splitter;
      if (openLine !== null) timer = setTimeout(() => onOpen(openLine), patience).unref();
    }
  } finally {
    clearTimeout(timer);
  }
  const last = [...splitter.feed(rest), ...splitter.end()];
  if (last.length > 0) yield last;
}

/** How many bytes at the end are the beginning of a character whose other bytes have not come yet. */
function cutLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const colon = 0x3a;
const comma = 0x2c;
const openBrace = 0x7b;
const openBracket = 0x5b;
const byteOrderMark = 0xfeff;
const isBlank = (code: number): boolean => code === 0x20 || code === newline || code === 0x0d || code === 0x09 || code === byteOrderMark;
const opens = (code: number): boolean => code === openBrace || code === openBracket;
const closes = (code: number): boolean => code === 0x7d || code === 0x5d;

/**
 * Where the next character stands: between values, in one, in one of its strings, or after a backslash there; or behind a
 * fault, where everything is passed over up to the end of the line, or up to a line that begins with `{`.
 */
type Place = 'between' | 'value' | 'string' | 'escape' | 'badLine' | 'badLines';

class Splitter {
  readonly #source: string;
  #text = '';
  /** The next character to look at. */
  #at = 0;
  #place: Place = 'between';
  /** Where the value under way begins. */
  #start = 0;
  /** What is open in it, innermost last. */
  #open: number[] = [];
  /** Its last character that is no blank. */
  #last = 0;
  #line = 1;
  /** Where the line begins, which may be before the text. */
  #lineStart = 0;
  #startLine = 1;
  #startColumn = 1;
  /** Where the newest fault was found, and the lines behind it that were passed over. */
  #faultLine = 0;
  #passed: { readonly from: number; readonly to: number } | null = null;

  constructor(source: string) {
    this.#source = source;
  }

  /** The line of a value that goes on after it; `null` when there is none. */
  get openLine(): number | null {
    const isOpen = this.#place === 'value' || this.#place === 'string' || this.#place === 'escape';
    return isOpen && this.#text.charCodeAt(this.#text.length - 1) === newline ? this.#startLine : null;
  }

  /** Whole characters, of which some may be no UTF-8. */
  feed(bytes: Buffer): readonly Found[] {
    const found: Found[] = [];
    if (isUtf8(bytes)) this.#feedText(bytes.toString('utf8'), found);
    else for (const line of linesOf(bytes)) this.#feedLine(line, found);
    return found;
  }

  /** What is left is complete, or wrong. */
  end(): readonly Found[] {
    const found: Found[] = [];
    if (this.#place === 'value' || this.#place === 'string' || this.#place === 'escape') this.#finish(found);
    this.#tellPassed(found);
    return found;
  }

  #feedLine(bytes: Buffer, found: Found[]): void {
    if (!isUtf8(bytes) && this.#place !== 'badLine' && this.#place !== 'badLines') {
      if (this.#place === 'between') this.#begin(this.#at);
      this.#refuse(
        new HatstandError('invalid_json', `${this.#where()} is not UTF-8, which JSON must be.`, { line: this.#startLine }),
        found,
      );
    }
    this.#feedText(bytes.toString('utf8'), found);
  }

  #feedText(text: string, found: Found[]): void {
    const from = this.#isOutside() ? this.#at : this.#start;
    this.#text = this.#text.slice(from) + text;
    this.#at -= from;
    this.#lineStart -= from;
    this.#start = 0;
    while (this.#at < this.#text.length) this.#step(this.#text.charCodeAt(this.#at), found);
    if (this.#isOutside() || this.#text.length <= maxLength) return;
    const message = `${this.#source}: the value that begins in line ${this.#startLine} is longer than ${maxLength} characters.`;
    throw new HatstandError('too_large', message, { line: this.#startLine });
  }

  #isOutside(): boolean {
    return this.#place === 'between' || this.#place === 'badLine' || this.#place === 'badLines';
  }

  #step(code: number, found: Found[]): void {
    switch (this.#place) {
      case 'between':
        if (!isBlank(code)) this.#begin(this.#at, code);
        this.#pass(code);
        break;
      case 'value':
        this.#stepValue(code, found);
        break;
      case 'string':
        this.#stepString(code, found);
        break;
      case 'escape':
        this.#place = 'string';
        this.#pass(code);
        break;
      case 'badLine':
        this.#pass(code);
        if (code === newline) this.#place = 'between';
        break;
      case 'badLines':
        this.#stepBadLines(code, found);
    }
  }

  /** What went over several lines is over where a line begins as a value does. */
  #stepBadLines(code: number, found: Found[]): void {
    if (code === openBrace && this.#at === this.#lineStart) {
      this.#tellPassed(found);
      this.#place = 'between';
      return;
    }
    if (!isBlank(code) && this.#line > this.#faultLine) this.#passed = { from: this.#passed?.from ?? this.#line, to: this.#line };
    this.#pass(code);
  }

  #tellPassed(found: Found[]): void {
    if (this.#passed === null) return;
    const { from, to } = this.#passed;
    const lines = from === to ? `line ${from} was` : `lines ${from} to ${to} were`;
    const message = `${this.#source}, ${lines} passed over: behind such a fault, the next value must begin its line.`;
    found.push(new HatstandError('invalid_json', message, { line: from }));
    this.#passed = null;
  }

  #begin(at: number, code = 0): void {
    this.#start = at;
    this.#startLine = this.#line;
    this.#startColumn = at - this.#lineStart + 1;
    this.#place = code === quote ? 'string' : 'value';
    this.#open = opens(code) ? [code] : [];
    this.#last = code;
  }

  #pass(code: number): void {
    this.#at += 1;
    if (code !== newline) return;
    this.#line += 1;
    this.#lineStart = this.#at;
  }

  #stepValue(code: number, found: Found[]): void {
    // A number or a word ends where something else begins.
    const isOver = this.#open.length === 0 && (isBlank(code) || code === quote || opens(code));
    // A line that begins as a value does, where none may stand: the one before it was not written to its end.
    const isCutOff = code === openBrace && this.#at === this.#lineStart && !this.#mayOpen();
    if (isOver || isCutOff) this.#finish(found, isCutOff);
    else this.#passInValue(code, found);
  }

  #passInValue(code: number, found: Found[]): void {
    this.#pass(code);
    if (isBlank(code)) return;
    this.#last = code;
    if (code === quote) this.#place = 'string';
    else if (opens(code)) this.#open.push(code);
    else if (closes(code)) {
      this.#open.pop();
      if (this.#open.length === 0) this.#finish(found);
    }
  }

  #mayOpen(): boolean {
    return this.#last === colon || this.#last === openBracket || (this.#last === comma && this.#open.at(-1) === openBracket);
  }

  #stepString(code: number, found: Found[]): void {
    if (code === newline) {
      // No text of JSON holds a line break.
      this.#finish(found);
      return;
    }
    this.#pass(code);
    if (code === backslash) this.#place = 'escape';
    else if (code === quote) {
      this.#place = 'value';
      if (this.#open.length === 0) this.#finish(found);
    }
  }

  /** @param atLineStart whether the next value begins where this one ends */
  #finish(found: Found[], atLineStart = false): void {
    const text = this.#text.slice(this.#start, this.#at);
    try {
      found.push({ text, value: JSON.parse(text), line: this.#startLine, column: this.#startColumn });
      this.#place = 'between';
    } catch {
      this.#refuse(this.#faultOf(text), found);
      if (atLineStart) this.#place = 'between';
    }
  }

  #refuse(fault: HatstandError, found: Found[]): void {
    found.push(fault);
    this.#faultLine = this.#line;
    this.#place = this.#line > this.#startLine ? 'badLines' : 'badLine';
  }

  #faultOf(written: string): HatstandError {
    const text = written.trimEnd();
    const { line, column, position, expected } = findJsonFault(text) ?? { line: 1, column: 1, position: 0, expected: 'a value' };
    const at = { line: this.#startLine + line - 1, column: line === 1 ? this.#startColumn + column - 1 : column };
    const came = position >= text.length ? 'it ended' : `${JSON.stringify(text.charAt(position))} came`;
    const message = `${this.#where()} is not valid JSON: expected ${expected}, and ${came}, at line ${at.line}, column ${at.column}.`;
    return new HatstandError('invalid_json', message, at);
  }

  #where(): string {
    return `${this.#source}, line ${this.#startLine}`;
  }
}

/** Each with its line break. */
function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(newline, from);
    yield end < 0 ? bytes.subarray(from) : bytes.subarray(from, end + 1);
    if (end < 0) return;
    from = end + 1;
  }
}
