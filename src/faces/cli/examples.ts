/** Examples of a command: in its help, in the reference, and run by a test. */
import type { Command } from 'commander';

const all = new WeakMap<Command, readonly string[]>();

export const examplesOf = (command: Command): readonly string[] => all.get(command) ?? [];

/** Takes the place of those that it had. They are whole lines; what stands behind five blanks is a remark. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  if (!all.has(command))
    command.addHelpText(
      'after',
      () =>
        `\nExamples:\n${examplesOf(command)
          .map((example) => `  ${example}`)
          .join('\n')}`,
    );
  all.set(command, examples);
  return command;
}
