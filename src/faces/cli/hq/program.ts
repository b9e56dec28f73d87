/** HQ's command line: its commands, options, output and exit codes, asking HQ's API at the root. */
import { Command, CommanderError } from 'commander';
import { withExamples } from '../examples.ts';
import { type Failure, failureOf } from '../failure.ts';
import { addServe } from '../serve.ts';
import { suggestEverywhere } from '../suggestion.ts';
import { versionLine } from '../version.ts';
import { addHqChanges } from './change.ts';
import { addHqList } from './list.ts';
import { addHqPush } from './push.ts';
import { addHqShow } from './show.ts';

/**
 * Its errors are thrown (CommanderError) and not printed.
 *
 * @param name what it was called by: `hq`, or `hatstand hq`
 */
export function makeHqProgram(name: string): Command {
  const program = new Command(name)
    .description("HQ's command line, for scripts and people that know it. Jobs pushed here follow HQ's rules.")
    .usage('[<options...>] <command>')
    .version(versionLine('hq'), '-v, --version', 'print the version')
    .configureHelp({ sortSubcommands: true })
    .configureOutput({ outputError: () => undefined });
  addHqServe(program);
  addHqPush(program);
  addHqList(program);
  addHqShow(program);
  addHqChanges(program);
  suggestEverywhere(program);
  return withExamples(program, ['hatstand hq serve -c hq.toml', 'hatstand hq push job.json', 'hatstand hq list --status failure']);
}

/** The same server; the help shows HQ's options. */
function addHqServe(program: Command): void {
  addServe(program);
  const serve = program.commands.find((command) => command.name() === 'serve');
  if (serve === undefined) return;
  for (const option of serve.options) if (option.long !== '--config-file' && option.long !== '--log-level') option.hideHelp();
  withExamples(serve, [
    'hatstand hq serve',
    'hatstand hq serve -c /path/to/config.toml',
    'hatstand hq serve -config-file hq.toml -l debug',
  ]);
}

const [failed, noSuchCommand] = [1, 3];

/** HQ says in one way that something failed, and knows two exit codes. */
export function hqFailureOf(thrown: unknown): Failure | null {
  const failure = failureOf(thrown);
  if (failure === null) return null;
  const isUnknown = thrown instanceof CommanderError && thrown.code === 'commander.unknownCommand';
  return { ...failure, exit: isUnknown ? noSuchCommand : failed };
}

export const hqTextOf = ({ message }: Failure): string => `ERROR ${message}`;
