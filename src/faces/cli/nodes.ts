import type { Command } from 'commander';
import type { Node } from '../client/client.ts';
import { addListing, askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { type Cell, table } from './table.ts';
import { print, printLine } from './terminal.ts';
import { shortDuration } from './times.ts';

export function addNodes(program: Command): void {
  const nodes = program.command('nodes').description('list the nodes of a cluster, drain, resume and forget them');

  addListing(nodes, 'nodes', async (options) => {
    const all = await clientOf(options).nodes.list();
    await (options.json === true ? printLine(JSON.stringify(all, null, 2)) : print(nodeTable(all)));
  });

  for (const verb of ['drain', 'resume'] as const) {
    const described = verb === 'drain' ? 'start no more jobs on these nodes; running ones finish' : 'start jobs on these nodes again';
    const command = nodes.command(verb).description(described).argument('<node...>', 'names or incarnations');
    askingServer(command, [`hatstand nodes ${verb} web-1`]).action(async (names: readonly string[], options: ClientOptions) => {
      const client = clientOf(options);
      for (const name of names) for (const { incarnation } of await client.nodes[verb](name)) await tell({ incarnation }, options);
    });
  }

  const forget = nodes
    .command('forget')
    .description('take back at once what dead nodes ran; one that lives after all joins again')
    .argument('<node...>', 'names or incarnations');
  askingServer(forget, ['hatstand nodes forget web-1']).action(async (names: readonly string[], options: ClientOptions) => {
    const client = clientOf(options);
    for (const name of names) await tell(await client.nodes.forget(name), options);
  });
}

/** One changed node: its incarnation, or all that is known as JSON. */
const tell = (node: { readonly incarnation: string }, { json }: ClientOptions): Promise<void> =>
  printLine(json === true ? JSON.stringify(node) : node.incarnation);

function nodeTable(nodes: readonly Node[]): string {
  return table(
    ['NODE', 'STATE', 'RUNNING', 'HEARD', 'ID', 'VERSION', 'ADDRESS', 'INCARNATION'],
    nodes.map((node) => [
      node.name,
      stateOf(node),
      node.state === 'live' ? `${node.running}/${node.slots}` : '-',
      `${shortDuration(node.heardAgo)} ago`,
      String(node.serverId),
      node.version,
      node.address === '' ? '-' : node.address,
      node.incarnation,
    ]),
  );
}

/** A live node whose lease has expired is `late`: it is buried unless it is heard of soon. */
function stateOf({ state, mode, leaseLeft }: Node): Cell {
  if (state !== 'live') return { text: state, colour: 'gray' };
  if (leaseLeft === '0s') return { text: 'late', colour: 'red' };
  return mode === 'draining' ? { text: 'draining', colour: 'yellow' } : { text: 'active', colour: 'green' };
}
