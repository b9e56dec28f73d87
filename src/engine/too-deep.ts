/** Says that nothing follows from an event any more since too many jobs one after the other led to it: once a minute at most, with how many there were since. */
import type { Millis } from '../core/duration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';

interface DeepEvent {
  readonly type: string;
  readonly id: string;
  readonly depth: number;
}

const toldEvery: Millis = 60_000;

export function makeTooDeep({
  clock,
  log,
}: {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Logger;
}): (event: DeepEvent) => void {
  let toldAt: Millis | null = null;
  let others = 0;
  return (event) => {
    const now = clock.monotonic();
    if (toldAt !== null && now < toldAt + toldEvery) {
      others += 1;
      return;
    }
    log.warn('event.too_deep', { ...event, others });
    [toldAt, others] = [now, 0];
  };
}
