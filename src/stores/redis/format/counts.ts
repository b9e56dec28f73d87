/** The counts of a line: one number for each state, in their order (counts.lua). */
import type { StateCounts } from '../../../core/queue.ts';

export function readCounts(text: string): StateCounts {
  // They were damaged: the scrub counts anew.
  const words = /^\d{1,15}( \d{1,15}){7}$/.test(text) ? text.split(' ').map(Number) : [];
  const [scheduled = 0, queued = 0, running = 0, stopping = 0, succeeded = 0, failed = 0, canceled = 0] = words;
  return { scheduled, queued, running, stopping, succeeded, failed, canceled };
}
