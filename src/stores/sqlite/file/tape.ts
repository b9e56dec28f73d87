/**
 * Cells: what rows of the file are made of, and what travels between the threads, as one flat array. The structured clone of
 * such an array is several times cheaper than that of objects; calls/codec.ts says how values are written and read.
 */
export type Cell = string | number | null;

/** Reads the cells of a tape one after the other. A cell of another kind than expected is a bug, not data. */
export class TapeReader {
  readonly #cells: readonly Cell[];
  #at: number;

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
    throw new Error(`tape: expected ${expected} at cell ${this.#at - 1}, found ${typeof cell}`);
  }
}

/** One row of cells, as the file has it. */
export type Row = readonly Cell[];

export function writeRow(cells: Cell[], row: Row): void {
  for (const cell of row) cells.push(cell);
}
