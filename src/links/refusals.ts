/** Connections that came to nothing, told in few lines however many there are. */
import type { Logger } from '../ports/logger.ts';

const every = 10_000;

/** @param from the address at the other end */
export type Refused = (from: string, why: string) => void;

export function makeRefusals(log: Logger): Refused {
  let toldAt = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return (from, why) => {
    const now = performance.now();
    untold += 1;
    if (now - toldAt < every) return;
    log.warn('link.refused', { from, why, connections: untold });
    toldAt = now;
    untold = 0;
  };
}
