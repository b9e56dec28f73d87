/** docs/reference/cli.md, made from the program itself so that it cannot fall behind. */
import type { Argument, Command, Option } from 'commander';
import { errorsAsJson } from './client-command.ts';
import { examplesOf } from './examples.ts';
import { exitCodes, makeProgram } from './program.ts';

const head = `# Command line

<!-- Made from src/faces/cli: UPDATE_DOCS=1 npx vitest run src/faces/cli/reference writes it anew. -->

\`hatstand serve\` is the server; every other command asks one, at \`--address\` or \`HATSTAND_ADDRESS\`, with the token of \`--token\`
or \`HATSTAND_TOKEN\`. \`hatstand help <command>\` tells the same as this page. HQ's command line is \`hatstand hq\`:
[HQ's API](../hq.md#the-command-line).

- **Ids** are read from stdin in the place of \`-\`, one or more on a line, as they come. When there is none, there is nothing to do.
- **Durations** are such as \`500ms\`, \`30s\`, \`1m30s\`, \`2h\`, \`7d\`; a number alone is seconds.
- **\`--json\`** prints documents for programs: those that \`/v1\` answers (\`/v1/openapi.json\` describes them), each on a line of its own
  where there may be many. Errors go to stderr as \`{"error": {"code", "message", "details"}}\`, with the [codes](errors.md) of the API.
- **Variables** of the environment that begin with \`HATSTAND_\` and are nearly one that is known are told.

${exitCodes.replace(/^Exit codes: /, '**Exit codes:** ')}
`;

export function cliReference(): string {
  return `${head}${leavesOf(makeProgram()).map(section).join('')}`;
}

const leavesOf = (command: Command): readonly Command[] => (command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf));

/** `hatstand queues limit`, as somebody types it. */
export function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function section(command: Command): string {
  const options = command.options.filter(({ hidden, long }) => !hidden && long !== '--address' && long !== '--token');
  const isServe = command.name() === 'serve';
  const rows = isServe ? options.filter(({ long }) => long === '--config-file' || long === '--print-address') : options;
  const keys = isServe ? 'All other options are [keys of the configuration](config.md).\n' : '';
  const [short] = command.aliases();
  const alias = short === undefined ? '' : ` (short: \`${short}\`)`;
  return [
    `\n## ${nameOf(command)}\n`,
    `\`${nameOf(command)}${command.registeredArguments.map((each) => ` ${argumentText(each)}`).join('')} [options]\`${alias}\n`,
    `${sentence(command.description())}\n`,
    ...tableOf([...command.registeredArguments.filter(({ description }) => description !== '').map(argumentRow), ...rows.map(optionRow)]),
    ...(keys === '' ? [] : [keys]),
    `\`\`\`sh\n${examplesOf(command).map(withRemark).join('\n')}\n\`\`\`\n`,
  ].join('\n');
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function tableOf(rows: readonly string[]): readonly string[] {
  return rows.length === 0 ? [] : [`| | |\n| --- | --- |\n${rows.join('\n')}\n`];
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

const argumentRow = (argument: Argument): string => `| \`${argumentText(argument)}\` | ${cell(argument.description)} |`;

function optionRow({ flags, description, defaultValue, argChoices }: Option): string {
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(' or ')}`;
  const usual = defaultValue === undefined ? '' : ` (default: ${String(defaultValue)})`;
  return `| \`${cell(flags)}\` | ${cell(`${description.replace(errorsAsJson, '')}${choices}${usual}`)} |`;
}

/** A remark behind an example is a comment of the shell. */
const withRemark = (example: string): string =>
  example.replace(/^(.*?\S) {4,}(.*)$/, (_, line: string, remark: string) => `${line.padEnd(60)} # ${remark}`);
