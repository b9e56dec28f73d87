/** For what tells nobody when it has happened. */
import { setTimeout } from 'node:timers/promises';

/** Looks again every 20 ms until the answer is true; throws after `within` (default 20 s), naming what did not come. */
export async function until(what: string, look: () => boolean | Promise<boolean>, within = 20_000): Promise<void> {
  const last = performance.now() + within;
  while (!(await look())) {
    if (performance.now() > last) throw new Error(`${what} did not come within ${within} ms`);
    await setTimeout(20);
  }
}
