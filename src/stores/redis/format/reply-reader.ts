/** Reads the elements of a reply one after the other. */
import type { Reply } from '../driver/driver.ts';

export class ReplyReader {
  readonly #items: readonly Reply[];
  #at = 0;

  constructor(reply: Reply) {
    if (!Array.isArray(reply)) throw new Error(`a list was expected, not ${JSON.stringify(reply)}`);
    this.#items = reply;
  }

  get more(): boolean {
    return this.#at < this.#items.length;
  }

  text(): string {
    const item = this.#next();
    if (typeof item === 'string') return item;
    throw new Error(`a text was expected, not ${JSON.stringify(item)}`);
  }

  textOrNull(): string | null {
    const item = this.#next();
    if (item === null || typeof item === 'string') return item;
    throw new Error(`a text was expected, not ${JSON.stringify(item)}`);
  }

  number(): number {
    const item = this.#next();
    if (typeof item === 'number') return item;
    throw new Error(`a number was expected, not ${JSON.stringify(item)}`);
  }

  list(): ReplyReader {
    return new ReplyReader(this.#next());
  }

  /** All that is left. */
  rest<T>(read: (reader: ReplyReader) => T): T[] {
    const all: T[] = [];
    while (this.more) all.push(read(this));
    return all;
  }

  #next(): Reply {
    const item = this.#items[this.#at];
    this.#at += 1;
    return item ?? null;
  }
}

export const asText = (reply: Reply): string => (typeof reply === 'string' ? reply : String(reply ?? ''));
export const asNumber = (reply: Reply): number => Number(reply);
export const asList = (reply: Reply): ReplyReader => new ReplyReader(reply);
