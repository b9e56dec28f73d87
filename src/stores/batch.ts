/** What travels together: stores send the calls of one turn in batches. */

export interface BatchBounds {
  readonly maxCalls: number;
  /** Bytes in one batch, about; a single larger call travels alone. */
  readonly maxSize: number;
}

/** Takes the longest waiting calls, as many as a batch may have. */
export function takeBatch<C extends { readonly size: number }>(waiting: C[], { maxCalls, maxSize }: BatchBounds): C[] {
  let size = 0;
  let count = 0;
  for (const call of waiting) {
    size += call.size;
    if (count > 0 && (count >= maxCalls || size > maxSize)) break;
    count += 1;
  }
  return waiting.splice(0, count);
}
