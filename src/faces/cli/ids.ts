/** The ids of jobs that a command is about. */
import type { Command } from 'commander';
import { linesOf } from './lines.ts';
import { note } from './terminal.ts';

export function withIds(command: Command): Command {
  return command.argument('[id...]', 'the jobs, or - for ids from stdin');
}

/** Those of the command line; in the place of `-`, those that stdin brings, as they come. None at all is told. */
export async function* idsOf(args: readonly string[]): AsyncGenerator<string, void> {
  let count = 0;
  for (const arg of args) {
    for await (const id of arg === '-' ? idsOfStdin() : [arg]) {
      count += 1;
      yield id;
    }
  }
  if (count === 0) note(args.includes('-') ? 'No id came from stdin: nothing to do.' : 'No id was given: nothing to do. See --help.');
}

async function* idsOfStdin(): AsyncGenerator<string> {
  for await (const lines of linesOf(process.stdin, 'stdin')) {
    for (const line of lines) yield* line.split(/\s+/).filter((id) => id !== '');
  }
}
