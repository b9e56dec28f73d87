import type { Command } from 'commander';
import { formatDuration, parseDuration } from '../../core/duration.ts';
import type { StateCounts } from '../../core/queue.ts';
import type { Client, Node, Queue, Stats } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { stateOf } from './queues.ts';
import { table } from './table.ts';
import { paint, print, printLine } from './terminal.ts';
import { shortDuration } from './times.ts';

export function addStats(program: Command): void {
  const command = program
    .command('stats')
    .description('count jobs by queue, worker and state; tell what waits longest, and which nodes there are');
  askingServer(
    command,
    ['hatstand stats', 'hatstand stats -a http://127.0.0.1:19900 --json'],
    '`{server, queues, nodes}`, as `GET /v1/stats`, `/v1/queues` and `/v1/nodes` have them',
  ).action(async (options: ClientOptions) => {
    const figures = await figuresOf(clientOf(options));
    await (options.json === true ? printLine(JSON.stringify(figures)) : print(described(figures)));
  });
}

/** What the server answers to three questions. */
interface Figures {
  readonly server: Stats;
  readonly queues: readonly Queue[];
  readonly nodes: readonly Node[];
}

async function figuresOf(client: Client): Promise<Figures> {
  const [server, queues, nodes] = await Promise.all([client.stats(), client.queues.list(), client.nodes.list()]);
  return { server, queues, nodes };
}

function described({ server, queues, nodes }: Figures): string {
  const live = nodes.filter(({ state }) => state === 'live');
  const count = (condition: Node['condition']): string[] => {
    const found = nodes.filter((node) => node.condition === condition).length;
    return found === 0 ? [] : [`${found} ${condition}`];
  };
  const conditions = (['active', 'critical', 'draining', 'late', 'buried', 'left'] as const).flatMap(count).join(', ');
  const [running, slots] = [sum(live.map((node) => node.running)), sum(live.map((node) => node.slots))];
  const rows = [
    ['server', `${server.version}, ${server.durability}: ${server.survives}`],
    ['nodes', `${conditions}; ${running} of ${slots} slots at work`],
    ['jobs', String(server.total)],
    ['oldest', oldest(queues)],
    ...(server.unreadable > 0 ? [['unreadable', `${server.unreadable} records, see "hatstand doctor"`]] : []),
    ...(server.unserved === 0 ? [] : [['unserved', `${server.unserved} jobs wait for a worker that no live node serves`]]),
  ];
  const lines = rows.map(([name = '', value = '']) => `${paint('dim', name.padEnd(9))}${value}\n`);
  return server.lines.length === 0 ? lines.join('') : `${lines.join('')}\n${lineTable(server, queues)}`;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** What has waited longest of all that is ready to run. */
function oldest(queues: readonly Queue[]): string {
  const waiting = queues.flatMap(({ name, oldestWaiting }) =>
    oldestWaiting === null ? [] : [{ name, waits: parseDuration(oldestWaiting, name) }],
  );
  const longest = waiting.reduce((most, each) => (each.waits > most.waits ? each : most), { name: '', waits: -1 });
  return longest.waits < 0 ? 'nothing waits' : `waits for ${shortDuration(formatDuration(longest.waits))} in ${longest.name}`;
}

function lineTable({ lines }: Stats, queues: readonly Queue[]): string {
  const byName = new Map(queues.map((queue) => [queue.name, queue]));
  const counted = (jobs: StateCounts): readonly string[] =>
    [jobs.scheduled, jobs.queued, jobs.running, jobs.stopping, jobs.succeeded, jobs.failed, jobs.canceled].map(String);
  return table(
    ['QUEUE', 'WORKER', 'SCHEDULED', 'QUEUED', 'RUNNING', 'STOPPING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'OLDEST', 'STATE'],
    lines.map(({ queue, worker, jobs }) => {
      const { paused = false, closed = false, oldestWaiting = null } = byName.get(queue) ?? {};
      return [queue, worker, ...counted(jobs), oldestWaiting === null ? '-' : shortDuration(oldestWaiting), stateOf({ paused, closed })];
    }),
  );
}
