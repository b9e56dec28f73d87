/** The jobs of a definition that have not ended, by its owner. */
import type { Job, JobState } from '../../../../core/job.ts';
import { stateCodes, stateIn } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { liveJobsSource } from '../../file/rows/definition.ts';
import { jobColumns } from '../../file/rows/job.ts';
import type { State } from '../state.ts';

export interface LiveJobs {
  states(owner: string): readonly JobState[];
  /** In the order of their ids, those that are not told to stop. */
  going(owner: string, limit: number): readonly Job[];
}

export function makeLiveJobs({ db, aside }: State): LiveJobs {
  const states = prepareRows(db, `SELECT DISTINCT state FROM ${liveJobsSource}`);
  const going = prepareRows(db, `SELECT ${jobColumns} FROM ${liveJobsSource} AND state <> ${stateCodes.stopping} ORDER BY id LIMIT ?`);
  return {
    states: (owner) => states.all(owner).flatMap(([state]) => stateIn(Number(state)) ?? []),
    going: (owner, limit) => aside.readAll(going.all(owner, limit)),
  };
}
