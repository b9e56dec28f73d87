import type { Command } from 'commander';
import { build } from '../../build.ts';
import { indentJson } from '../../core/json.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { printLine } from './terminal.ts';

/** Commands that show one thing as indented JSON, in which numbers keep all their digits. */
export function addInfo(program: Command): void {
  const info = program.command('info').description('show a job as JSON').argument('<id>', 'the job');
  askingServer(info, ['hatstand info 109192606348480512']).action(async (id: string, options: ClientOptions) => {
    await printLine(indentJson((await clientOf(options).hq.infoText(id)).trim()));
  });

  const stats = program.command('stats').description("show the server's statistics as JSON");
  askingServer(stats, ['hatstand stats', 'hatstand stats -a http://jobs.internal:19900']).action(async (options: ClientOptions) => {
    await printLine(indentJson((await clientOf(options).hq.statsText()).trim()));
  });

  program
    .command('version')
    .description('print the version')
    .option('--json', 'print JSON')
    .action((options: ClientOptions) =>
      printLine(options.json === true ? JSON.stringify({ ...build, node: process.versions.node }) : versionLine()),
    );
}

export const versionLine = (): string => `hatstand version ${build.version}${build.commit === '' ? '' : ` (${build.commit})`}`;
