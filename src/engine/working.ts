/** What claims jobs on this node, runs their attempts, and tells the store of them. */
import { emittedBy } from '../core/emitted.ts';
import { type Dispatcher, type DispatcherParts, makeDispatcher } from './dispatcher.ts';
import { type DurableEvents, type DurableEventsParts, makeDurableEvents } from './durable-events.ts';
import { makeForwardLogs } from './forwarded-logs.ts';
import type { Lease } from './lease.ts';
import type { Peers } from './peers.ts';
import { makeReports, type Reports, type ReportsParts } from './reports.ts';
import { makeRunner, type Runner, type RunnerParts } from './runner.ts';
import { makeTasksHere, type TasksHere, type TasksHereParts } from './tasks.ts';

export interface Working {
  readonly reports: Reports;
  readonly durableEvents: DurableEvents;
  readonly tasks: TasksHere;
  readonly runner: Runner;
  readonly dispatcher: Dispatcher;
}

export type WorkingParts = Omit<DispatcherParts, 'holder' | 'nextOperation' | 'start'> &
  Omit<RunnerParts, 'reports' | 'tasks' | 'onFree'> &
  Omit<TasksHereParts, 'incarnation' | 'lease' | 'others' | 'wake'> &
  Pick<ReportsParts, 'live'> &
  Pick<DurableEventsParts, 'spool'> & {
    /** It is made later, and so are the peers. */
    lease(): Lease;
    peers(): Peers;
  };

export function makeWorking({ lease, peers, ...parts }: WorkingParts): Working {
  let operations = 0;
  const wake = (): void => dispatcher.wake();
  const incarnation = (): string => lease().incarnation();
  const durableEvents = makeDurableEvents(parts);
  const reports = makeReports({
    ...{ ...parts, wake },
    forwardLogs: makeForwardLogs(parts.store.journal, parts.log),
    keepEvent(job, event) {
      parts.live?.tell(job, { kind: 'event', name: event.name, data: event.data });
      return durableEvents.keep(emittedBy(job, event));
    },
  });
  const others = { allAway: () => peers().allAway(), sayAway: (isAway: boolean) => peers().sayAway(isAway) };
  const tasks = makeTasksHere({ ...parts, incarnation, lease: { age: () => lease().age() }, others, wake });
  const runner = makeRunner({ ...parts, reports, tasks: tasks.keepers, onFree: wake });
  const dispatcher = makeDispatcher({
    ...parts,
    holder: incarnation,
    nextOperation: () => String(++operations),
    start: (job) => void runner.run(job),
  });
  return { reports, durableEvents, tasks, runner, dispatcher };
}
