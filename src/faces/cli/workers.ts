import type { Command } from 'commander';
import type { Worker } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { table } from './table.ts';
import { note, print, printLine } from './terminal.ts';

export function addWorkers(program: Command): void {
  const command = program
    .command('workers')
    .description('list workers: on which nodes they run, how many jobs at once, and what waits for them');
  askingServer(command, ['hatstand workers'], '`{"workers": […], "untold": […]}`, as `GET /v1/workers` has it').action(
    async (options: ClientOptions) => {
      const page = await clientOf(options).workers.list();
      if (options.json === true) return printLine(JSON.stringify(page));
      await print(workerTable(page.workers));
      if (page.untold.length > 0) note(`These nodes know more workers than they tell: ${page.untold.join(', ')}`);
    },
  );
}

const workerTable = (workers: readonly Worker[]): string =>
  table(
    ['WORKER', 'STATE', 'AT ONCE', 'RUNNING', 'WAITING', 'NODES'],
    workers.map(({ name, active, nodes, concurrency, running, waiting }) => [
      name,
      active ? { text: 'active', colour: 'green' } : { text: nodes.length === 0 ? 'unserved' : 'inactive', colour: 'red' },
      // What runs elsewhere alone says how many when it claims.
      active && concurrency === 0 ? '-' : String(concurrency),
      String(running),
      String(waiting),
      nodes.map(nodeText).join(', ') || '-',
    ]),
  );

/** What runs elsewhere, and polls this node, has no number of its own. */
function nodeText({ node, state, concurrency }: Worker['nodes'][number]): string {
  const told = [
    ...(state === 'off' ? [] : [concurrency === null ? 'elsewhere' : String(concurrency)]),
    ...(state === 'active' ? [] : [state]),
  ];
  return told.length === 0 ? node : `${node} (${told.join(' ')})`;
}
