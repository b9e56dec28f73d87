/** What was meant by an unknown command or option, also where it is one that help does not show. */
import { type Command, CommanderError } from 'commander';
import { nearest } from '../../core/nearest.ts';
import { meantBy } from '../../core/synonyms.ts';

/** Every fault of the program's command lines tells what was probably meant. The program must be complete. */
export function suggestEverywhere(program: Command): void {
  // Commander's own suggestions know nothing of what help does not show, of options with `=` and a value, and of one letter.
  program.showSuggestionAfterError(false).exitOverride((error) => {
    throw withSuggestion(error, program);
  });
  for (const command of program.commands) suggestEverywhere(command);
}

function withSuggestion(error: CommanderError, command: Command): CommanderError {
  const [, what, word = ''] = /^error: unknown (option|command) '(.*)'$/s.exec(error.message) ?? [];
  if (what === undefined) return error;
  const meant = what === 'command' ? meantCommand(word, command) : meantOption(word, command);
  if (meant === null) return error;
  return new CommanderError(error.exitCode, error.code, `${error.message}\n(Did you mean ${meant}?)`);
}

/** As commander throws it, for a word in the place of a command of this one. */
export function unknownCommand(word: string, command: Command): CommanderError {
  return withSuggestion(new CommanderError(1, 'commander.unknownCommand', `error: unknown command '${word}'`), command);
}

/** What other programs call a command of ours, those of HQ and of our names for them included. */
const commandSynonyms = new Map([
  ['start', 'serve'],
  ['server', 'serve'],
  ['run', 'serve'],
  ['add', 'push'],
  ['create', 'push'],
  ['enqueue', 'push'],
  ['submit', 'push'],
  ['get', 'info'],
  ['show', 'info'],
  ['describe', 'info'],
  ['status', 'stats'],
  ['abort', 'cancel'],
  ['kill', 'cancel'],
  ['stop', 'cancel'],
  ['cancel', 'stop'],
  ['remove', 'delete'],
  ['retry', 'restart'],
  ['rerun', 'restart'],
]);

function meantCommand(word: string, { commands }: Command): string | null {
  const known = commands.flatMap((each) => [each.name(), ...each.aliases()]);
  const synonym = commandSynonyms.get(word);
  return synonym !== undefined && known.includes(synonym) ? synonym : nearest(word, known);
}

/** What other servers call an option of ours. */
const optionSynonyms = new Map([
  ['--port', '--addr host:port'],
  ['--host', '--addr host:port'],
  ['--bind', '--addr host:port'],
  ['--listen', '--addr host:port'],
]);

function meantOption(written: string, { options }: Command): string | null {
  const [, dashes = '', name = ''] = /^(--?)([^=]*)/.exec(written) ?? [];
  // Without their dashes, which would make short ones look alike.
  const known = [...options.flatMap(({ long }) => long?.slice(2) ?? []), 'help'];
  const address = optionSynonyms.get(`${dashes}${name}`);
  if (address !== undefined && known.includes('addr')) return address;
  const meant = name.length > 1 ? meantBy(name, known) : null;
  if (meant !== null) return `--${meant}`;
  return dashes === '-' ? meantLetter(name.charAt(0), options) : null;
}

/** The options that it begins, or the one whose letter it is in the other case. */
function meantLetter(letter: string, options: Command['options']): string | null {
  if (letter === '') return null;
  const shown = options.filter(({ hidden }) => !hidden);
  const other = shown.find(({ short }) => short?.toLowerCase() === `-${letter.toLowerCase()}`);
  if (other !== undefined) return other.short ?? null;
  const begun = shown.flatMap(({ long }) => (long?.startsWith(`--${letter.toLowerCase()}`) ? [long] : []));
  return begun.length === 0 ? null : begun.join(' or ');
}
