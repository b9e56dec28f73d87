import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import type { Client, Queue, QueueLimits, Rate } from '../client/client.ts';
import { addGroup, addListing, askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { forEach } from './each.ts';
import { type None, nullOfNone, orNone, orWord, rate, whole } from './option-values.ts';
import { type Cell, table } from './table.ts';
import { note, print, printLine } from './terminal.ts';
import { shortDuration } from './times.ts';

const queueJson = '`{"queue": "…"}` with what was set, on a line for each queue';

export function addQueues(program: Command): void {
  const queues = addGroup(program, 'queues', 'list queues, pause, close and limit them');

  addListing(queues, 'queues', 'an array, as `GET /v1/queues` has it', list, (command) =>
    command.option('-l, --limit <n>', 'list at most n queues, or all', orWord(whole(1, 1_000_000_000), 'all'), 500),
  );

  for (const [verb, described, state] of orders) {
    const command = queues.command(verb).description(described).argument('<queue...>', 'the queues');
    askingServer(command, [`hatstand queues ${verb} mail`], queueJson).action(async (names: readonly string[], options: ClientOptions) => {
      const client = clientOf(options);
      await forEach(names, options.json, async (name) => {
        const isNew = state !== null && (await isUnknown(client, name));
        await client.queues[verb](name);
        await printLine(options.json === true ? JSON.stringify({ queue: name }) : name);
        if (isNew) note(`No job has named the queue ${name} yet: it is ${state} for when one does.`);
      });
    });
  }
  addLimit(queues);
}

/** What becomes of a queue that no job has named yet; `null`: nothing that it was not. */
const orders = [
  ['pause', 'start no more jobs of these queues; running ones finish', 'paused'],
  ['resume', 'start jobs of these queues again', null],
  ['close', 'take no new jobs into these queues; those that they have go on', 'closed'],
  ['open', 'take jobs into these queues again', null],
] as const;

interface ListOptions extends ClientOptions {
  readonly limit: number | 'all';
}

/** Queues of one request. */
const perPage = 500;

async function list({ limit, json, ...options }: ListOptions): Promise<void> {
  const client = clientOf(options);
  const most = limit === 'all' ? Number.POSITIVE_INFINITY : limit;
  const found: Queue[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.queues.page({ limit: Math.min(perPage, most - found.length), cursor });
    found.push(...page.queues);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.length < most);
  await (json === true ? printLine(JSON.stringify(found, null, 2)) : print(queueTable(found)));
  if (cursor !== undefined) note(`There are more: -l all, or a larger number than ${limit}.`);
}

/** Whether no job has named it and nothing was set. */
async function isUnknown(client: Client, name: string): Promise<boolean> {
  try {
    await client.queues.get(name);
    return false;
  } catch (error) {
    if (error instanceof HatstandError && error.code === 'not_found') return true;
    throw error;
  }
}

interface LimitOptions extends ClientOptions {
  readonly concurrency?: number | None;
  readonly rate?: Rate | None;
}

function addLimit(queues: Command): void {
  const command = queues
    .command('limit')
    .description('limit how a queue is served')
    .argument('<queue>', 'the queue')
    .option('--concurrency <n>', 'run at most n jobs at once, or none for no limit', orNone(whole(1, 1_000_000)))
    .option('--rate <n/duration>', 'start at most n jobs at once, and n per duration on average; or none for no limit', orNone(rate));
  askingServer(
    command,
    ['hatstand queues limit mail --concurrency 4 --rate 100/1s', 'hatstand queues limit mail --rate none'],
    queueJson,
  ).action(async (name: string, options: LimitOptions) => {
    const { concurrency, rate: starts } = options;
    if (concurrency === undefined && starts === undefined) {
      throw new HatstandError('invalid_request', 'Say what to limit: --concurrency, --rate, or both.');
    }
    const limits: QueueLimits = {
      ...(concurrency === undefined ? {} : { concurrency: nullOfNone(concurrency) }),
      ...(starts === undefined ? {} : { rate: nullOfNone(starts) }),
    };
    await clientOf(options).queues.limit(name, limits);
    await printLine(options.json === true ? JSON.stringify({ queue: name, ...limits }) : name);
  });
}

function queueTable(queues: readonly Queue[]): string {
  const head = ['QUEUE', 'SCHEDULED', 'QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'OLDEST', 'LIMITS', 'STATE'];
  return table(
    head,
    queues.map(({ name, paused, closed, concurrency, rate: starts, jobs, oldestWaiting }) => [
      name,
      ...[jobs.scheduled, jobs.queued, jobs.running + jobs.stopping, jobs.succeeded, jobs.failed, jobs.canceled].map(String),
      oldestWaiting === null ? '-' : shortDuration(oldestWaiting),
      [concurrency === null ? [] : [`${concurrency} at once`], starts === null ? [] : [`${starts.max}/${starts.per}`]].flat().join(', ') ||
        '-',
      stateOf({ paused, closed }),
    ]),
  );
}

/** What a table tells of it. */
export function stateOf({ paused, closed }: Pick<Queue, 'paused' | 'closed'>): string | Cell {
  const words = [...(paused ? ['paused'] : []), ...(closed ? ['closed'] : [])];
  return words.length === 0 ? 'open' : { text: words.join(', '), colour: 'yellow' };
}
