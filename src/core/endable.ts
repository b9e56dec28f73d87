/**
 * An async generator that can be ended while it waits: what it waits for is aborted before it is told to return. By itself a generator
 * hears of that only when what it waits for has come.
 *
 * @param make is given the signal that is aborted then
 */
export function endable<T>(make: (over: AbortSignal) => AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
  const over = new AbortController();
  const inner = make(over.signal);
  return {
    next: () => inner.next(),
    return(value) {
      over.abort();
      return inner.return(value);
    },
    throw(error: unknown) {
      over.abort();
      return inner.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return(undefined);
    },
  };
}
