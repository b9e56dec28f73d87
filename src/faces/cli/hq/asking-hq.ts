/** What HQ's commands that ask a server have in common. */
import type { Command } from 'commander';
import type { Client } from '../../client/client.ts';
import { clientOf, type ServerOptions, withServer } from '../client-command.ts';
import { withExamples } from '../examples.ts';

/** @param examples without the name of the program */
export function askingHq(command: Command, examples: readonly string[]): Command {
  return withExamples(
    withServer(command),
    examples.map((example) => `hatstand hq ${example}`),
  );
}

export const hqClientOf = (options: ServerOptions): Client => clientOf(options, 'HQ-Client');
