/** So many works of a kind at a time, others in the order in which they come. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function makeGate(most: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;

  async function enter(): Promise<void> {
    if (inside < most) inside += 1;
    // Who leaves gives its place to the next one.
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) inside -= 1;
    else next();
  }

  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
