/** An ordered set: a sorted array, found in by halving. Adding at its end and taking from its front cost next to nothing. */
export class Sorted<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  /** `compare` answers 0 for one and the same item only. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get items(): readonly T[] {
    return this.#items;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** The index of the item, or of the first one after its place. */
  indexOf(item: T): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#items[middle];
      if (there !== undefined && this.#compare(there, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(item: T): void {
    const last = this.#items.at(-1);
    if (last === undefined || this.#compare(last, item) < 0) this.#items.push(item);
    else this.#items.splice(this.indexOf(item), 0, item);
  }

  delete(item: T): void {
    const at = this.indexOf(item);
    const there = this.#items[at];
    if (there === undefined || this.#compare(there, item) !== 0) return;
    if (at === 0) this.#items.shift();
    else this.#items.splice(at, 1);
  }
}
