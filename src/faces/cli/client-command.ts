/** What all commands that ask a server have in common. */
import type { Command } from 'commander';
import { build } from '../../build.ts';
import { HatstandError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { type Client, makeClient } from '../client/client.ts';
import { defaultAddress } from '../client/connection.ts';
import { withExamples } from './examples.ts';
import { mayBeCommand } from './usage-fault.ts';

export interface ServerOptions {
  readonly address?: string;
  readonly token?: string;
}

export interface ClientOptions extends ServerOptions {
  readonly json?: boolean;
}

/**
 * Adds the options and the examples.
 *
 * @param examples whole lines without the leading blanks
 * @param json what is printed as JSON
 */
export const askingServer = (command: Command, examples: readonly string[], json: string): Command =>
  withExamples(withJson(command, json), examples);

/** Which server is asked. */
export function withServer(command: Command): Command {
  return command
    .option('-a, --address <url>', `the server (else HATSTAND_ADDRESS, else ${defaultAddress})`)
    .option('--token <token>', "the server's token (else HATSTAND_TOKEN)");
}

/** Whose they are; without it, what belongs to no tenant. */
export const withDomain = (command: Command, described = 'their tenant'): Command => command.option('--domain <name>', described);

/** Said in the help of each command; the reference says it once. */
export const errorsAsJson = '; errors are `{"error": {code, message, details}}`';

const withJson = (command: Command, json: string): Command =>
  withServer(command).option('--json', `print JSON${json === '' ? '' : `: ${json}`}${errorsAsJson}`);

/** A group of commands; the server's options may stand before the one that is meant, and after it. */
export function addGroup(program: Command, name: string, description: string): Command {
  return withJson(program.command(name).description(description), '')
    .enablePositionalOptions()
    .hook('preSubcommand', (group, command) => {
      for (const [option, value] of Object.entries(group.opts())) command.setOptionValueWithSource(option, value, 'cli');
    });
}

/** Adds `list`, which is what a group of commands does by itself. A word that names none of its commands is refused. */
export function addListing<Options extends ClientOptions>(
  group: Command,
  what: string,
  json: string,
  show: (options: Options) => Promise<void>,
  withOptions: (command: Command) => Command = (command) => command,
): void {
  const name = `hatstand ${group.name()}`;
  const command = group.command('list', { isDefault: true }).description(`list ${what} (what \`${name}\` does)`).allowExcessArguments();
  askingServer(withOptions(command), [name], json).action(async (options: Options) => {
    const [word] = command.args;
    if (word === undefined) return show(options);
    const known = group.commands.map((each) => each.name());
    const fault = mayBeCommand(word)
      ? `There is no command "${name} ${word}"${didYouMean(word, known) || '.'}`
      : `What stands behind "${name}" is no command (not shown: it may be a secret).`;
    throw new HatstandError('invalid_request', `${fault} There are: ${known.join(', ')}.`);
  });
}

/** @param agent what the command calls itself to the server */
export function clientOf({ address, token }: ServerOptions, agent = 'Hatstand-Client'): Client {
  return makeClient({
    address: address ?? (process.env['HATSTAND_ADDRESS'] || defaultAddress),
    token: token ?? process.env['HATSTAND_TOKEN'] ?? null,
    userAgent: `${agent}/${build.version}`,
  });
}
