/**
 * Logs failures of work that repeats by itself: one line when it begins to fail, or fails for another reason, and one when it
 * works again. So an outage of an hour is two lines and not thousands.
 */
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../ports/logger.ts';

export interface FaultLog {
  failed(error: unknown): void;
  worked(): void;
}

/** @param what names the log lines: `<what>.failed` and `<what>.recovered` */
export function makeFaultLog(log: Logger, what: string, facts: Readonly<Record<string, string>> = {}): FaultLog {
  let told: string | null = null;
  let failures = 0;
  return {
    failed(error) {
      failures += 1;
      const message = messageOf(error);
      if (message !== told) log.error(`${what}.failed`, { ...facts, error: message });
      told = message;
    },
    worked() {
      if (failures === 0) return;
      log.info(`${what}.recovered`, { ...facts, failures });
      told = null;
      failures = 0;
    },
  };
}
