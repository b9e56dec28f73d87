import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { forEach } from './each.ts';
import { idsOf, withIds } from './ids.ts';
import { printLine } from './terminal.ts';

const changedJson = '`{"id": "…"}` on a line for each job';

/** Commands that change jobs and print the id of each one changed. */
export function addChanges(program: Command): void {
  const cancel = withIds(program.command('cancel').description('cancel waiting jobs and tell running ones to stop'));
  askingServer(
    cancel,
    ['hatstand cancel 109192606348480512', 'hatstand list -f queue:mail -s queued -l all -q | hatstand cancel -'],
    changedJson,
  ).action((ids: readonly string[], options: ClientOptions) =>
    each(ids, options, async (client, id) => {
      await client.jobs.cancel(id);
      return id;
    }),
  );

  const remove = withIds(program.command('delete').alias('rm').description('delete ended jobs'));
  askingServer(
    remove,
    ['hatstand delete 109192606348480512', 'hatstand list -s succeeded -l all -q | hatstand delete -'],
    changedJson,
  ).action((ids: readonly string[], options: ClientOptions) =>
    each(ids, options, async (client, id) => {
      await client.jobs.delete(id);
      return id;
    }),
  );

  const restart = withIds(program.command('restart').description('run ended jobs again')).option(
    '-c, --copy',
    'as new jobs, whose ids are printed; the old ones stay as they are',
  );
  askingServer(
    restart,
    [
      'hatstand restart 109192606348480512',
      'hatstand restart --copy 109192606348480512',
      'hatstand list -s failed -l all -q | hatstand restart -',
    ],
    changedJson,
  ).action((ids: readonly string[], options: ClientOptions & { readonly copy?: boolean }) =>
    each(ids, options, async (client, id) => (await client.jobs.restart(id, options.copy === true ? { copy: true } : {})).id),
  );
}

async function each(
  ids: readonly string[],
  options: ClientOptions,
  change: (client: Client, id: string) => Promise<string>,
): Promise<void> {
  const client = clientOf(options);
  await forEach(idsOf(ids), options.json, async (id) => {
    const changed = await change(client, id);
    await printLine(options.json === true ? JSON.stringify({ id: changed }) : changed);
  });
}
