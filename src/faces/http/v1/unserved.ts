/** Jobs that wait for a worker that nobody serves. */
import type { Api } from '../../../engine/api/api.ts';
import type { JobCount } from '../../../engine/api/jobs.ts';

/** Of the lines in which jobs wait: those that no live node serves. */
export async function unservedLines({ serving }: Api, counts: readonly JobCount[]): Promise<readonly JobCount[]> {
  const lines = counts.filter((line) => waiting(line) > 0);
  const isServed = await serving.of(lines);
  return lines.filter((line) => !isServed(line));
}

export const waiting = ({ counts }: JobCount): number => counts.scheduled + counts.queued;
