import type { Command } from 'commander';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { makeProgress } from './progress.ts';
import { paint, printLine } from './terminal.ts';

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      "compare the store's indexes with its records, repair them, and tell what somebody should see to; repairs and warnings are no failure of the command, so a monitor reads them with --json",
    );
  askingServer(command, ['hatstand doctor'], '`{durability, checked, repaired, warnings}`').action(examine);
}

async function examine(options: ClientOptions): Promise<void> {
  const client = clientOf(options);
  const { durability, survives } = await client.stats();
  const progress = makeProgress({
    done: 'checked',
    part: () => null,
    bar: process.stderr.isTTY,
    write: (text) => process.stderr.write(text),
  });
  const found = { durability, checked: 0, repaired: {} as Record<string, number>, warnings: [] as string[] };
  let cursor: string | null = null;
  try {
    do {
      const { checked, repaired, warnings, next } = await client.upkeep.examine(cursor);
      found.checked += checked;
      found.warnings.push(...warnings);
      for (const [kind, count] of Object.entries(repaired)) found.repaired[kind] = (found.repaired[kind] ?? 0) + count;
      progress.add(checked);
      cursor = next;
    } while (cursor !== null);
  } finally {
    progress.end();
  }
  if (options.json === true) return printLine(JSON.stringify(found));
  const repairs = Object.entries(found.repaired).map(([kind, count]) => `${kind} ${count}`);
  await printLine(`store     ${durability}: ${survives}`);
  await printLine(`checked   ${found.checked}`);
  await printLine(`repaired  ${repairs.length === 0 ? 'nothing' : paint('yellow', repairs.join(', '))}`);
  for (const warning of found.warnings) await printLine(`${paint('yellow', 'warning')}   ${warning}`);
}
