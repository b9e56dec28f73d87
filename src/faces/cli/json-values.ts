/** Splits a stream into its JSON values: one after the other, on lines of their own or not (NDJSON, or concatenated). */
import { TextDecoder } from 'node:util';
import { HatstandError } from '../../core/errors.ts';

export interface JsonText {
  /** Not parsed yet: it may still be no valid JSON. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** No value may be longer, in characters; a job's payload is far smaller. */
const maxLength = 32 * 1024 * 1024;
const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const isBlank = (code: number): boolean => code === 0x20 || code === newline || code === 0x0d || code === 0x09;
const opens = (code: number): boolean => code === 0x7b || code === 0x5b;
const closes = (code: number): boolean => code === 0x7d || code === 0x5d;

/** Yields what each chunk completes, so that values go on as they come. Throws `invalid_json` for what is not UTF-8. */
export async function* jsonValues(chunks: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<readonly JsonText[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const splitter = new Splitter(source);
  for await (const chunk of chunks) {
    const values = splitter.feed(decode(decoder, chunk, source));
    if (values.length > 0) yield values;
  }
  const rest = splitter.end(decode(decoder, undefined, source));
  if (rest.length > 0) yield rest;
}

function decode(decoder: TextDecoder, chunk: Uint8Array | undefined, source: string): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new HatstandError('invalid_json', `${source} is not UTF-8, which JSON must be.`);
  }
}

/** Where the next character stands: between values, in one, in one of its strings, or after a backslash there. */
type Place = 'between' | 'value' | 'string' | 'escape';

class Splitter {
  readonly #source: string;
  #text = '';
  /** The next character to look at. */
  #at = 0;
  #place: Place = 'between';
  /** Where the value under way begins. */
  #start = 0;
  #depth = 0;
  #line = 1;
  #startLine = 1;

  constructor(source: string) {
    this.#source = source;
  }

  feed(chunk: string): readonly JsonText[] {
    const from = this.#place === 'between' ? this.#at : this.#start;
    this.#text = this.#text.slice(from) + chunk;
    this.#at -= from;
    this.#start = 0;
    const values: JsonText[] = [];
    while (this.#at < this.#text.length) this.#step(this.#text.charCodeAt(this.#at), values);
    if (this.#place !== 'between' && this.#text.length - this.#start > maxLength) {
      const where = `${this.#source}: the value that begins in line ${this.#startLine}`;
      throw new HatstandError('too_large', `${where} is longer than ${maxLength} characters.`);
    }
    return values;
  }

  /** What is left is given as it is; an incomplete value is found out by its parser. */
  end(chunk: string): readonly JsonText[] {
    const values = [...this.feed(chunk)];
    if (this.#place !== 'between') this.#finish(values);
    return values;
  }

  #step(code: number, values: JsonText[]): void {
    switch (this.#place) {
      case 'between':
        this.#stepBetween(code);
        break;
      case 'value':
        this.#stepValue(code, values);
        break;
      case 'string':
        this.#stepString(code, values);
        break;
      case 'escape':
        this.#at += 1;
        this.#place = 'string';
    }
  }

  #stepBetween(code: number): void {
    if (!isBlank(code)) {
      this.#start = this.#at;
      this.#startLine = this.#line;
      this.#place = code === quote ? 'string' : 'value';
      this.#depth = opens(code) ? 1 : 0;
    } else if (code === newline) this.#line += 1;
    this.#at += 1;
  }

  #stepValue(code: number, values: JsonText[]): void {
    if (this.#depth === 0 && (isBlank(code) || code === quote || opens(code))) {
      // A number or a word ends where something else begins.
      this.#finish(values);
      return;
    }
    this.#at += 1;
    if (code === newline) this.#line += 1;
    else if (code === quote) this.#place = 'string';
    else if (opens(code)) this.#depth += 1;
    else if (closes(code) && --this.#depth <= 0) this.#finish(values);
  }

  #stepString(code: number, values: JsonText[]): void {
    this.#at += 1;
    if (code === backslash) this.#place = 'escape';
    else if (code === quote) {
      this.#place = 'value';
      if (this.#depth === 0) this.#finish(values);
    }
  }

  #finish(values: JsonText[]): void {
    values.push({ text: this.#text.slice(this.#start, this.#at), line: this.#startLine });
    this.#place = 'between';
  }
}
