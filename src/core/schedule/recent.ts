/** A bounded cache: keeps what was asked for lately. */
export class Recent<V> {
  readonly #most: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** Keeps at most twice as many values as this, and at least as many of those that were asked for last. */
  constructor(most: number) {
    this.#most = most;
  }

  /** What is kept for the key, or else what `make` gives; if that throws, nothing is kept. */
  get(key: string, make: () => V): V {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const value = this.#old.get(key) ?? make();
    if (this.#young.size >= this.#most) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
