import type { Command } from 'commander';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { printLine } from './terminal.ts';

const verbs = [
  ['rebuild', 'have triggers looked at that would not be due in time; no run that is due is lost', 'were not due in time, and are now'],
  ['clean', 'delete triggers that push nothing any more, since no tick of them is left; their jobs stay', 'are gone'],
] as const;

export function addTriggerUpkeep(triggers: Command): void {
  for (const [verb, described, told] of verbs) {
    const command = triggers.command(verb).description(described).option('--domain <name>', 'only those of this tenant');
    askingServer(command, [`hatstand triggers ${verb}`, `hatstand triggers ${verb} --domain acme`], '`{looked, changed}`').action(
      async ({ domain, ...options }: ClientOptions & { readonly domain?: string }) => {
        const { looked, changed } = await clientOf(options).triggers[verb](domain);
        await printLine(options.json === true ? JSON.stringify({ looked, changed }) : `${changed} of ${looked} triggers ${told}`);
      },
    );
  }
}
