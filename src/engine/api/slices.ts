/** Many items in pieces, each bounded by number and by size. */

export interface SliceBounds {
  readonly items: number;
  /** About; a single larger item is a slice of its own. */
  readonly characters: number;
}

/** Gathers items; tells when they are a whole slice. */
export class Slicer<T> {
  readonly #bounds: SliceBounds;
  readonly #sizeOf: (item: T) => number;
  #slice: T[] = [];
  #characters = 0;

  constructor(bounds: SliceBounds, sizeOf: (item: T) => number) {
    this.#bounds = bounds;
    this.#sizeOf = sizeOf;
  }

  /** Answers the slice that the item did not fit into any more. */
  add(item: T): readonly T[] | null {
    const size = this.#sizeOf(item);
    const isFull = this.#slice.length > 0 && this.#characters + size > this.#bounds.characters;
    const full = isFull || this.#slice.length === this.#bounds.items ? this.rest() : null;
    this.#slice.push(item);
    this.#characters += size;
    return full;
  }

  /** What is left, perhaps nothing. */
  rest(): readonly T[] {
    const slice = this.#slice;
    this.#slice = [];
    this.#characters = 0;
    return slice;
  }
}

/** The items in their order. */
export function* slicesOf<T>(items: Iterable<T>, bounds: SliceBounds, sizeOf: (item: T) => number): Generator<readonly T[]> {
  const slicer = new Slicer(bounds, sizeOf);
  for (const item of items) {
    const full = slicer.add(item);
    if (full !== null) yield full;
  }
  const rest = slicer.rest();
  if (rest.length > 0) yield rest;
}

/** The same of items that come as they are made. */
export async function* slicesAsTheyCome<T>(
  items: Iterable<T> | AsyncIterable<T>,
  bounds: SliceBounds,
  sizeOf: (item: T) => number,
): AsyncGenerator<readonly T[]> {
  // Those that are at hand need not be waited for, one by one.
  if (Symbol.iterator in items) return yield* slicesOf(items, bounds, sizeOf);
  const slicer = new Slicer(bounds, sizeOf);
  for await (const item of items) {
    const full = slicer.add(item);
    if (full !== null) yield full;
  }
  const rest = slicer.rest();
  if (rest.length > 0) yield rest;
}
