/** A state is kept as a digit: its place in the list of all (states.lua). */
import { type JobState, jobStates } from '../../../core/job.ts';

export const stateDigit = (state: JobState): string => String(jobStates.indexOf(state));

export function stateOf(digit: string): JobState {
  const state = jobStates[Number(digit)];
  if (state === undefined) throw new Error(`there is no state with the digit ${digit}`);
  return state;
}
