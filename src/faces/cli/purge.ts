import type { Command } from 'commander';
import { formatDuration, type Millis } from '../../core/duration.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { duration, whole } from './option-values.ts';
import { makeProgress } from './progress.ts';
import { printLine } from './terminal.ts';

interface PurgeOptions extends ClientOptions {
  readonly olderThan: Millis;
  readonly keep: number;
  readonly worker?: readonly string[];
  readonly domain?: string;
}

const also = (name: string, before: readonly string[] = []): readonly string[] => [...before, name];

export function addPurge(program: Command): void {
  const command = program
    .command('purge')
    .description('remove ended jobs that are old enough, but for the newest ones')
    .requiredOption('--older-than <duration>', 'so long ago a job must have ended', duration)
    .option('--keep <n>', 'so many of the newest stay however old they are: of each state, worker and domain', whole(0, 1_000_000), 50)
    .option('--worker <name>', 'only jobs of this worker; may be given more than once', also)
    .option('--domain <name>', 'only jobs of this tenant');
  askingServer(
    command,
    [
      'hatstand purge --older-than 14d',
      'hatstand purge --older-than 30d --keep 0 --worker mail --worker report',
      'hatstand purge --older-than 14d --domain acme',
    ],
    '`{looked, purged}`',
  ).action(purge);
}

async function purge({ olderThan, keep, worker, domain, ...options }: PurgeOptions): Promise<void> {
  const progress = makeProgress({
    done: 'looked at',
    part: () => null,
    bar: process.stderr.isTTY,
    write: (text) => process.stderr.write(text),
  });
  let looked = 0;
  const asked = { olderThan: formatDuration(olderThan), keep, workers: worker, domain };
  const done = await clientOf(options)
    .jobs.purge(asked, (until) => {
      progress.add(until.looked - looked);
      looked = until.looked;
    })
    .finally(() => progress.end());
  await printLine(options.json === true ? JSON.stringify(done) : `${done.purged} of ${done.looked} ended jobs are gone`);
}
