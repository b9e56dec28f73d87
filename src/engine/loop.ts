/** A duty that repeats by itself. Every loop has a `tick()`, so a test can drive it without waiting. */
import type { Millis } from '../core/duration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { makeFaultLog } from './fault-log.ts';
import type { Outage } from './outage.ts';

export interface Duty {
  readonly name: string;
  readonly every: Millis;
  /** One round. What it throws is logged; the next round comes all the same. */
  tick(): Promise<void>;
  /** Also once at the start, which fails with it. */
  readonly atStart?: true;
}

export interface Loop extends Duty {
  start(): void;
  /** After the round under way, if any. Stopping twice, or before the start, does nothing. */
  stop(): Promise<void>;
}

/** @param outage of all loops of the node */
export function makeLoop(duty: Duty, clock: Clock, log: Logger, outage: Outage): Loop {
  const faults = makeFaultLog(log, 'loop', { loop: duty.name });
  let forget: (() => void) | null = null;
  let underWay: Promise<void> | null = null;
  let wanted = false;

  async function round(): Promise<void> {
    try {
      await duty.tick();
      faults.worked();
      outage.worked(duty.name);
    } catch (error) {
      if (!outage.met(duty.name, error)) faults.failed(error);
    }
    underWay = null;
    if (wanted) forget = clock.after(duty.every, begin);
  }

  function begin(): void {
    forget = null;
    underWay = round();
  }

  return {
    ...duty,
    start() {
      if (wanted) return;
      wanted = true;
      forget = clock.after(duty.every, begin);
    },
    async stop() {
      wanted = false;
      forget?.();
      forget = null;
      await underWay;
    },
  };
}
