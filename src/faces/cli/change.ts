import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { forEach } from './each.ts';
import { printLine } from './terminal.ts';

/** Commands that change jobs and print the id of each one changed. */
export function addChanges(program: Command): void {
  const stop = program.command('stop').description('stop running jobs and cancel waiting ones').argument('<id...>', 'the jobs');
  askingServer(stop, ['hatstand stop 109192606348480512']).action((ids: readonly string[], options: ClientOptions) =>
    each(ids, options, async (client, id) => {
      await client.hq.stop(id);
      return id;
    }),
  );

  const remove = program.command('delete').alias('rm').description('delete ended jobs').argument('<id...>', 'the jobs');
  askingServer(remove, ['hatstand delete $(hatstand list -s success -q)']).action((ids: readonly string[], options: ClientOptions) =>
    each(ids, options, async (client, id) => {
      await client.hq.delete(id);
      return id;
    }),
  );

  const restart = program
    .command('restart')
    .description('run ended jobs again')
    .argument('<id...>', 'the jobs')
    .option('-c, --copy', 'as new jobs, whose ids are printed; the old ones stay as they are');
  askingServer(restart, ['hatstand restart $(hatstand list -s failure -q)', 'hatstand restart --copy 109192606348480512']).action(
    (ids: readonly string[], options: ClientOptions & { readonly copy?: boolean }) =>
      each(ids, options, async (client, id) => (await client.hq.restart(id, options.copy)).id),
  );
}

async function each(
  ids: readonly string[],
  options: ClientOptions,
  change: (client: Client, id: string) => Promise<string>,
): Promise<void> {
  const client = clientOf(options);
  await forEach(ids, options.json, async (id) => {
    const changed = await change(client, id);
    await printLine(options.json === true ? JSON.stringify({ id: changed }) : changed);
  });
}
