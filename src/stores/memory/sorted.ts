/** An ordered set: a sorted array, found in by halving. Adding at its end and taking from its front cost next to nothing. */
export class Sorted<T> {
  #items: T[] = [];
  /** What stands before this has been taken; it is cut off when it is the greater part. */
  #head = 0;
  readonly #compare: (a: T, b: T) => number;

  /** `compare` answers 0 for one and the same item only. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  *[Symbol.iterator](): Generator<T> {
    yield* this.#items.slice(this.#head);
  }

  /** The index of the item, or of the first one after its place. */
  indexOf(item: T): number {
    let low = this.#head;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#items[middle];
      if (there !== undefined && this.#compare(there, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low - this.#head;
  }

  add(item: T): void {
    const last = this.#items.at(-1);
    if (this.size === 0 || last === undefined || this.#compare(last, item) < 0) this.#items.push(item);
    else this.#items.splice(this.#head + this.indexOf(item), 0, item);
  }

  delete(item: T): void {
    const index = this.indexOf(item);
    const there = this.at(index);
    if (there === undefined || this.#compare(there, item) !== 0) return;
    if (index > 0) this.#items.splice(this.#head + index, 1);
    else this.#takeFirst();
  }

  #takeFirst(): void {
    this.#head += 1;
    if (this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
