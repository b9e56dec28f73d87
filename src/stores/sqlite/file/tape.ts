/**
 * Cells: what rows of the file are made of, and what travels between the threads, as one flat array. The structured clone of
 * such an array is several times cheaper than that of objects; calls/codec.ts says how values are written and read.
 */
import { messageOf } from '../../../core/errors.ts';
import type { UnreadableId } from '../../../core/unreadable.ts';
import type { Unreadable } from '../../set-aside.ts';

export type Cell = string | number | null;

/** The furthest time that a Date can show. */
const furthest = 8_640_000_000_000_000;

/** Reads the cells of a tape one after the other. A cell of another kind than expected is a bug, or a record of the
 * file that was damaged. */
export class TapeReader {
  readonly #cells: readonly Cell[];
  #at: number;
  #unreadable: Unreadable[] | null = null;

  constructor(cells: readonly Cell[], at = 0) {
    this.#cells = cells;
    this.#at = at;
  }

  get more(): boolean {
    return this.#at < this.#cells.length;
  }

  skip(count: number): void {
    this.#at += count;
  }

  cell(): Cell {
    return this.#cells[this.#at++] ?? null;
  }

  text(): string {
    const cell = this.#cells[this.#at++];
    return typeof cell === 'string' ? cell : this.#misread('a text', cell);
  }

  number(): number {
    const cell = this.#cells[this.#at++];
    return typeof cell === 'number' ? cell : this.#misread('a number', cell);
  }

  textOrNull(): string | null {
    const cell = this.#cells[this.#at++];
    return cell === null || typeof cell === 'string' ? cell : this.#misread('a text or null', cell);
  }

  numberOrNull(): number | null {
    const cell = this.#cells[this.#at++];
    return cell === null || typeof cell === 'number' ? cell : this.#misread('a number or null', cell);
  }

  /** Milliseconds that a Date can show. */
  time(): number {
    const time = this.number();
    return time <= furthest && time >= -furthest ? time : this.#misread('a time', time);
  }

  timeOrNull(): number | null {
    const time = this.numberOrNull();
    if (time === null || (time <= furthest && time >= -furthest)) return time;
    return this.#misread('a time', time);
  }

  /**
   * A record of so many cells. `null`: they make none, which is noted; the tape stands behind it all the same.
   *
   * @param idOf makes its name of the first cell
   */
  record<T>(length: number, idOf: (first: string) => UnreadableId, read: (tape: TapeReader) => T): T | null {
    const start = this.#at;
    try {
      return read(this);
    } catch (error) {
      this.#at = start + length;
      this.#unreadable ??= [];
      this.#unreadable.push({ id: idOf(String(this.#cells[start])), reason: messageOf(error) });
      return null;
    }
  }

  /** The records that could not be read so far. */
  get unreadable(): readonly Unreadable[] {
    return this.#unreadable ?? none;
  }

  flag(): boolean {
    return this.number() !== 0;
  }

  /** A length, then as many items. */
  list<T>(item: () => T): T[] {
    const length = this.number();
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(item());
    return items;
  }

  #misread(expected: string, cell: Cell | undefined): never {
    throw new Error(`expected ${expected} at cell ${this.#at - 1}, found ${shown(cell)}`);
  }
}

const none: readonly Unreadable[] = [];

const shown = (cell: Cell | undefined): string => (cell === undefined ? 'nothing' : JSON.stringify(cell).slice(0, 64));

/** One row of cells, as the file has it. */
export type Row = readonly Cell[];

export function writeRow(cells: Cell[], row: Row): void {
  for (const cell of row) cells.push(cell);
}
