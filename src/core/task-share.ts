/** How many tasks of a worker each node that serves it should run. */

/**
 * The least number of tasks a node so that all have a place: each node runs as many, or as many as it can.
 *
 * @param total how many there are
 * @param capacities how many each node can run
 */
export function shareOf(total: number, capacities: readonly number[]): number {
  const sorted = capacities.toSorted((a, b) => a - b);
  let rest = total;
  for (const [at, capacity] of sorted.entries()) {
    const nodes = sorted.length - at;
    const share = Math.ceil(rest / nodes);
    if (share <= capacity) return share;
    // It runs all that it can; the others share what is left.
    rest -= capacity;
  }
  return sorted.at(-1) ?? 0;
}
