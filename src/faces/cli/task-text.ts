/** Tasks as people read them. */
import type { Task, TaskCrash, TaskSummary, WaitingControl } from '../client/client.ts';
import { table } from './table.ts';
import { type Colour, paint, plain } from './terminal.ts';
import { relativeTime } from './times.ts';

const colours: Readonly<Record<TaskSummary['status'], Colour>> = {
  queued: 'cyan',
  restarting: 'yellow',
  running: 'green',
  stopping: 'yellow',
  stopped: 'gray',
  ended: 'gray',
  crashed: 'red',
};

export function taskTable(tasks: readonly TaskSummary[]): string {
  const now = Date.now();
  return table(
    ['ID', 'WORKER', 'HOLDER', 'STARTED', 'CRASHES', 'DESIRED', 'STATUS'],
    tasks.map((task) => [
      task.domain === '' ? task.id : `${task.domain}/${task.id}`,
      task.worker,
      task.holder || '-',
      relativeTime(task.startedAt, now) || '-',
      String(task.crashes),
      task.desired,
      { text: task.status, colour: colours[task.status] },
    ]),
  );
}

export function describedTask(task: Task): string {
  const now = Date.now();
  const json = (value: unknown): string => (value === null ? '' : plain(JSON.stringify(value)));
  const time = (at: string | null): string => (at === null ? '' : `${at}  ${relativeTime(at, now)}`);
  const rows: readonly (readonly [string, string])[] = [
    ['id', task.id],
    ['domain', task.domain],
    ['worker', task.worker],
    ['status', paint(colours[task.status], task.status)],
    ['desired', task.desired],
    ['unserved', task.unserved ? `no live node serves the worker ${task.worker}: it waits until one does` : ''],
    ['message', json(task.message)],
    ...howItRuns(task),
    ['job', task.job ?? ''],
    ['holder', task.holder],
    ['started', time(task.startedAt)],
    ['progress', task.progress === null ? '' : `${json(task.progress)}  ${relativeTime(task.progressAt, now)}`],
    ['checkpoint', json(task.checkpoint)],
    ['made', time(task.createdAt)],
    ['ended', task.end === null ? '' : `${time(task.endedAt)}: ${endWords[task.end]}`],
    ['result', json(task.result)],
    ['crashes', task.crashes === 0 ? '' : `${task.crashes} in a row`],
  ];
  const told = rows.flatMap(([name, value]) => (value === '' ? [] : [`${paint('dim', name.padEnd(13))}${value}\n`])).join('');
  return `${told}${task.newestCrashes.length === 0 ? '' : `\n${crashTable(task.newestCrashes, now)}`}`;
}

const endWords = { succeeded: 'it returned', crashed: 'it crashed too often', stopped: 'somebody wanted it' } as const;

function howItRuns({ queue, priority, name, comment, restart, ...task }: Task): readonly (readonly [string, string])[] {
  const waits = `after ${restart.backoff}, then twice as long each time, at most ${restart.maxBackoff}`;
  const restarts = `${restart.on === 'always' ? 'always; ' : ''}after a crash ${waits}; ${restart.crashes} in a row end it`;
  return [
    ['name', plain(name)],
    ['comment', plain(comment)],
    ['queue', `${queue}${priority === 0 ? '' : `, priority ${priority}`}`],
    ['restart', restart.on === 'never' ? 'never' : restarts],
    ['pause', task.pause ?? ''],
    ['stalled', task.stalledAfter === null ? '' : `when it has told nothing for ${task.stalledAfter}`],
    ['clean end', task.cleanEnd ? 'it goes when it has ended, unless it crashed' : ''],
    ['detached', task.maxDetached === null ? '' : `for ${task.maxDetached} at most, while the store is away`],
  ];
}

const crashTable = (crashes: readonly TaskCrash[], now: number): string =>
  table(
    ['CRASHED', 'JOB', 'ERROR'],
    crashes.map(({ at, job, error }) => [relativeTime(at, now), job, error]),
  );

export function controlTable(controls: readonly WaitingControl[]): string {
  const now = Date.now();
  return table(
    ['NAME', 'DATA', 'TOLD', 'ID'],
    controls.map(({ id, name, data, at }) => [name, data === null ? '-' : JSON.stringify(data), relativeTime(at, now), id]),
  );
}
