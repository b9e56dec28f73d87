import type { Command } from 'commander';
import { indentJson } from '../../../core/json.ts';
import type { ServerOptions } from '../client-command.ts';
import { printLine } from '../terminal.ts';
import { askingHq, hqClientOf } from './asking-hq.ts';

/** Commands that show one thing as indented JSON, in which numbers keep all their digits. */
export function addHqShow(program: Command): void {
  const info = program.command('info').description('show a job as JSON').argument('<id>', 'the job');
  askingHq(info, ['info 109192606348480512']).action(async (id: string, options: ServerOptions) =>
    printLine(indentJson((await hqClientOf(options).hq.infoText(id)).trim())),
  );

  const stats = program.command('stats').description("show the server's figures as JSON");
  askingHq(stats, ['stats']).action(async (options: ServerOptions) =>
    printLine(indentJson((await hqClientOf(options).hq.statsText()).trim())),
  );
}
