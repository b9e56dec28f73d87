/** `help queues limit`, and `queues limit --help`: the command that somebody wants help about. */
import type { Command } from 'commander';
import { unknownCommand } from './suggestion.ts';

/**
 * What is asked for help, as the command with `--help`; anything else as it came. Throws (CommanderError) for a word that is no
 * command: commander would show the help of what stands above it, which does not say that there is no such command.
 */
export function withTopic(args: readonly string[], program: Command): readonly string[] {
  const before = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const words = before.slice(0, before.findIndex((arg) => arg.startsWith('-')) >>> 0);
  const asked = words.indexOf('help');
  if (asked >= 0 && isGroup(words.slice(0, asked), program)) return [...pathOf(words.toSpliced(asked, 1), program), '--help'];
  if (before.includes('--help') || before.includes('-h')) pathOf(words, program);
  return args;
}

/** Whether the words name the program, or a command that has commands. */
function isGroup(words: readonly string[], program: Command): boolean {
  const command = words.reduce<Command | undefined>((above, word) => above && commandOf(above, word), program);
  return command !== undefined && command.commands.length > 0;
}

/** The names of commands that the first words are, without what follows the last of them. */
function pathOf(words: readonly string[], program: Command): readonly string[] {
  const path: string[] = [];
  let command = program;
  for (const word of words) {
    if (command.commands.length === 0) break;
    // Help about help is the help.
    if (word === 'help') break;
    const next = commandOf(command, word);
    if (next === undefined) throw unknownCommand(word, command);
    path.push(next.name());
    command = next;
  }
  return path;
}

const commandOf = ({ commands }: Command, word: string): Command | undefined =>
  commands.find((each) => each.name() === word || each.aliases().includes(word));
