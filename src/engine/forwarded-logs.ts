/** Log lines of jobs whose push asked for that are told as events, too. They are kept with the job in any case. */
import { messageOf } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { forwardsLogs, logEvent } from '../core/log-event.ts';
import type { NewLine } from '../core/report.ts';
import type { Logger } from '../ports/logger.ts';
import type { JournalStore } from '../ports/store/journal.ts';

/** To be called in the turn in which the lines are reported, so that they are told before the end of the job. Never rejects. */
export type ForwardLogs = (job: Job, lines: readonly NewLine[]) => Promise<void>;

export function makeForwardLogs(journal: Pick<JournalStore, 'publish'>, log: Logger): ForwardLogs {
  return async (job, lines) => {
    if (lines.length === 0 || !forwardsLogs(job)) return;
    try {
      await journal.publish({ events: [logEvent(job, lines)], causes: [], rules: null, follow: null });
    } catch (error) {
      log.warn('report.not_forwarded', { job: job.id, lines: lines.length, error: messageOf(error) });
    }
  };
}
