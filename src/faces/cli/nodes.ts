import type { Command } from 'commander';
import type { Node } from '../client/client.ts';
import { addGroup, addListing, askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { forEach } from './each.ts';
import { table } from './table.ts';
import { print, printLine } from './terminal.ts';
import { shortDuration } from './times.ts';

export function addNodes(program: Command): void {
  const nodes = addGroup(program, 'nodes', 'list the nodes of a cluster, drain, resume and forget them');

  addListing(nodes, 'nodes', 'an array, as `GET /v1/nodes` has it', async (options) => {
    const all = await clientOf(options).nodes.list();
    await (options.json === true ? printLine(JSON.stringify(all, null, 2)) : print(nodeTable(all)));
  });

  for (const verb of ['drain', 'resume'] as const) {
    const described = verb === 'drain' ? 'start no more jobs on these nodes; running ones finish' : 'start jobs on these nodes again';
    const command = nodes.command(verb).description(described).argument('<node...>', 'names or incarnations');
    askingServer(command, [`hatstand nodes ${verb} web-1`], '`{"incarnation": "…"}` on a line for each node').action(
      async (names: readonly string[], options: ClientOptions) => {
        const client = clientOf(options);
        await forEach(names, options.json, async (name) => {
          const changed = await client.nodes[verb](name);
          for (const { incarnation } of changed) await tell({ incarnation }, options);
        });
      },
    );
  }

  const forget = nodes
    .command('forget')
    .description('take back at once what dead nodes ran; one whose lease has not expired must be given by its incarnation')
    .argument('<node...>', 'names, each meaning all dead nodes of that name, or incarnations');
  askingServer(
    forget,
    ['hatstand nodes forget web-1', 'hatstand nodes forget web-1.x7Qk2mVb0aE.1'],
    '`{"incarnation": "…", "attempts": …}` on a line for each node',
  ).action(async (names: readonly string[], options: ClientOptions) => {
    const client = clientOf(options);
    await forEach(names, options.json, async (name) => {
      for (const node of await client.nodes.forget(name)) await tell(node, options);
    });
  });
}

/** One changed node: its incarnation, or all that is known as JSON. */
const tell = (node: { readonly incarnation: string }, { json }: ClientOptions): Promise<void> =>
  printLine(json === true ? JSON.stringify(node) : node.incarnation);

const colours = { active: 'green', critical: 'red', draining: 'yellow', late: 'red', left: 'gray', buried: 'gray' } as const;

const percent = (use: number | null): string => (use === null ? '-' : `${use} %`);

/** By a server that does not tell: `undefined`. */
const linkedOf = ({ state, linked }: Node): string => (state !== 'live' || typeof linked !== 'boolean' ? '-' : linked ? 'yes' : 'no');

function nodeTable(nodes: readonly Node[]): string {
  return table(
    ['NODE', 'STATE', 'LINKED', 'RUNNING', 'CPU', 'MEMORY', 'HEARD', 'ID', 'VERSION', 'ADDRESS', 'INCARNATION'],
    nodes.map((node) => [
      node.name,
      { text: node.condition, colour: colours[node.condition] },
      linkedOf(node),
      node.state === 'live' ? `${node.running}/${node.slots}` : '-',
      percent(node.cpu),
      percent(node.memory),
      `${shortDuration(node.heardAgo)} ago`,
      String(node.serverId),
      node.version,
      node.address === '' ? '-' : node.address,
      node.incarnation,
    ]),
  );
}
