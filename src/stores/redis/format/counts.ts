/** The counts of a line: one number for each state, in their order (counts.lua). */
import type { StateCounts } from '../../../core/queue.ts';

export function readCounts(text: string): StateCounts {
  const [scheduled = 0, queued = 0, running = 0, stopping = 0, succeeded = 0, failed = 0, canceled = 0] = text.split(' ').map(Number);
  return { scheduled, queued, running, stopping, succeeded, failed, canceled };
}
