/** How long a Hatstand inside another program keeps what is over. */
import type { Millis } from '../core/duration.ts';
import { eventLimits } from '../core/event.ts';
import { jobLimits } from '../core/new-job.ts';
import type { Retention } from '../ports/store/upkeep.ts';

const day: Millis = 86_400_000;

/** @param ended how long a job is kept after its end; `null`: for good */
export const retentionFor = (ended: Millis | null): Retention => ({
  ...{ ended, journal: day, told: eventLimits.kept, idempotency: day },
  ...{ output: jobLimits.historyOutput, limit: 1_000 },
});
