import type { Command } from 'commander';
import { build } from '../../build.ts';
import { withExamples } from './examples.ts';
import { printLine } from './terminal.ts';

export function addVersion(program: Command): void {
  const command = program.command('version').description('print the version').option('--json', 'print JSON');
  withExamples(command, ['hatstand version', 'hatstand version --json']).action((options: { readonly json?: boolean }) =>
    printLine(options.json === true ? JSON.stringify({ ...build, node: process.versions.node }) : versionLine('hatstand')),
  );
}

export const versionLine = (program: string): string =>
  `${program} version ${build.version}${build.commit === '' ? '' : ` (${build.commit})`}`;
