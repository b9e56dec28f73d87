import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import type { Limit, Rate } from '../client/client.ts';
import { addGroup, addListing, askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { forEach } from './each.ts';
import { rate, whole } from './option-values.ts';
import { table } from './table.ts';
import { print, printLine } from './terminal.ts';

export function addLimits(program: Command): void {
  const limits = addGroup(program, 'limits', 'list, set and remove limits of how many jobs of a key run and are pushed');
  addListing(limits, 'limits', 'an array, as `GET /v1/limits` has it', list);
  addSet(limits);
  const remove = limits.command('remove').description('remove these limits').argument('<limit...>', 'keys or patterns');
  askingServer(remove, ['hatstand limits remove worker:mail'], '`{"limit": "…"}` on a line for each limit').action(
    async (names: readonly string[], options: ClientOptions) => {
      const client = clientOf(options);
      await forEach(names, options.json, async (name) => {
        await client.limits.delete(name);
        await printLine(options.json === true ? JSON.stringify({ limit: name }) : name);
      });
    },
  );
}

interface SetOptions extends ClientOptions {
  readonly rate?: Rate;
  readonly concurrency?: number;
  readonly pausedUntil?: string;
}

function addSet(limits: Command): void {
  const command = limits
    .command('set')
    .description('set a limit as a whole: how many jobs of a key run at once, and how many are pushed; what is not named is not bounded')
    .argument('<limit>', "worker:<name>, domain:<name>, a key that pushes name, or a pattern such as 'tenant:*'")
    .option('--concurrency <n>', 'run at most n jobs at once; the others wait parked', whole(1, 1_000_000))
    .option('--rate <n/duration>', 'push at most n jobs at once, and n per duration on average', rate)
    .option('--paused-until <time>', 'start none before, such as 2027-01-31T12:00:00Z; they wait parked');
  askingServer(
    command,
    ['hatstand limits set worker:mail --rate 1000/1h', "hatstand limits set 'tenant:*' --concurrency 2 --rate 10/1m"],
    'the limit, as `PUT /v1/limits/<name>` answers it',
  ).action(async (name: string, { rate: pushed, concurrency, pausedUntil, ...options }: SetOptions) => {
    if (pushed === undefined && concurrency === undefined && pausedUntil === undefined)
      throw new HatstandError('invalid_request', 'Say what to limit: --concurrency, --rate, --paused-until, or some of them.');
    const limit = await clientOf(options).limits.set(name, {
      ...{ concurrency: concurrency ?? null, rate: pushed ?? null, pausedUntil: pausedUntil ?? null },
    });
    await printLine(options.json === true ? JSON.stringify(limit) : name);
  });
}

async function list({ json, ...options }: ClientOptions): Promise<void> {
  const found = await clientOf(options).limits.list();
  await (json === true ? printLine(JSON.stringify(found, null, 2)) : print(limitTable(found)));
}

const textOf = (value: number | null): string => (value === null ? '-' : String(value));

const limitTable = (limits: readonly Limit[]): string =>
  table(
    ['LIMIT', 'CONCURRENCY', 'RATE', 'LEFT', 'RUNNING', 'PARKED', 'PAUSED'],
    limits.map(({ name, concurrency, rate: pushed, left, held, parked, pausedUntil }) => [
      name,
      textOf(concurrency),
      pushed === null ? '-' : `${pushed.max}/${pushed.per}`,
      ...[left, held, parked].map(textOf),
      pausedUntil === null ? '-' : `until ${pausedUntil}`,
    ]),
  );
