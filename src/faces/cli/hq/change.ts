import type { Command } from 'commander';
import type { Hq } from '../../client/client.ts';
import type { ServerOptions } from '../client-command.ts';
import { printLine } from '../terminal.ts';
import { askingHq, hqClientOf } from './asking-hq.ts';

/** Commands that change jobs and print the id of each one changed; the first fault ends them. */
export function addHqChanges(program: Command): void {
  const stop = program.command('stop').description('stop jobs that wait or run').argument('<id...>', 'the jobs');
  askingHq(stop, ['stop 109192606348480512']).action((ids: readonly string[], options: ServerOptions) =>
    each(ids, options, async (hq, id) => {
      await hq.stop(id);
      return id;
    }),
  );

  const remove = program.command('delete').description('delete ended jobs').argument('<id...>', 'the jobs');
  askingHq(remove, ['delete 109192606348480512']).action((ids: readonly string[], options: ServerOptions) =>
    each(ids, options, async (hq, id) => {
      await hq.delete(id);
      return id;
    }),
  );

  const restart = program
    .command('restart')
    .description('run ended jobs again')
    .argument('<id...>', 'the jobs')
    .option('-c, --copy', 'as new jobs, whose ids are printed');
  askingHq(restart, ['restart 109192606348480512', 'restart --copy 109192606348480512']).action(
    (ids: readonly string[], options: ServerOptions & { readonly copy?: boolean }) =>
      each(ids, options, async (hq, id) => (await hq.restart(id, options.copy)).id),
  );
}

async function each(ids: readonly string[], options: ServerOptions, change: (hq: Hq, id: string) => Promise<string>): Promise<void> {
  const { hq } = hqClientOf(options);
  for (const id of ids) await printLine(await change(hq, id));
}
