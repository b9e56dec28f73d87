/** What commander says about a wrong command line, without the words that may be secret. */
import type { CommanderError } from 'commander';
import { hideLogins } from '../../core/login.ts';

/** Whether a word that is no command may be shown: only if it looks like one, for anything else in its place may be secret. */
export const mayBeCommand = (word: string): boolean => /^[a-z-]{1,20}$/.test(word);

export function usageFault({ code, message }: CommanderError): string {
  const [, said = '', suggestion = ''] = /^(?:error: )?(.*?)(\n\(Did you mean [^()\n]*\?\))?$/s.exec(message) ?? [];
  return hideLogins(`${without[code]?.(said) ?? said}${suggestion}`);
}

/** By commander's codes: its message without the values that it could not use. */
const without: Readonly<Record<string, (said: string) => string>> = {
  'commander.unknownOption': (said) => said.replace(/'(.*)'$/s, (_, option: string) => `'${optionName(option)}'`),
  'commander.unknownCommand': (said) => said.replace(/'(.*)'$/s, (all, word: string) => (mayBeCommand(word) ? all : notShown)),
  'commander.excessArguments': (said) => said.replace(/(but got \d+): .*/s, `$1 ${notShown}. ${rightBehind}`),
  'commander.invalidArgument': (said) => said.replace(/^(option '-H, --header [^']*' argument) '.*' is invalid/s, '$1 is invalid'),
};

const notShown = '(not shown: it may be a secret)';
const rightBehind = 'Write each value right behind the name of its option, as in --name value.';

/** An option without its value, which follows a `=`, or the letter of a short option. */
function optionName(written: string): string {
  const [name = ''] = written.split('=', 1);
  if (/^--?[a-z][a-z-]{0,40}$/i.test(name)) return name;
  return `${name.slice(0, name.startsWith('--') ? 3 : 2)}…`;
}
