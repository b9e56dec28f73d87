/** The jobs of a definition that have not ended, by its owner. */
import type { Job, JobState } from '../../../../core/job.ts';
import { stateIn } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { liveJobsSource } from '../../file/rows/definition.ts';
import { jobColumns } from '../../file/rows/job.ts';
import type { State } from '../state.ts';

export interface LiveJobs {
  states(owner: string): readonly JobState[];
  /** In the order of their ids. */
  jobs(owner: string): readonly Job[];
}

export function makeLiveJobs({ db, aside }: State): LiveJobs {
  const states = prepareRows(db, `SELECT DISTINCT state FROM ${liveJobsSource}`);
  const jobs = prepareRows(db, `SELECT ${jobColumns} FROM ${liveJobsSource} ORDER BY id`);
  return {
    states: (owner) => states.all(owner).flatMap(([state]) => stateIn(Number(state)) ?? []),
    jobs: (owner) => aside.readAll(jobs.all(owner)),
  };
}
