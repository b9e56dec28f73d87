/** HQ's words for what a job is doing. */
import { type JobState, jobStates } from '../../../core/job.ts';

export const statusWords: Readonly<Record<JobState, string>> = {
  scheduled: 'waiting',
  queued: 'waiting',
  running: 'running',
  stopping: 'canceling',
  succeeded: 'success',
  failed: 'failure',
  canceled: 'canceled',
};

/** The states that HQ shows as this word; none for a word that HQ does not know. */
export function statesOf(word: string): readonly JobState[] {
  return jobStates.filter((state) => statusWords[state] === word);
}

export const isWaiting = (state: JobState): boolean => statusWords[state] === 'waiting';
