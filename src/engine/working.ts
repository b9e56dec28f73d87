/** What claims jobs on this node, runs their attempts, and tells the store of them. */
import { type Dispatcher, type DispatcherParts, makeDispatcher } from './dispatcher.ts';
import { makeForwardLogs } from './forwarded-logs.ts';
import type { Lease } from './lease.ts';
import { makeReports, type Reports, type ReportsParts } from './reports.ts';
import { makeRunner, type Runner, type RunnerParts } from './runner.ts';
import { makeTasksHere, type TasksHere, type TasksHereParts } from './tasks.ts';

export interface Working {
  readonly reports: Reports;
  readonly tasks: TasksHere;
  readonly runner: Runner;
  readonly dispatcher: Dispatcher;
}

export type WorkingParts = Omit<DispatcherParts, 'holder' | 'nextOperation' | 'start'> &
  Omit<RunnerParts, 'reports' | 'tasks' | 'onFree'> &
  Omit<TasksHereParts, 'incarnation' | 'lease'> &
  Pick<ReportsParts, 'live'> & {
    /** It is made later. */
    lease(): Lease;
  };

export function makeWorking({ lease, ...parts }: WorkingParts): Working {
  let operations = 0;
  const wake = (): void => dispatcher.wake();
  const incarnation = (): string => lease().incarnation();
  const reports = makeReports({ ...parts, forwardLogs: makeForwardLogs(parts.store.journal, parts.log), wake });
  const tasks = makeTasksHere({ ...parts, incarnation, lease: { age: () => lease().age() } });
  const runner = makeRunner({ ...parts, reports, tasks: tasks.keepers, onFree: wake });
  const dispatcher = makeDispatcher({
    ...parts,
    holder: incarnation,
    nextOperation: () => String(++operations),
    start: (job) => void runner.run(job),
  });
  return { reports, tasks, runner, dispatcher };
}
