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

/** Slices of a source that somebody else has: it may be silent for ever. */
export interface Slices<T> {
  next(): Promise<IteratorResult<readonly T[], unknown>>;
  /** Tells the source that no more is asked of it, at once: not even the item that it is asked for now is waited for. Never throws. */
  end(): void;
}

/** The same of items that come as they are made. */
export function slicesAsTheyCome<T>(items: Iterable<T> | AsyncIterable<T>, bounds: SliceBounds, sizeOf: (item: T) => number): Slices<T> {
  // Those that are at hand need not be waited for, one by one.
  if (Symbol.iterator in items) {
    const slices = slicesOf(items, bounds, sizeOf);
    return { next: async () => slices.next(), end: () => toldToEnd(() => slices.return(undefined)) };
  }
  const source = items[Symbol.asyncIterator]();
  const slices = gathered({ [Symbol.asyncIterator]: () => source }, bounds, sizeOf);
  return { next: () => slices.next(), end: () => toldToEnd(() => source.return?.()) };
}

async function* gathered<T>(items: AsyncIterable<T>, bounds: SliceBounds, sizeOf: (item: T) => number): AsyncGenerator<readonly T[]> {
  const slicer = new Slicer(bounds, sizeOf);
  for await (const item of items) {
    const full = slicer.add(item);
    if (full !== null) yield full;
  }
  const rest = slicer.rest();
  if (rest.length > 0) yield rest;
}

/** What comes of it is the source's own affair. */
function toldToEnd(end: () => unknown): void {
  const told = async (): Promise<unknown> => end();
  told().catch(() => undefined);
}
